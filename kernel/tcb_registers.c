/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Threads: reading and writing their registers. */
#include "kernel/sched.h"
#include "kernel/tcb.h"
#include "kernel/x86/x86.h"

/* Registers of a program, and after them those of its thread-local storage. */
#define FRAME_REGISTERS   X86_FS_BASE
#define INTEGER_REGISTERS (X86_REGISTERS - X86_FS_BASE)

/* Bit numbers of the first argument. */
#define READ_SUSPENDS_SOURCE   0x1u
#define WRITE_RESUMES_TARGET   0x1u
#define COPY_SUSPENDS_SOURCE   0x1u
#define COPY_RESUMES_TARGET    0x2u
#define COPY_TRANSFERS_FRAME   0x4u
#define COPY_TRANSFERS_INTEGER 0x8u

enum answer decode_tcb_read_registers(struct call *call, struct tcb *tcb)
{
    if (call->length < 2) {
        return answer_truncated(call, 2, 0);
    }
    uint64_t flags = call->args[0];
    uint64_t count = call->args[1];
    if (count < 1 || count > X86_REGISTERS) {
        return answer_range(call, 1, X86_REGISTERS,
                            WHY("%u registers cannot be read, only 1 to %u", count, X86_REGISTERS));
    }
    if (tcb == call->caller) {
        return answer_illegal(call, WHY("a thread cannot read its own registers"));
    }

    if (flags & READ_SUSPENDS_SOURCE) {
        tcb_suspend(call->k, tcb);
    }
    for (unsigned i = 0; i < count; i++) {
        call_result(call, tcb->registers.r[i]);
    }
    return ANSWER_DONE;
}

#define WRITE_FIRST_ARG 2 /* flags and count come before the registers */
_Static_assert(CALL_ARGS_MAX >= WRITE_FIRST_ARG + X86_REGISTERS, "all registers are in args");

enum answer decode_tcb_write_registers(struct call *call, struct tcb *tcb)
{
    if (call->length < WRITE_FIRST_ARG) {
        return answer_truncated(call, WRITE_FIRST_ARG, 0);
    }
    uint64_t flags = call->args[0];
    uint64_t count = call->args[1];
    if (call->length - WRITE_FIRST_ARG < count) {
        return answer_truncated(call, WRITE_FIRST_ARG + (unsigned)count, 0);
    }
    if (tcb == call->caller) {
        return answer_illegal(call, WHY("a thread cannot write its own registers"));
    }

    for (unsigned i = 0; i < count && i < X86_REGISTERS; i++) {
        tcb->registers.r[i] =
            x86_sanitise_register((enum x86_register)i, call->args[WRITE_FIRST_ARG + i]);
    }
    tcb_restart_syscall(tcb);
    if (flags & WRITE_RESUMES_TARGET) {
        tcb_restart(call->k, tcb);
    }
    return ANSWER_DONE;
}

static void copy_registers(struct tcb *target, const struct tcb *source, unsigned first,
                           unsigned count)
{
    for (unsigned i = first; i < first + count; i++) {
        target->registers.r[i] = source->registers.r[i];
    }
}

enum answer decode_tcb_copy_registers(struct call *call, struct tcb *tcb)
{
    if (call->length < 1 || call->extra_count < 1) {
        return answer_truncated(call, 1, 1);
    }
    uint64_t flags = call->args[0];
    struct cap cap = call->extra[0]->cap;
    if (!cap_is(cap, CAP_TCB)) {
        return answer_invalid_cap(call, 1, WHY("the source is no TCB"));
    }

    struct tcb *source = tcb_at(call->k, cap_object(cap));
    if (flags & COPY_SUSPENDS_SOURCE) {
        tcb_suspend(call->k, source);
    }
    if (flags & COPY_RESUMES_TARGET) {
        tcb_restart(call->k, tcb);
    }
    if (flags & COPY_TRANSFERS_FRAME) {
        copy_registers(tcb, source, 0, FRAME_REGISTERS);
        tcb_restart_syscall(tcb);
    }
    if (flags & COPY_TRANSFERS_INTEGER) {
        copy_registers(tcb, source, FRAME_REGISTERS, INTEGER_REGISTERS);
    }
    if (tcb == call->caller) {
        sched_reschedule(call->k);
    }
    return ANSWER_DONE;
}
