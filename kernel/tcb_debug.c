/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Threads: breakpoints and single steps, of the hardware debug API.
 *
 * The CPU's debug registers are the host's, so no breakpoint can be set. All other arguments are
 * checked before that is said.
 */
#include "abi/message.h"
#include "kernel/tcb.h"

#define BREAKPOINTS 4 /* debug registers 0 to 3 */

#define FLAG_TRAP 0x100u /* RFLAGS.TF */

static unsigned breakpoint_number(const struct call *call)
{
    return (uint16_t)call->args[0];
}

static enum answer check_number(struct call *call)
{
    unsigned number = breakpoint_number(call);
    if (number >= BREAKPOINTS) {
        return answer_range(
            call, 0, BREAKPOINTS - 1,
            WHY("there is no breakpoint %u, only 0 to %u", number, BREAKPOINTS - 1));
    }
    return ANSWER_DONE;
}

/* Arguments of SetBreakpoint, by number. */
enum { ARG_ADDRESS = 1, ARG_TYPE, ARG_BYTES, ARG_ACCESS };

static enum answer check_instruction_breakpoint(struct call *call)
{
    if (call->args[ARG_BYTES] != 0) {
        return answer_invalid_argument(
            call, ARG_BYTES,
            WHY("an instruction breakpoint has a size of 0, not %u", call->args[ARG_BYTES]));
    }
    if (call->args[ARG_ACCESS] != BREAK_ON_READ) {
        return answer_invalid_argument(call, ARG_ACCESS,
                                       WHY("an instruction breakpoint breaks on read only"));
    }
    return ANSWER_DONE;
}

static bool is_size(uint64_t bytes)
{
    return bytes == 0 || bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8;
}

static enum answer check_breakpoint(struct call *call)
{
    uint64_t address = call->args[ARG_ADDRESS];
    uint64_t type = call->args[ARG_TYPE];
    uint64_t bytes = call->args[ARG_BYTES];

    if (address >= X86_USER_TOP) {
        return answer_invalid_argument(
            call, ARG_ADDRESS,
            WHY("%x is no address of a program: they end at %x", address, X86_USER_TOP));
    }
    if (type != DEBUG_INSTRUCTION_BREAKPOINT && type != DEBUG_DATA_BREAKPOINT) {
        return answer_invalid_argument(call, ARG_TYPE, WHY("%u is not a type of breakpoint", type));
    }
    if (type == DEBUG_INSTRUCTION_BREAKPOINT && check_instruction_breakpoint(call) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    if (type == DEBUG_DATA_BREAKPOINT && bytes == 0) {
        return answer_invalid_argument(call, ARG_BYTES, WHY("a data breakpoint has a size"));
    }
    /* seL4 names argument 3 here, though the access is argument 4. */
    if (call->args[ARG_ACCESS] > BREAK_ON_READ_WRITE) {
        return answer_invalid_argument(call, ARG_BYTES,
                                       WHY("%u is not a kind of access", call->args[ARG_ACCESS]));
    }
    if (!is_size(bytes)) {
        return answer_invalid_argument(call, ARG_BYTES,
                                       WHY("%u is not a size of a breakpoint", bytes));
    }
    if (bytes && (address & (bytes - 1))) {
        return answer_alignment(call, WHY("%x is no multiple of %u bytes", address, bytes));
    }
    if (check_number(call) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    if (bytes == 8) {
        return answer_invalid_argument(call, ARG_BYTES,
                                       WHY("this machine has no breakpoints of 8 bytes"));
    }
    return ANSWER_DONE;
}

enum answer decode_tcb_set_breakpoint(struct call *call)
{
    if (check_breakpoint(call) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    return answer_illegal(call,
                          WHY("hardware breakpoints are not supported: the debug registers "
                              "belong to the host; attach a debugger to the program instead"));
}

enum answer decode_tcb_get_breakpoint(struct call *call)
{
    if (check_number(call) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    /* One that is not set. */
    call_result(call, 0); /* address */
    call_result(call, DEBUG_INSTRUCTION_BREAKPOINT);
    call_result(call, 0); /* size */
    call_result(call, BREAK_ON_READ);
    call_result(call, false); /* enabled */
    return ANSWER_DONE;
}

enum answer decode_tcb_unset_breakpoint(struct call *call)
{
    /* It is not set, so this is what the caller wants. */
    return check_number(call);
}

void tcb_single_step(struct tcb *tcb, uint64_t instructions)
{
    tcb->single_step = instructions > 0;
    tcb->single_step_left = instructions;
    if (!tcb->single_step) {
        tcb->registers.r[X86_RFLAGS] &= ~(uint64_t)FLAG_TRAP;
    }
}

bool tcb_stepped(struct tcb *tcb)
{
    if (tcb->single_step_left > 0) {
        tcb->single_step_left--;
    }
    return tcb->single_step_left == 0;
}

enum answer decode_tcb_configure_single_stepping(struct call *call, struct tcb *tcb)
{
    tcb_single_step(tcb, call->args[1]);
    call_result(call, false); /* no breakpoint is used up */
    return ANSWER_DONE;
}
