/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The loop: ask the kernel what to do, have the platform do it, tell the kernel what came of it. */
#include "machine/parts.h"

#include "abi/x86/exceptions.h"
#include "machine/gdb.h"

#include <string.h>

/* What an entry into the kernel takes at most, of the machine's time, or the stretch between two of its looks at the
 * clock. seL4's do not take longer than 10 us. Ours may: Linux fills pages in, a terminal is slow, and
 * hypervisors take the CPU for a millisecond without anybody being told. Of what is shorter the platform may find out
 * later that others had it. */
#define CORE_NS_MAX PLATFORM_LOOK_NS

static bool timed_out(const struct machine *machine)
{
    return machine->deadline_host_ns != UINT64_MAX &&
           machine->looked_host_ns >= machine->deadline_host_ns;
}

static void notice_ending(struct machine *machine)
{
    int signal = stop_signal();
    if (signal != 0) {
        machine->ending.signal = signal;
        ending_set(&machine->ending, ENDING_SIGNAL, "ended by %s", strsignal(signal));
    } else if (console_left(machine->console)) {
        ending_set(&machine->ending, ENDING_LEFT, "ended by Ctrl-A X");
    } else if (timed_out(machine)) {
        ending_of_timeout(machine->kernel, machine->timeout_ns, &machine->ending);
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

static uint64_t lose_others_time(struct machine *machine)
{
    machine->looked_host_ns = clock_host_now_ns();
    uint64_t stolen_ns = platform_stolen_ns(machine->platform, machine->looked_host_ns);
    clock_lose(&machine->clock, stolen_ns);
    return stolen_ns;
}

void machine_lose_stolen_time(struct machine *machine)
{
    uint64_t before_ns = machine->looked_host_ns;
    uint64_t allowed_ns = lose_others_time(machine) + CORE_NS_MAX;
    uint64_t took_ns = machine->looked_host_ns - before_ns;
    if (took_ns > allowed_ns) {
        clock_lose(&machine->clock, took_ns - allowed_ns);
    }
}

void machine_stood_still(struct machine *machine, uint64_t ticks)
{
    machine->looked_host_ns = clock_host_now_ns();
    (void)platform_stolen_ns(machine->platform, machine->looked_host_ns);
    clock_stood_still(&machine->clock, ticks);
}

/* Bring devices up to now. Returns whether the kernel has an interrupt or a deadline to see to. */
static bool interrupt_due(struct machine *machine, uint64_t deadline_ticks)
{
    machine_lose_stolen_time(machine);
    uint64_t ticks = clock_ticks(&machine->clock);
    uint64_t now_ns = clock_ns_of_ticks(&machine->clock, ticks);
    notice_ending(machine);
    board_advance(&machine->board, now_ns);
    return ticks >= deadline_ticks || ioapic_pending(&machine->board.ioapic);
}

/* When the kernel or a device is next due; UINT64_MAX for never. */
static uint64_t next_wake_ns(const struct machine *machine, uint64_t deadline_ticks)
{
    uint64_t wake_ns = clock_ns_of_ticks(&machine->clock, deadline_ticks);
    return machine->board.next_event_ns < wake_ns ? machine->board.next_event_ns : wake_ns;
}

/* When to look again, on the host's clock. */
static uint64_t next_wake_host_ns(const struct machine *machine, uint64_t deadline_ticks)
{
    uint64_t wake_host_ns = clock_host_ns(&machine->clock, next_wake_ns(machine, deadline_ticks));
    return wake_host_ns < machine->deadline_host_ns ? wake_host_ns : machine->deadline_host_ns;
}

static uint64_t time_to_spin_ns(struct machine *machine, const struct kernel_next *next)
{
    return spin_left_ns(machine, next->tcb, next_wake_ns(machine, next->deadline_ticks));
}

/* How long a guest may have the CPU, on the host's clock. */
static uint64_t run_until_host_ns(struct machine *machine, const struct kernel_next *next)
{
    if (!machine->clock.is_virtual) {
        return next_wake_host_ns(machine, next->deadline_ticks);
    }
    uint64_t until_ns = clock_host_now_ns() + time_to_spin_ns(machine, next);
    return until_ns < machine->deadline_host_ns ? until_ns : machine->deadline_host_ns;
}

/*
 * The guest has had its CPU time, and virtual time has not passed: let it, up to where the kernel has
 * something to see to. Devices may be due of which it does not hear; it passes at least as fast as
 * the host's then.
 */
static void spin_over(struct machine *machine, const struct kernel_next *next)
{
    uint64_t until_ns = clock_ns(&machine->clock) + SPIN_NS;
    uint64_t wake_ns = next_wake_ns(machine, next->deadline_ticks);
    spin_note(machine, next->tcb);
    if (wake_ns != UINT64_MAX) {
        chance_note(machine, "'%s' computed for %u ms of CPU time without entering the kernel",
                    next->name, SPIN_NS / 1000000);
    }
    while (wake_ns != UINT64_MAX && clock_ns(&machine->clock) < until_ns) {
        clock_jump(&machine->clock, wake_ns);
        if (interrupt_due(machine, next->deadline_ticks)) {
            return;
        }
        wake_ns = next_wake_ns(machine, next->deadline_ticks);
    }
}

static const struct kernel_event interrupt_event = {.kind = EVENT_INTERRUPT};

static bool is_late(const struct machine *machine, uint64_t until_ns)
{
    return machine->looked_host_ns > until_ns;
}

/* The CPU was to be taken from a guest at this moment of the host's clock. If that came late, for whatever
 * reason, and even if the guest gave it up first: a processor's timer does not, so time stands still for what
 * the guest got too much. */
static void lose_lateness(struct machine *machine, uint64_t until_ns, uint64_t stolen_ns)
{
    if (machine->clock.is_virtual || !is_late(machine, until_ns)) {
        return;
    }
    uint64_t late_ns = machine->looked_host_ns - until_ns;
    if (late_ns > stolen_ns) {
        clock_lose(&machine->clock, late_ns - stolen_ns);
    }
}

static enum run_result run_once(struct machine *machine, const struct kernel_next *next,
                                struct platform_thread *thread, struct platform_error *error)
{
    uint64_t start_ns = machine->clock.is_virtual ? clock_host_now_ns() : 0;
    uint64_t until_ns = run_until_host_ns(machine, next);
    enum run_result result = platform_run(machine->platform, thread, until_ns, error);
    uint64_t stolen_ns = lose_others_time(machine);
    lose_lateness(machine, until_ns, stolen_ns);
    if (machine->clock.is_virtual) {
        uint64_t elapsed_ns = machine->looked_host_ns - start_ns;
        spin_add(machine, elapsed_ns > stolen_ns ? elapsed_ns - stolen_ns : 0);
    }
    return result;
}

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
        if (machine->gdb && !gdb_before_run(machine->gdb, next, &thread)) {
            continue;
        }
        if (machine->clock.is_virtual && time_to_spin_ns(machine, next) == 0) {
            spin_over(machine, next);
            continue;
        }
        enum run_result result = run_once(machine, next, &thread, &error);
        if (result != RUN_KICKED) {
            spin_forget(machine, next->tcb);
        }
        if (machine->gdb) {
            result = gdb_after_run(machine->gdb, next, &thread, result);
        }
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
            chance_note(machine, "the process of '%s' was lost", next->name);
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
        console_remark(machine->console, "quoll: ", console_way_out(machine->console));
    }
}

