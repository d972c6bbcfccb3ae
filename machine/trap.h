/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Memory-mapped registers: the instruction of a guest that touched one is decoded and carried out
 * against the board.
 */
#pragma once

#include <stddef.h>

#include "abi/paddr.h"
#include "abi/x86/registers.h"
#include "kernel/kernel.h"
#include "machine/board.h"
#include "machine/memory.h"

struct platform;

struct trap {
    struct kernel *kernel;
    struct memory *memory;
    struct board *board;
    struct platform *platform;           /* which has the threads' vector registers */
    const struct kernel_region *regions; /* what is RAM, what is ROM; all else is the board's */
    size_t region_count;
};

/* The thread whose instruction it is. */
struct trap_thread {
    paddr tcb;
    paddr vspace;
    struct x86_registers *registers;
};

enum trap_result {
    TRAP_DONE,    /* registers are those after the instruction */
    TRAP_PART,    /* a repeated instruction has more to do: run the thread, which comes back */
    TRAP_FAULT,   /* an operand is not mapped, or not writable: the guest's fault, at `address` */
    TRAP_UNKNOWN, /* an instruction that is not emulated: `what` of the answer says which */
};

struct trap_answer {
    enum trap_result result;
    uint64_t address; /* TRAP_FAULT: what could not be reached */
    bool write;       /* TRAP_FAULT: it was to be written */
    char what[96];    /* TRAP_UNKNOWN: the instruction, for a person */
};

/* Carry out the instruction at rip. Unless the answer is TRAP_DONE or TRAP_PART, nothing is changed. */
struct trap_answer trap_emulate(const struct trap *trap, const struct trap_thread *thread);

/* A physical address that reads as memory: RAM or ROM. */
bool trap_is_memory(const struct trap *trap, paddr address);

/* A physical address that guests can write. */
bool trap_is_ram(const struct trap *trap, paddr address);
