/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Domains: who may run when, by a fixed schedule. */
#pragma once

#include "kernel/call.h"

enum answer decode_domain(struct call *call);

/* Boot: domain 0 has one turn that never ends. */
void domain_boot(struct kernel *k);

/* The current domain's turn is over, and there can be others. */
bool domain_has_expired(const struct kernel *k);

/* Sooner or later it is the turn of another domain in which a thread is ready. */
bool domain_will_wake(const struct kernel *k);

/* Sooner or later it is the turn of another domain. */
bool domain_will_change(const struct kernel *k);

/* The turn of the current domain is over: the next one's begins. */
void domain_next(struct kernel *k);
