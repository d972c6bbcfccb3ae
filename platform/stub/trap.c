/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Every way of a guest into the kernel but the rewritten one: a system call that Linux refused, a CPU
 * exception, the preemption signal. Runs on the thread's own signal stack, where Linux has put the
 * guest's state, and never returns: leaving goes through stub_park().
 */
#include <stdbool.h>

#include "platform/stub/layout.h"
#include "platform/stub/stub.h"

/* Unsigned wrap-around makes each one comparison. */
static bool in_stub(uint64_t rip)
{
    return rip - STUB_BASE < STUB_HIGH_BYTES || rip - STUB_LOW_BASE < STUB_LOW_BYTES;
}

static void save_registers(struct x86_registers *to, const greg_t *from)
{
    to->r[X86_RIP] = (uint64_t)from[REG_RIP];
    to->r[X86_RSP] = (uint64_t)from[REG_RSP];
    to->r[X86_RFLAGS] = (uint64_t)from[REG_EFL];
    to->r[X86_RAX] = (uint64_t)from[REG_RAX];
    to->r[X86_RBX] = (uint64_t)from[REG_RBX];
    to->r[X86_RCX] = (uint64_t)from[REG_RCX];
    to->r[X86_RDX] = (uint64_t)from[REG_RDX];
    to->r[X86_RSI] = (uint64_t)from[REG_RSI];
    to->r[X86_RDI] = (uint64_t)from[REG_RDI];
    to->r[X86_RBP] = (uint64_t)from[REG_RBP];
    to->r[X86_R8] = (uint64_t)from[REG_R8];
    to->r[X86_R9] = (uint64_t)from[REG_R9];
    to->r[X86_R10] = (uint64_t)from[REG_R10];
    to->r[X86_R11] = (uint64_t)from[REG_R11];
    to->r[X86_R12] = (uint64_t)from[REG_R12];
    to->r[X86_R13] = (uint64_t)from[REG_R13];
    to->r[X86_R14] = (uint64_t)from[REG_R14];
    to->r[X86_R15] = (uint64_t)from[REG_R15];
    __asm__ volatile("rdfsbase %0" : "=r"(to->r[X86_FS_BASE]));
    __asm__ volatile("rdgsbase %0" : "=r"(to->r[X86_GS_BASE]));
}

void stub_trap(int signal, siginfo_t *info, void *context)
{
    const mcontext_t *machine = &((const ucontext_t *)context)->uc_mcontext;
    const greg_t *from = machine->gregs;

    /* A preemption that comes too early or too late. The kernel sends another when it means it. */
    if (signal == STUB_SIGNAL_PREEMPT && in_stub((uint64_t)from[REG_RIP])) {
        stub_return(from, machine->fpregs);
    }

    uint64_t slot = (uint64_t)__builtin_frame_address(0) & ~(uint64_t)(SLOT_BYTES - 1);
    struct stub_save *save = (struct stub_save *)(slot + SLOT_SAVE);
    save_registers(&save->registers, from);
    save->signal = (uint64_t)signal;
    save->code = (uint64_t)(int64_t)info->si_code;
    save->vector = (uint64_t)from[REG_TRAPNO];
    save->error = (uint64_t)from[REG_ERR];
    save->address = (uint64_t)from[REG_CR2];
    save->cs = (uint64_t)from[REG_CSGSFS] & 0xffff;
    if (signal == SIGSYS) {
        save->address = (uint64_t)info->si_call_addr;
        save->arch = info->si_arch;
    }
    stub_park(slot, machine->fpregs);
}
