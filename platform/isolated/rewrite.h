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
 *   RAM is never changed. A rewritten page is a copy in the cell's control memory, mapped in place of
 *   the frame, and in that cell only.
 *   A rewritten page cannot be written in its cell, whatever the guest's rights: a write faults, and
 *   the page is put back first. A frame that anybody else can write to, through another mapping or as
 *   the kernel, is not rewritten; when it becomes so, its pages are put back before that. What was put
 *   back is left alone for a while, each time for longer.
 *   Addresses that leave the platform are the original ones. Of those that come in, the few that would
 *   meet the middle of a jump are dealt with before the thread runs: rewrite_resume().
 *   A guest that copies its text copies jumps. They lead to the same thunks wherever the copy runs, and
 *   become what they stood for when they are first used.
 *   Without rewriting everything works.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/x86/registers.h"
#include "platform/isolated/table.h"

struct cell;
struct platform_fault;
struct platform_thread;

/* What a cell has rewritten. */
struct rewrite {
    struct table pages;      /* struct page, by guest address */
    struct page *free_pages; /* that have a place for a copy, and no use */
    unsigned copies;         /* places for copies that were ever in use */
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

/* These frames are about to become writable, or to be written to: put them back wherever they are
 * rewritten. */
void rewrite_writable(struct platform *platform, paddr frame, uint64_t bytes);

/* Was this fault a write to a rewritten page that the guest may write to? Then it is put back, and the
 * guest can go on. */
bool rewrite_written(struct cell *cell, const struct platform_fault *fault);

/* What was mapped at [first, end) is gone. */
void rewrite_forget(struct cell *cell, uint64_t first, uint64_t end);

/* The cell is gone. */
void rewrite_free(struct cell *cell);

/* The platform is gone. */
void rewrite_free_frames(struct platform *platform);
