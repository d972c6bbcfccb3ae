/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The one entry: system calls, exceptions and interrupts come in, the next thread comes out. */
#include "kernel/syscall.h"

#include "abi/message.h"
#include "abi/x86/exceptions.h"
#include "kernel/debug.h"
#include "kernel/fault.h"
#include "kernel/product.h"
#include "kernel/sched.h"
#include "kernel/tcb.h"
#include "kernel/x86/x86.h"

#define SYSCALL_INSTRUCTION_BYTES 2

/* A number outside the API's list: a debug call, or no call at all. */
static void enter_other_syscall(struct kernel *k, int64_t number)
{
    struct tcb *tcb = current_tcb(k);
    if (debug_syscall(k, number) || !sched_enter(k)) {
        return;
    }
    if (k->config.set_tls_base_self && number == debug_set_tls_base_number()) {
        tcb->registers.r[X86_FS_BASE] =
            x86_sanitise_register(X86_FS_BASE, tcb->registers.r[SYSCALL_CAP]);
        return;
    }
    fault_raise(k, tcb,
                (struct fault){.kind = UNKNOWN_SYSCALL, .syscall = {.number = (uint64_t)number}});
}

static void enter_syscall(struct kernel *k)
{
    struct tcb *tcb = current_tcb(k);
    int64_t number = (int64_t)tcb->registers.r[SYSCALL_NUMBER];
    tcb->next_rip = tcb->registers.r[X86_RIP] + SYSCALL_INSTRUCTION_BYTES;
    tcb->in_syscall = true;
    k->stats.syscalls++;

    if (number >= 0 || number < product_numbers.last_syscall) {
        enter_other_syscall(k, number);
        return;
    }
    if (sched_enter(k) && syscall_perform(k, number) == ANSWER_PREEMPTED) {
        k->stats.preemptions++;
        sched_preempted(k);
    }
}

/* Debug exceptions are free, as in seL4: a breakpoint's instruction is behind the thread, which would
 * not execute it again. */
static void enter_debug_exception(struct kernel *k, struct tcb *tcb,
                                  const struct kernel_event *event)
{
    struct fault fault = {
        .kind = DEBUG_EXCEPTION,
        .debug = {.reason = DEBUG_SOFTWARE_BREAK, .address = tcb->registers.r[X86_RIP]}};
    if (event->vector == X86_BREAKPOINT || tcb_debug_fault(tcb, event->debug, &fault)) {
        fault_raise(k, tcb, fault);
    }
}

static struct fault fault_of_exception(const struct kernel_event *event)
{
    if (event->vector == X86_PAGE_FAULT) {
        return (struct fault){.kind = VM_FAULT,
                              .vm = {.address = event->address,
                                     .fsr = event->error & ~(uint64_t)X86_FAULT_INSTRUCTION}};
    }
    return (struct fault){.kind = USER_EXCEPTION,
                          .exception = {.vector = event->vector, .error = event->error}};
}

/*
 * Guests of the real kernel have gates for the vectors behind those of interrupts. An `int` through one
 * of them is a system call with a number made of the vector and of eax, which does not exist; the last
 * vector belongs to spurious interrupts, of which nothing is made.
 */
#define INT_FIRST    0x9eu
#define INT_SPURIOUS 0xffu

#define INT_INSTRUCTION_BYTES 2

static bool is_software_interrupt(const struct kernel_event *event)
{
    return event->vector == X86_GENERAL_PROTECTION && event->error >= X86_ERROR_OF_INT(INT_FIRST) &&
           event->error <= X86_ERROR_OF_INT(INT_SPURIOUS) &&
           event->error % 8 == X86_ERROR_OF_INT(0);
}

static void enter_software_interrupt(struct kernel *k, struct tcb *tcb, uint32_t vector)
{
    tcb->next_rip = tcb->registers.r[X86_RIP] + INT_INSTRUCTION_BYTES;
    if (vector == INT_SPURIOUS || !sched_enter(k)) {
        return;
    }
    uint32_t number = vector << 24 | (tcb->registers.r[X86_RAX] & 0xffffff);
    fault_raise(k, tcb,
                (struct fault){.kind = UNKNOWN_SYSCALL,
                               .syscall = {.number = (uint64_t)(int64_t)(int32_t)number}});
}

static void enter_exception(struct kernel *k, const struct kernel_event *event)
{
    struct tcb *tcb = current_tcb(k);
    tcb->next_rip = tcb->registers.r[X86_RIP];
    tcb->in_syscall = false;
    k->stats.exceptions++;
    if (k->config.hardware_debug_api &&
        (event->vector == X86_BREAKPOINT || event->vector == X86_DEBUG)) {
        enter_debug_exception(k, tcb, event);
    } else if (is_software_interrupt(event)) {
        enter_software_interrupt(k, tcb, (uint32_t)(event->error / 8));
    } else if (sched_enter(k)) {
        fault_raise(k, tcb, fault_of_exception(event));
    }
}