/* On the host's clock, or earlier, to make up for time that was lost before. Periodic threads and timers are
 * then as late as on silicon, not as on Linux, which takes up to 100 us to wake somebody. */
static void sleep_until(struct machine *machine, uint64_t until_ns)
{
    uint64_t early_ns = clock_early_ns(&machine->clock, until_ns);
    until_ns -= early_ns;
    platform_idle(machine->platform, until_ns);
    uint64_t stolen_ns = lose_others_time(machine);
    if (is_late(machine, until_ns)) {
        lose_lateness(machine, until_ns, stolen_ns);
        clock_make_up(&machine->clock, early_ns);
    }
}

/* Nobody runs: virtual time is at the next event at once, where there is one. */
static void pass_time(struct machine *machine, uint64_t deadline_ticks)
{
    uint64_t wake_ns = next_wake_ns(machine, deadline_ticks);
    if (machine->clock.is_virtual && wake_ns != UINT64_MAX) {
        clock_jump(&machine->clock, wake_ns);
    } else {
        sleep_until(machine, next_wake_host_ns(machine, deadline_ticks));
    }
}

static struct kernel_event wait_idle(struct machine *machine, const struct kernel_next *next)
{
    console_flush(machine->console);
    while (!interrupt_due(machine, next->deadline_ticks) && !ended(machine)) {
        if (machine->gdb && !gdb_before_idle(machine->gdb)) {
            continue;
        }
        if (!kernel_timer_pending(machine->kernel) && !board_can_wake(&machine->board)) {
            come_to_rest(machine);
            if (ended(machine)) {
                break;
            }
        }
        pass_time(machine, next->deadline_ticks);
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
    machine_lose_stolen_time(machine);
    while (!ended(machine)) {
        clock_spend(&machine->clock, CLOCK_ENTRY_NS);
        machine->clock_was_read = false;
        struct kernel_next next = kernel_enter(machine->kernel, 0, &event);
        event = follow(machine, &next);
    }
    console_flush(machine->console);
    if (machine->gdb) {
        gdb_tell_ending(machine->gdb, &machine->ending);
    }
    return &machine->ending;
}
