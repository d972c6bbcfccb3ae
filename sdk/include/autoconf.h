/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The configuration: both headers are generated, one set for each configuration of a board. */
#pragma once

#include <kernel/gen_config.h>
#include <sel4/gen_config.h>
