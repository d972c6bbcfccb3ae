/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Systems that were built for another configuration. The numbers of invocations and system calls
 * depend on options, so a program finds that out in strange ways; a person is told by the first
 * number that means nothing here and would make sense elsewhere.
 *
 * Rules
 *   Told once, in configurations without printing too: the guest cannot know what is wrong.
 *   Only the first nonsensical label, and the first nonsensical system call, is looked at. Those who make
 *   mistakes on purpose, as tests do, have made sensible calls before.
 */
#pragma once

#include "kernel/call.h"

/* The label of an invocation does not exist for the object. */
void mismatch_label(struct call *call);

/* A thread without a fault handler has made a system call that does not exist. */
void mismatch_syscall(struct kernel *k, const struct tcb *tcb, int64_t number);
