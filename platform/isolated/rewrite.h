/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * System calls that need no signal. The eight bytes of a usual site,
 *
 *     S     48 89 e3   mov %rsp,%rbx       or 49 89 e6   mov %rsp,%r14
 *     S+3   0f 05      syscall                0f 05      syscall
 *     S+5   48 89 dc   mov %rbx,%rsp          4c 89 f4   mov %r14,%rsp
 *
 * become `jmp thunk` and, where they were, the last three. The thunk does what the first five did,
 * as far as the kernel can tell, and what comes back goes on at S+5.
 *
 * Rules
 *   A rewritten page is a copy of the frame, in one cell: pages.h.
 *   Addresses that leave the platform are the original ones. Of those that come in, the few that would
 *   meet the middle of a jump are dealt with before the thread runs: rewrite_resume().
 *   A guest that copies its text copies jumps. They lead to the same thunks wherever the copy runs, and
 *   become what they stood for when they are first used.
 *   Without rewriting everything works.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/paddr.h"
#include "abi/x86/registers.h"

struct cell;
struct platform_thread;

/* Of a cell. */
struct rewrite {
    /* Sites that cannot be rewritten now, by some bits of the address; to be tried again when so many
     * runs have passed. */
    struct refusal {
        uint64_t site, until_run;
    } refusals[64];
};

/* A thread was stopped by a signal at `syscall`: rewrite the site if it is a usual one. The next call
 * from there comes through a thunk. */
void rewrite_site(struct cell *cell, uint64_t rip);

/* A system call came through a thunk. If it came from a copy that the guest made of rewritten text, put
 * into that what a copy of the original would hold. */
void rewrite_arrived(struct cell *cell, uint64_t rip);

enum rewrite_resume {
    RESUME_RUN,     /* let it run */
    RESUME_SYSCALL, /* it stands at a rewritten `syscall`, which is a system call without running */
    RESUME_STEPPED, /* single-stepped over the instruction in front of it */
};

/* What to do with a thread that is about to run: may change registers, and put pages back. */
enum rewrite_resume rewrite_resume(struct cell *cell, const struct platform_thread *thread);

/* The thread was stopped in front of a thunk's first instruction, where only single-stepping stops it:
 * make registers those of the original code. */
void rewrite_stepped_into_thunk(struct cell *cell, struct x86_registers *registers);

/* An instruction at this address is to be executed as it is: put it back if it lies inside a jump. */
void rewrite_keep(struct cell *cell, uint64_t address);

/* A guest that copies rewritten text copies jumps. Put into a page what a copy of the original would
 * hold: whoever looks at its sites is to find them. */
void rewrite_restore(struct cell *cell, uint64_t address, paddr frame);
