/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The loop: ask the kernel what to do, have the platform do it, tell the kernel what came of it. */
#include "machine/parts.h"

#include "abi/x86/exceptions.h"

#include <string.h>

static bool timed_out(const struct machine *machine)
{
    return machine->deadline_host_ns != UINT64_MAX &&
           clock_host_now_ns() >= machine->deadline_host_ns;
}

static void notice_ending(struct machine *machine)
{
    int signal = stop_signal();
    if (signal != 0) {
        machine->ending.signal = signal;
        ending_set(&machine->ending, ENDING_SIGNAL, "ended by %s", strsignal(signal));
    } else if (timed_out(machine)) {
        ending_set(&machine->ending, ENDING_TIMEOUT, "time-out: it still ran after %.3g s",
                   (double)machine->timeout_ns / 1e9);
    } else if (console_error(machine->console) != 0) {
        ending_set(&machine->ending, ENDING_HOST,
                   "the serial port's output cannot be written any more: %s",
                   strerror(-console_error(machine->console)));
    }
}

static bool ended(const struct machine *machine)
{
    return machine->ending.kind != ENDING_NONE;
}

/* Bring devices up to now. Returns whether the kernel has an interrupt or a deadline to see to. */
static bool interrupt_due(struct machine *machine, uint64_t deadline_ticks)
{
    uint64_t ticks = clock_ticks(&machine->clock);
    uint64_t now_ns = clock_ns_of_ticks(&machine->clock, ticks);
    notice_ending(machine);
    board_advance(&machine->board, now_ns);
    return ticks >= deadline_ticks || ioapic_pending(&machine->board.ioapic);
}

/* When to look again, on the host's clock. */
static uint64_t next_wake_host_ns(const struct machine *machine, uint64_t deadline_ticks)
{
    uint64_t wake_ns = clock_ns_of_ticks(&machine->clock, deadline_ticks);
    if (machine->board.next_event_ns < wake_ns) {
        wake_ns = machine->board.next_event_ns;
    }
    uint64_t wake_host_ns = clock_host_ns(&machine->clock, wake_ns);
    return wake_host_ns < machine->deadline_host_ns ? wake_host_ns : machine->deadline_host_ns;
}

static const struct kernel_event interrupt_event = {.kind = EVENT_INTERRUPT};

/* Run a thread until there is something to tell the kernel, or the machine has ended. */
static struct kernel_event run_thread(struct machine *machine, const struct kernel_next *next)
{
    struct platform_error error;
    struct platform_thread thread = {
        .tcb = next->tcb,
        .vspace = next->vspace,
        .fpu_off = next->fpu_off,
        .single_step = next->single_step,
        .breakpoints = next->breakpoints,
        .name = next->name,
        .registers = next->registers,
    };
    struct kernel_event event = interrupt_event;
    /* What the kernel did since, such as unmapping the page again, is reason enough for a fault. */
    machine->last_fault = (struct last_fault){.count = 0};
    while (!interrupt_due(machine, next->deadline_ticks) && !ended(machine)) {
        uint64_t until_ns = next_wake_host_ns(machine, next->deadline_ticks);
        enum run_result result = platform_run(machine->platform, &thread, until_ns, &error);
        clock_lose(&machine->clock, thread.stolen_ns);
        switch (result) {
        case RUN_SYSCALL:
            return (struct kernel_event){.kind = EVENT_SYSCALL};
        case RUN_FAULT:
            if (!machine_resolve_fault(machine, next, &thread.fault, &event)) {
                return event;
            }
            break;
        case RUN_KICKED:
            board_refresh(&machine->board);
            break;
        case RUN_LOST:
            console_remark(machine->console, "quoll: ", error.text);
            return (struct kernel_event){.kind = EVENT_LOST};
        }
    }
    return interrupt_event;
}

/* Without a VSpace not even the first instruction can be fetched. */
static struct kernel_event fault_without_vspace(const struct kernel_next *next)
{
    return (struct kernel_event){
        .kind = EVENT_EXCEPTION,
        .vector = X86_PAGE_FAULT,
        .error = X86_FAULT_USER,
        .address = next->registers->r[X86_RIP],
    };
}

/* Nothing runs, and nothing will of its own accord. */
static void come_to_rest(struct machine *machine)
{
    struct ending rest = {.kind = ENDING_NONE};
    ending_of_rest(machine->kernel, &rest);
    bool person = machine->when_idle == IDLE_AT_PERSON && console_is_terminal(machine->console);
    if (rest.kind == ENDING_STUCK || !person) {
        machine->ending = rest;
    } else if (!machine->rest_reported) {
        machine->rest_reported = true;
        console_remark(machine->console, "quoll: ", rest.text);
        console_remark(machine->console, "quoll: ", "Ctrl-C ends it.");
    }
}

static struct kernel_event wait_idle(struct machine *machine, const struct kernel_next *next)
{
    console_flush(machine->console);
    while (!interrupt_due(machine, next->deadline_ticks) && !ended(machine)) {
        if (!kernel_timer_pending(machine->kernel) && !board_can_wake(&machine->board)) {
            come_to_rest(machine);
            if (ended(machine)) {
                break;
            }
        }
        platform_idle(machine->platform, next_wake_host_ns(machine, next->deadline_ticks));
        board_refresh(&machine->board);
    }
    return interrupt_event;
}

static struct kernel_event follow(struct machine *machine, const struct kernel_next *next)
{
    switch (next->kind) {
    case NEXT_RUN:
        return next->vspace != 0 ? run_thread(machine, next) : fault_without_vspace(next);
    case NEXT_IDLE:
        return wait_idle(machine, next);
    case NEXT_HALT:
        ending_set(&machine->ending, ENDING_HALTED, "halted");
        break;
    }
    return interrupt_event;
}

const struct ending *machine_run(struct machine *machine)
{
    struct kernel_event event = {.kind = EVENT_START};
    while (!ended(machine)) {
        struct kernel_next next = kernel_enter(machine->kernel, 0, &event);
        event = follow(machine, &next);
    }
    console_flush(machine->console);
    return &machine->ending;
}
