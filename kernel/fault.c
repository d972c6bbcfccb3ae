/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Faults: what stops a thread becomes a message to its handler, and the reply decides. */
#include "kernel/fault.h"

#include "abi/x86/exceptions.h"
#include "kernel/mismatch.h"
#include "kernel/say.h"
#include "kernel/sched.h"
#include "kernel/tcb.h"
#include "kernel/x86/x86.h"

/* For a person. */

static const char *exception_name(uint64_t vector)
{
    switch (vector) {
    case X86_DIVIDE_ERROR:
        return "divided by zero";
    case X86_DEBUG:
        return "took a debug exception";
    case X86_BREAKPOINT:
        return "executed a breakpoint instruction";
    case X86_INVALID_OPCODE:
        return "executed an illegal instruction";
    case X86_DEVICE_NOT_AVAILABLE:
        return "used the FPU, which is turned off for it";
    case X86_STACK_SEGMENT:
        return "used a stack address that cannot exist";
    case X86_GENERAL_PROTECTION:
        return "did something that only the kernel may do, or used an address that cannot exist";
    case X86_ALIGNMENT_CHECK:
        return "used an address that is not aligned";
    default:
        return "took an exception";
    }
}

static void add_vm_fault(struct line *line, const struct fault *fault, uint64_t rip)
{
    if (fault->vm.is_lost_cell) {
        line_add(line, "lost its address space on the host");
        return;
    }
    if (fault->vm.fsr & X86_FAULT_WRITE) {
        line_add(line, "wrote to ");
    } else if (fault->vm.is_instruction || fault->vm.address == rip) {
        line_add(line, "jumped to ");
    } else {
        line_add(line, "read ");
    }
    line_add_hex(line, fault->vm.address);
    line_add(line,
             fault->vm.fsr & X86_FAULT_PRESENT ? ", which it may not" : ", which is not mapped");
}

static void add_fault(struct line *line, const struct fault *fault, uint64_t rip)
{
    switch (fault->kind) {
    case CAP_FAULT:
        line_add(line, fault->cap.in_receive_phase ? "received from" : "sent to");
        line_add(line, " cap ");
        line_add_hex(line, fault->cap.address);
        line_add(line, ", which cannot be");
        break;
    case UNKNOWN_SYSCALL:
        line_add(line, "made system call ");
        line_add_hex(line, fault->syscall.number);
        line_add(line, ", which does not exist");
        break;
    case USER_EXCEPTION:
        line_add(line, exception_name(fault->exception.vector));
        line_add(line, " (vector ");
        line_add_decimal(line, fault->exception.vector);
        line_add(line, ", error ");
        line_add_hex(line, fault->exception.error);
        line_add(line, ")");
        break;
    case DEBUG_EXCEPTION:
        line_add(line, "took a debug exception");
        break;
    case VM_FAULT:
        add_vm_fault(line, fault, rip);
        break;
    default:
        line_add(line, "ran out of time");
        break;
    }
}

static const char *const register_names[X86_REGISTERS] = {
    "rip", "rsp", "rflags", "rax", "rbx", "rcx", "rdx", "rsi", "rdi",     "rbp",
    "r8",  "r9",  "r10",    "r11", "r12", "r13", "r14", "r15", "fs_base", "gs_base",
};

#define REGISTERS_A_LINE 5

static void say_registers(struct kernel *k, const struct x86_registers *registers)
{
    for (unsigned first = 0; first < X86_REGISTERS; first += REGISTERS_A_LINE) {
        struct line line = {0};
        line_add(&line, " ");
        for (unsigned i = first; i < first + REGISTERS_A_LINE && i < X86_REGISTERS; i++) {
            line_add(&line, " ");
            line_add(&line, register_names[i]);
            line_add(&line, " ");
            line_add_hex(&line, registers->r[i]);
        }
        say(k, &line);
    }
}

