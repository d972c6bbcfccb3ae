/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Breakpoints, each of one VSpace.
 *
 * RAM is never changed. A page with a breakpoint is mapped, in that VSpace's cell alone, to a copy
 * which has int3 in its place: a spare frame behind the machine's memory, where no guest owns
 * anything. The kernel, gdb and other VSpaces see the frame itself; only a program that reads its own
 * text finds the int3.
 *
 * Rules
 *   The copy is read-only. A write to the page, where the kernel allows it, is executed as one step
 *   on the frame itself, with all breakpoints of the VSpace lifted.
 *   Before a thread runs, the copies of its VSpace are brought up to date with what the kernel maps
 *   and what the frames hold: gdb_breaks_apply().
 *   gdb takes its breakpoints out whenever the machine stops, and puts them in when it goes on,
 *   whichever thread it looks at meanwhile. So an address that was taken out keeps its VSpace until
 *   the machine has gone on without it: gdb_breaks_forget().
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/paddr.h"

struct machine;

#define GDB_BREAKS_MAX 128
#define GDB_COPIES_MAX 64 /* pages with breakpoints */

struct gdb_breaks {
    struct machine *machine;
    paddr spare; /* the first of GDB_COPIES_MAX frames for copies */
    struct gdb_break {
        paddr vspace;
        uint64_t address;
        bool inserted;
    } breaks[GDB_BREAKS_MAX];
    unsigned count;
    struct gdb_copy {
        paddr vspace; /* 0: not in use */
        uint64_t page;
        paddr frame; /* that it is a copy of */
        bool mapped; /* the cell has it, as far as we know */
    } copies[GDB_COPIES_MAX];
    bool lifted;
    paddr lifted_vspace;
    paddr lifted_tcb; /* that is to execute one instruction */
};

/* Returns 0; -EFAULT: there is no RAM at that address of the VSpace; -ENOSPC: too many. */
int gdb_breaks_insert(struct gdb_breaks *breaks, paddr vspace, uint64_t address);

/* Take out what is at that address. Nothing there is fine. */
void gdb_breaks_remove(struct gdb_breaks *breaks, uint64_t address);
void gdb_breaks_remove_all(struct gdb_breaks *breaks);

/* Forget the VSpaces of those that are out. */
void gdb_breaks_forget(struct gdb_breaks *breaks);

/* Whether a thread of the VSpace that has executed an int3 in front of this address met one. */
bool gdb_breaks_hit(const struct gdb_breaks *breaks, paddr vspace, uint64_t after);

/* A thread is about to run. Returns whether it has to execute a single instruction, being lifted. */
bool gdb_breaks_apply(struct gdb_breaks *breaks, paddr tcb, paddr vspace);

/* The thread wrote to this address, and faulted. Returns whether it may, and only could not because
 * of a breakpoint: it is lifted for one instruction. */
bool gdb_breaks_lift(struct gdb_breaks *breaks, paddr tcb, paddr vspace, uint64_t address);

/* The instruction has been executed, or something else has happened. */
void gdb_breaks_lower(struct gdb_breaks *breaks);

/* The cell of the VSpace got a mapping: copies in this range have to be mapped again. */
void gdb_breaks_mapped(struct gdb_breaks *breaks, paddr vspace, uint64_t vaddr, uint64_t bytes);

/* The VSpace is gone. */
void gdb_breaks_release(struct gdb_breaks *breaks, paddr vspace);
