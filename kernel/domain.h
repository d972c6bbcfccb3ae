/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Domains: who may run when, by a fixed schedule. */
#pragma once

#include "kernel/call.h"

enum answer decode_domain(struct call *call);

/* Boot: domain 0 has one turn that never ends. */
void domain_boot(struct kernel *k);

/* Time passes. MCS: a rest that would not pay for a kernel entry counts as nothing. */
void domain_elapse(struct kernel *k, uint64_t ticks);

/* The current domain's turn is over, and there can be others. */
bool domain_has_expired(const struct kernel *k);

/* Sooner or later it is the turn of another domain in which a thread is ready. */
bool domain_will_wake(const struct kernel *k);

/* The turn of the current domain is over: the next one's begins. */
void domain_next(struct kernel *k);
