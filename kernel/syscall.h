/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The system calls of the API: each product has its own list. */
#pragma once

#include "kernel/call.h"

/* Execute a call of the product's list, -1 down to product_numbers.last_syscall, as the current
 * thread. ANSWER_PREEMPTED when it is to be executed again. */
enum answer syscall_perform(struct kernel *k, int64_t number);
