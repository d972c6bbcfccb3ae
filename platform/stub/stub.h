/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The pieces of the stub, for one another. None of them returns. */
#pragma once

#include <signal.h>
#include <stdint.h>
#include <ucontext.h>

/* One text, one address: no table of addresses in between. */
#pragma GCC visibility push(hidden)

/* entry.c: where Linux starts the cell. */
_Noreturn void stub_start(void);

/* mapper.S: unmap all that is not the stub's, then serve orders for ever. Keeps everything in
 * registers. */
_Noreturn void stub_mapper(void);

/* trap.c: the one signal handler. */
_Noreturn void stub_trap(int signal, siginfo_t *info, void *context);

/* park.S: everything about the guest is saved; ring the bell, wait, and go on as told.
 * fpu is the FPU state to go on with, or NULL if that is still in the CPU. */
_Noreturn void stub_park(uint64_t slot, const void *fpu);

/* park.S: go back to what a signal interrupted inside the stub. */
_Noreturn void stub_return(const greg_t *registers, const void *fpu);

/* park.S: what rt_sigreturn would be. Stops the cell. */
_Noreturn void stub_never(void);

#pragma GCC visibility pop
