/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Threads: breakpoints and single steps, of the hardware debug API. */
#include "abi/message.h"
#include "kernel/tcb.h"

/* Breakpoints go further than mappings: up to the hole between the CPU's two halves, but for its last
 * byte. */
#define BREAKPOINT_TOP UINT64_C(0x7fffffffffff)

static unsigned breakpoint_number(const struct call *call)
{
    return (uint16_t)call->args[0];
}

static enum answer check_number(struct call *call)
{
    unsigned number = breakpoint_number(call);
    if (number >= X86_BREAKPOINTS) {
        return answer_range(
            call, 0, X86_BREAKPOINTS - 1,
            WHY("there is no breakpoint %u, only 0 to %u", number, X86_BREAKPOINTS - 1));
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

    if (address >= BREAKPOINT_TOP) {
        return answer_invalid_argument(
            call, ARG_ADDRESS,
            WHY("%x is no address of a program: they end at %x", address, BREAKPOINT_TOP));
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

static enum x86_break_on break_on(uint64_t type, uint64_t access)
{
    if (type == DEBUG_INSTRUCTION_BREAKPOINT) {
        return X86_BREAK_ON_EXECUTE;
    }
    return access == BREAK_ON_WRITE ? X86_BREAK_ON_WRITE : X86_BREAK_ON_ACCESS;
}

static uint64_t type_of(const struct x86_breakpoint *breakpoint)
{
    return breakpoint->on == X86_BREAK_ON_EXECUTE ? DEBUG_INSTRUCTION_BREAKPOINT
                                                  : DEBUG_DATA_BREAKPOINT;
}

/* CPUs have no breakpoints on reads alone: who asked for one has got one on any access. */
static uint64_t access_of(const struct x86_breakpoint *breakpoint)
{
    switch (breakpoint->on) {
    case X86_BREAK_ON_EXECUTE:
        return BREAK_ON_READ;
    case X86_BREAK_ON_WRITE:
        return BREAK_ON_WRITE;
    default:
        return BREAK_ON_READ_WRITE;
    }
}

/* ConfigureSingleStepping takes any number for a breakpoint's, and uses what a shift makes of it. */
static uint64_t used_bit(unsigned number)
{
    return UINT64_C(1) << (number % 64);
}

enum answer decode_tcb_set_breakpoint(struct call *call, struct tcb *tcb)
{
    if (check_breakpoint(call) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    uint64_t bytes = call->args[ARG_BYTES];
    tcb->breakpoints[breakpoint_number(call)] = (struct x86_breakpoint){
        .address = call->args[ARG_ADDRESS],
        .bytes = bytes ? (uint8_t)bytes : 1,
        .on = break_on(call->args[ARG_TYPE], call->args[ARG_ACCESS]),
        .enabled = true,
    };
    tcb->breakpoints_used |= used_bit(breakpoint_number(call));
    return ANSWER_DONE;
}

enum answer decode_tcb_get_breakpoint(struct call *call, struct tcb *tcb)
{
    if (check_number(call) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    const struct x86_breakpoint *breakpoint = &tcb->breakpoints[breakpoint_number(call)];
    call_result(call, breakpoint->address);
    call_result(call, type_of(breakpoint));
    call_result(call, breakpoint->on == X86_BREAK_ON_EXECUTE ? 0 : breakpoint->bytes);
    call_result(call, access_of(breakpoint));
    call_result(call, breakpoint->enabled);
    return ANSWER_DONE;
}

enum answer decode_tcb_unset_breakpoint(struct call *call, struct tcb *tcb)
{
    if (check_number(call) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    tcb->breakpoints[breakpoint_number(call)] = (struct x86_breakpoint){0};
    tcb->breakpoints_used &= ~used_bit(breakpoint_number(call));
    return ANSWER_DONE;
}

void tcb_single_step(struct tcb *tcb, uint64_t instructions)
{
    tcb->single_step = instructions > 0;
    tcb->single_step_left = instructions;
    if (!tcb->single_step) {
        tcb->registers.r[X86_RFLAGS] &= ~X86_FLAG_TRAP;
    }
}

/* Returns whether that was the last of the instructions to skip. */
static bool count_step(struct tcb *tcb)
{
    if (tcb->single_step_left > 0) {
        tcb->single_step_left--;
    }
    return tcb->single_step_left == 0;
}

/* Of several breakpoints that were hit at once the handler hears of the first. */
static unsigned first_hit(uint64_t debug)
{
    unsigned number = 0;
    while (!(debug & X86_DEBUG_HIT(number))) {
        number++;
    }
    return number;
}

bool tcb_debug_fault(struct tcb *tcb, uint64_t debug, struct fault *fault)
{
    *fault = (struct fault){.kind = DEBUG_EXCEPTION};
    if (debug & X86_DEBUG_HITS) {
        const struct x86_breakpoint *hit = &tcb->breakpoints[first_hit(debug)];
        fault->debug.reason = type_of(hit);
        fault->debug.address = hit->address;
        fault->debug.breakpoint = first_hit(debug);
        return true;
    }
    if (!(debug & X86_DEBUG_STEP)) {
        return false;
    }
    /* Whoever steps onto an instruction breakpoint has seen that place already. */
    tcb->registers.r[X86_RFLAGS] |= X86_FLAG_RESUME;
    fault->debug.reason = DEBUG_SINGLE_STEP;
    fault->debug.address = tcb->registers.r[X86_RIP];
    return count_step(tcb);
}

enum answer decode_tcb_configure_single_stepping(struct call *call, struct tcb *tcb)
{
    uint64_t instructions = call->args[1];
    tcb_single_step(tcb, instructions);
    /* seL4 keeps a record of the breakpoint as well, which a single step does not need. To end
     * stepping under the number of a thread's only breakpoint disables that one. */
    if (instructions > 0) {
        tcb->breakpoints_used |= used_bit(breakpoint_number(call));
    } else {
        tcb->breakpoints_used &= ~used_bit(breakpoint_number(call));
    }
    call_result(call, false); /* no breakpoint is used up */
    return ANSWER_DONE;
}