static void say_unhandled(struct kernel *k, const struct tcb *tcb, const struct fault *fault,
                          struct why why)
{
    if (!k->config.printing) {
        return;
    }
    uint64_t rip = tcb->registers.r[X86_RIP];
    struct line line = {0};
    line_add(&line, "thread '");
    line_add(&line, tcb->name);
    line_add(&line, "' ");
    add_fault(&line, fault, rip);
    line_add(&line, " at rip ");
    line_add_hex(&line, rip);
    line_add(&line, "; ");
    line_add_why(k, &line, why);
    line_add(&line, " and stays stopped");
    say(k, &line);
    say_registers(k, &tcb->registers);
}

/* Telling. */

/* Breakpoints and single steps are part of normal running: somebody asked for them. */
static bool is_news(const struct fault *fault)
{
    return fault->kind != DEBUG_EXCEPTION || fault->debug.reason == DEBUG_SOFTWARE_BREAK;
}

void fault_report(struct kernel *k, struct tcb *tcb, const struct fault *fault, bool handled)
{
    if (!is_news(fault)) {
        return;
    }
    struct kernel_fault report = {.tcb = tcb_address(k, tcb),
                                  .vspace = x86_vspace_of(k, tcb),
                                  .name = tcb->name,
                                  .label = fault_label((enum fault_kind)fault->kind),
                                  .handled = handled,
                                  .registers = &tcb->registers};
    switch (fault->kind) {
    case CAP_FAULT:
        report.address = fault->cap.address;
        break;
    case UNKNOWN_SYSCALL:
        report.address = fault->syscall.number;
        break;
    case USER_EXCEPTION:
        report.vector = (uint8_t)fault->exception.vector;
        report.error = fault->exception.error;
        break;
    case DEBUG_EXCEPTION:
        report.vector = X86_BREAKPOINT;
        break;
    case VM_FAULT:
        report.vector = X86_PAGE_FAULT;
        report.error = fault->vm.fsr;
        report.address = fault->vm.address;
        report.address_space_lost = fault->vm.is_lost_cell;
        break;
    default:
        break;
    }
    k->port.fault(k->port.context, &report);
}

void fault_stop(struct kernel *k, struct tcb *tcb, const struct fault *fault, struct why why)
{
    say_unhandled(k, tcb, fault, why);
    if (fault->kind == UNKNOWN_SYSCALL) {
        mismatch_syscall(k, tcb, (int64_t)fault->syscall.number);
    }
    sched_set_state(k, tcb, THREAD_INACTIVE);
}

/* Messages. */

#define LISTED(which) which,
static const uint8_t unknown_syscall_registers[] = {UNKNOWN_SYSCALL_REGISTERS(LISTED)};
static const uint8_t user_exception_registers[] = {USER_EXCEPTION_REGISTERS(LISTED)};
#undef LISTED
#define LENGTH_OF(list) ((unsigned)(sizeof(list) / sizeof((list)[0])))
_Static_assert(LENGTH_OF(unknown_syscall_registers) == UNKNOWN_SYSCALL_LENGTH - 1, "the number");
_Static_assert(LENGTH_OF(user_exception_registers) == USER_EXCEPTION_LENGTH - 2, "vector, error");

/* A message under construction in a receiver's message registers. */
struct writer {
    struct tcb *receiver;
    struct abi_ipc_buffer *buffer;
    unsigned next;
    unsigned length; /* what there was room for */
};

static void write(struct writer *writer, uint64_t word)
{
    writer->length = message_set(writer->receiver, writer->buffer, writer->next++, word);
}

static void write_registers(struct writer *writer, const struct tcb *faulter, const uint8_t *list,
                            unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        write(writer, faulter->registers.r[list[i]]);
    }
}

static void write_cap_fault(struct writer *writer, const struct tcb *faulter)
{
    const struct fault *fault = &faulter->fault;
    uint64_t words[4];
    unsigned count = lookup_failure_words(fault->cap.failure, words);
    write(writer, faulter->registers.r[X86_RIP]);
    write(writer, fault->cap.address);
    write(writer, fault->cap.in_receive_phase);
    for (unsigned i = 0; i < count; i++) {
        write(writer, words[i]);
    }
}

