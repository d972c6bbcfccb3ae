/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The debug and benchmark system calls, and those outside the API list. */
#pragma once

#include "kernel/state.h"

/* Execute system call `number`, which is none of the API's, for the current thread. Returns false
 * when this configuration has none of that number: an unknown system call. */
bool debug_syscall(struct kernel *k, int64_t number);
