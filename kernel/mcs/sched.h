/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What scheduling contexts need of the MCS kernel's rules of scheduling. */
#pragma once

#include "kernel/sched.h"

/* If the thread is in the release queue, take it out. */
void sched_release_remove(struct kernel *k, struct tcb *tcb);
/* The thread of a scheduling context has to wait for its refill. */
void sched_postpone(struct kernel *k, struct sched_context *sc);
/* The current scheduling context pays for what was consumed; its budget is known to suffice. */
void sched_commit(struct kernel *k);