static void write_debug_exception(struct writer *writer, const struct tcb *faulter)
{
    const struct fault *fault = &faulter->fault;
    write(writer, faulter->registers.r[X86_RIP]);
    write(writer, fault->debug.reason);
    if (fault->debug.reason != DEBUG_SINGLE_STEP && fault->debug.reason != DEBUG_SOFTWARE_BREAK) {
        write(writer, fault->debug.address);
        write(writer, fault->debug.breakpoint);
    }
}

static void write_vm_fault(struct writer *writer, const struct tcb *faulter)
{
    write(writer, faulter->registers.r[X86_RIP]);
    write(writer, faulter->fault.vm.address);
    write(writer, faulter->fault.vm.is_instruction);
    write(writer, faulter->fault.vm.fsr);
}

unsigned fault_words(struct tcb *faulter, struct tcb *receiver, struct abi_ipc_buffer *buffer)
{
    struct writer writer = {.receiver = receiver, .buffer = buffer};
    switch (faulter->fault.kind) {
    case CAP_FAULT:
        write_cap_fault(&writer, faulter);
        break;
    case UNKNOWN_SYSCALL:
        write_registers(&writer, faulter, unknown_syscall_registers,
                        LENGTH_OF(unknown_syscall_registers));
        write(&writer, faulter->fault.syscall.number);
        break;
    case USER_EXCEPTION:
        write_registers(&writer, faulter, user_exception_registers,
                        LENGTH_OF(user_exception_registers));
        write(&writer, faulter->fault.exception.vector);
        write(&writer, faulter->fault.exception.error);
        break;
    case DEBUG_EXCEPTION:
        write_debug_exception(&writer, faulter);
        break;
    default:
        write_vm_fault(&writer, faulter);
        break;
    }
    return writer.length;
}

/* Replies. */

/* A handler's reply. */
struct fault_answer {
    struct tcb *handler;
    struct abi_ipc_buffer *buffer;
    unsigned length;
};

/* Word i of the reply is for the register list[i], or, without a list, for register i. */
static void read_registers(struct tcb *faulter, const struct fault_answer *answer,
                           const uint8_t *list, unsigned count)
{
    unsigned words = answer->buffer ? MESSAGE_LENGTH_MAX : MESSAGE_REGISTERS;
    for (unsigned i = 0; i < count && i < answer->length && i < words; i++) {
        enum x86_register which = (enum x86_register)(list ? list[i] : i);
        uint64_t word = message_get(answer->handler, answer->buffer, i);
        faulter->registers.r[which] = x86_sanitise_register(which, word);
    }
}

/* A single step is answered with how many instructions to go on for; one, when it does not say. */
static void read_debug_answer(struct tcb *faulter, const struct fault_answer *answer)
{
    if (faulter->fault.debug.reason == DEBUG_SINGLE_STEP) {
        tcb_single_step(faulter,
                        answer->length < 1 ? 1 : message_get(answer->handler, answer->buffer, 0));
    }
}

bool fault_reply(struct kernel *k, struct tcb *faulter, struct tcb *handler)
{
    struct message_info info = message_info_read(handler->registers.r[SYSCALL_INFO]);
    struct fault_answer answer = {.handler = handler,
                                  .buffer = message_buffer(k, handler, BUFFER_READ),
                                  .length = info.length};
    switch (faulter->fault.kind) {
    case UNKNOWN_SYSCALL:
        read_registers(faulter, &answer, unknown_syscall_registers,
                       LENGTH_OF(unknown_syscall_registers));
        break;
    case USER_EXCEPTION:
        read_registers(faulter, &answer, user_exception_registers,
                       LENGTH_OF(user_exception_registers));
        break;
    case TIMEOUT_FAULT:
        read_registers(faulter, &answer, NULL, TIMEOUT_REPLY_LENGTH);
        break;
    case DEBUG_EXCEPTION:
        read_debug_answer(faulter, &answer);
        break;
    default:
        /* What it did will be tried again, whatever the label says. */
        return true;
    }
    return info.label == 0;
}
