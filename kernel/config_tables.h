/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The numbers of invocations and object types, which depend on the configuration. */
#pragma once

#include "kernel/state.h"

/* Fill in the tables invocation_of_label and type_of_number from k->config. At boot. */
void config_number_tables(struct kernel *k);

/* What a label means in any configuration. */
enum invocation config_invocation(const struct kernel_config *config, uint64_t label);
