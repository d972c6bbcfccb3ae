/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Domains: who may run when, by a fixed schedule. */
#pragma once

#include "kernel/call.h"

enum answer decode_domain(struct call *call);

/* The turn of the current domain is over: the next one's begins. */
void domain_next(struct kernel *k);