static void enter_interrupt(struct kernel *k)
{
    struct tcb *tcb = current_tcb(k);
    if (tcb) {
        tcb->next_rip = tcb->registers.r[X86_RIP];
        tcb->in_syscall = false;
    }
    k->stats.interrupts++;
    sched_interrupt(k);
}

/* The host lost the cell of the running thread, and with it what the thread was doing. */
static void enter_lost(struct kernel *k)
{
    struct tcb *tcb = current_tcb(k);
    tcb->next_rip = tcb->registers.r[X86_RIP];
    tcb->in_syscall = false;
    if (!sched_enter(k)) {
        /* It cannot execute its instruction again: what it did since its last entry is gone. */
        if (!sched_is_runnable(tcb)) {
            return; /* its timeout handler has it already */
        }
        sched_remove(k, tcb);
    }
    fault_raise(k, tcb,
                (struct fault){.kind = VM_FAULT,
                               .vm = {.address = tcb->registers.r[X86_RIP],
                                      .fsr = X86_FAULT_USER,
                                      .is_lost_cell = true}});
}

/* The thread that the scheduler chose starts to run. */
static void activate(struct kernel *k, struct tcb *tcb)
{
    if (tcb->state == THREAD_RESTART) {
        tcb_restart_syscall(tcb);
        sched_set_state(k, tcb, THREAD_RUNNING);
    }
    ASSERT(tcb->state == THREAD_RUNNING);
    tcb->registers.r[X86_RIP] = tcb->next_rip;
}

/* What `sysret` leaves behind. seL4 clears rsp as well: whoever makes a system call keeps it in
 * another register, and one who forgets to is found out here too. */
static void leave_syscall(struct tcb *tcb)
{
    tcb->registers.r[X86_RSP] = 0;
    tcb->registers.r[X86_RCX] = tcb->next_rip;
    tcb->registers.r[X86_R11] = tcb->registers.r[X86_RFLAGS];
}

static const struct kernel_event step_event = {
    .kind = EVENT_EXCEPTION, .vector = X86_DEBUG, .debug = X86_DEBUG_STEP};

/*
 * The thread takes an exception before its first instruction: it has no valid VSpace to fetch that
 * from, or it single-steps and leaves the kernel by `sysret`, which traps as if the `syscall` itself
 * had been the instruction.
 */
static bool faults_at_once(struct kernel *k, struct tcb *tcb)
{
    if (tcb->single_step) {
        tcb->registers.r[X86_RFLAGS] |= X86_FLAG_TRAP;
    }
    if (!x86_vspace_of(k, tcb)) {
        fault_raise(k, tcb,
                    (struct fault){.kind = VM_FAULT,
                                   .vm = {.address = tcb->next_rip, .fsr = X86_FAULT_USER}});
        return true;
    }
    if (tcb->in_syscall) {
        leave_syscall(tcb);
        if (tcb->registers.r[X86_RFLAGS] & X86_FLAG_TRAP) {
            enter_exception(k, &step_event);
            return true;
        }
    }
    return false;
}

/* Choose, until there is a thread that can execute at all. */
static void choose(struct kernel *k)
{
    sched_choose(k);
    for (struct tcb *tcb; (tcb = current_tcb(k)) != NULL; sched_choose(k)) {
        activate(k, tcb);
        if (!faults_at_once(k, tcb)) {
            return;
        }
    }
}

static struct kernel_next next(struct kernel *k)
{
    struct tcb *tcb = current_tcb(k);
    struct kernel_next next = {.kind = NEXT_IDLE, .deadline_ticks = sched_deadline(k)};
    if (k->halted) {
        next.kind = NEXT_HALT;
    } else if (tcb) {
        next.kind = NEXT_RUN;
        next.tcb = k->core.current;
        next.vspace = x86_vspace_of(k, tcb);
        next.registers = &tcb->registers;
        next.fpu_off = tcb->flags & TCB_FLAG_FPU_DISABLED;
        next.single_step = tcb->single_step;
        next.breakpoints = tcb->breakpoints_used ? tcb->breakpoints : NULL;
        next.name = tcb->name;
    }
    return next;
}

struct kernel_next kernel_enter(struct kernel *kernel, unsigned core,
                                const struct kernel_event *event)
{
    ASSERT(core == 0);
    kernel->stats.entries++;
    bool has_thread = kernel->core.current != 0;
    switch (event->kind) {
    case EVENT_START:
        break;
    case EVENT_SYSCALL:
        ASSERT(has_thread);
        enter_syscall(kernel);
        break;
    case EVENT_EXCEPTION:
        ASSERT(has_thread);
        enter_exception(kernel, event);
        break;
    case EVENT_INTERRUPT:
        enter_interrupt(kernel);
        break;
    case EVENT_LOST:
        ASSERT(has_thread);
        enter_lost(kernel);
        break;
    }
    if (!kernel->halted) {
        choose(kernel);
    }
    return next(kernel);
}

void kernel_stats(const struct kernel *kernel, struct kernel_stats *stats)
{
    *stats = kernel->stats;
}
