/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Timeouts: faults of threads whose scheduling context has run out. MCS. */
#pragma once

#include "kernel/fault.h"

/* It has a timeout handler. */
bool fault_wants_timeout(const struct tcb *tcb);

/* Its scheduling context ran out, and it wants timeouts: tell the handler. */
void fault_timeout(struct kernel *k, struct tcb *tcb);
