/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The debug and benchmark system calls: those outside the API's list that cost no budget. */
#pragma once

#include "kernel/state.h"

/* Execute system call `number` for the current thread. Returns false when this configuration has
 * none of that number. */
bool debug_syscall(struct kernel *k, int64_t number);

/* The number of SetTLSBase, which is outside the API's list as well but is no debug call. */
int64_t debug_set_tls_base_number(void);
