/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The kernel's port: what it asks of its host. */
#include "machine/gdb.h"
#include "machine/parts.h"

#define FAULTS_EXPLAINED 32 /* backtraces; more would bury the rest */

/* Once on entry, which the loop has paid for, and again after each stretch of a long operation. */
static uint64_t port_now_ticks(void *context)
{
    struct machine *machine = context;
    if (machine->clock_was_read) {
        machine_lose_stolen_time(machine);
        clock_spend(&machine->clock, CLOCK_WORK_NS);
    }
    machine->clock_was_read = true;
    return clock_ticks(&machine->clock);
}

bool machine_is_ram(const struct machine *machine, paddr frame, uint64_t bytes)
{
    return trap_is_ram(&machine->trap, frame) && trap_is_ram(&machine->trap, frame + bytes - 1);
}

bool machine_is_memory(const struct machine *machine, paddr frame, uint64_t bytes)
{
    return trap_is_memory(&machine->trap, frame) &&
           trap_is_memory(&machine->trap, frame + bytes - 1);
}

static void offer(struct machine *machine, paddr vspace, uint64_t vaddr, paddr frame,
                  uint64_t bytes, bool writable)
{
    copy_expect(machine, vspace, vaddr);
    platform_offer(machine->platform, vspace, vaddr, frame, bytes, writable);
    if (machine->gdb) {
        gdb_mapped(machine->gdb, vspace, vaddr, bytes);
    }
}

/* ROM is mapped without the right to write: writes come to be emulated, and go nowhere. */
static void port_map(void *context, paddr vspace, uint64_t vaddr, paddr frame, uint64_t bytes,
                     bool writable)
{
    struct machine *machine = context;
    if (machine_is_ram(machine, frame, bytes)) {
        offer(machine, vspace, vaddr, frame, bytes, writable);
    } else if (bytes == PAGE_BYTES && machine_is_memory(machine, frame, bytes)) {
        offer(machine, vspace, vaddr, frame, bytes, false);
    }
}

static void port_unmap(void *context, paddr vspace, uint64_t vaddr, uint64_t bytes)
{
    struct machine *machine = context;
    platform_unmap(machine->platform, vspace, vaddr, bytes);
}

static void port_writes(void *context, paddr page)
{
    struct machine *machine = context;
    platform_writes(machine->platform, page);
}

static void port_release_vspace(void *context, paddr vspace)
{
    struct machine *machine = context;
    platform_release_vspace(machine->platform, vspace);
    if (machine->gdb) {
        gdb_release_vspace(machine->gdb, vspace);
    }
}

static void port_release_thread(void *context, paddr tcb)
{
    struct machine *machine = context;
    platform_release_thread(machine->platform, tcb);
}

static void port_clear(void *context, paddr base, uint64_t bytes)
{
    struct machine *machine = context;
    memory_clear(&machine->memory, base, bytes);
}

static uint64_t port_used(void *context, paddr base, uint64_t bytes)
{
    struct machine *machine = context;
    return memory_used(&machine->memory, base, bytes);
}

static uint32_t port_port_in(void *context, uint16_t port, unsigned width)
{
    struct machine *machine = context;
    clock_spend(&machine->clock, CLOCK_ACCESS_NS);
    return board_in(&machine->board, port, width);
}

static void port_port_out(void *context, uint16_t port, unsigned width, uint32_t value)
{
    struct machine *machine = context;
    clock_spend(&machine->clock, CLOCK_ACCESS_NS);
    board_out(&machine->board, port, width, value);
}

/* The kernel asks in the middle of long operations: devices go on meanwhile. */
static bool port_interrupt_pending(void *context)
{
    struct machine *machine = context;
    board_advance(&machine->board, clock_ns(&machine->clock));
    return ioapic_pending(&machine->board.ioapic);
}

static int port_interrupt_take(void *context)
{
    struct machine *machine = context;
    return ioapic_take(&machine->board.ioapic);
}

static void port_interrupt_mask(void *context, unsigned irq, bool masked)
{
    struct machine *machine = context;
    ioapic_mask(&machine->board.ioapic, irq, masked);
}

static void port_ioapic_route(void *context, unsigned ioapic, unsigned pin, bool level, bool low,
                              unsigned irq)
{
    struct machine *machine = context;
    (void)low; /* see ioapic.h */
    if (ioapic == 0) {
        ioapic_route(&machine->board.ioapic, pin, level, irq);
    }
}

static void port_put_char(void *context, char c)
{
    struct machine *machine = context;
    console_put(machine->console, c);
}

void machine_report(void *context, const char *line)
{
    struct machine *machine = context;
    console_remark(machine->console, "kernel: ", line);
}

/* Faults that have a handler are part of how many systems work: only where somebody has said what
 * the thread runs do they deserve a backtrace. */
static void explain_fault(struct machine *machine, const struct kernel_fault *fault)
{
    bool wanted = !fault->handled || backtrace_knows(machine->backtrace, fault->name);
    if (machine->quiet || !wanted || machine->faults_explained > FAULTS_EXPLAINED) {
        return;
    }
    if (machine->faults_explained++ == FAULTS_EXPLAINED) {
        machine_report(machine, "fault: and more; they are not explained one by one any longer");
        return;
    }
    backtrace_fault(machine->backtrace, fault, machine_report, machine);
}

static void port_fault(void *context, const struct kernel_fault *fault)
{
    struct machine *machine = context;
    explain_fault(machine, fault);
    if (machine->gdb) {
        gdb_fault(machine->gdb, fault);
    }
}

struct kernel_port machine_port(struct machine *machine)
{
    return (struct kernel_port){
        .context = machine,
        .now_ticks = port_now_ticks,
        .map = port_map,
        .unmap = port_unmap,
        .writes = port_writes,
        .release_vspace = port_release_vspace,
        .release_thread = port_release_thread,
        .clear = port_clear,
        .used = port_used,
        .port_in = port_port_in,
        .port_out = port_port_out,
        .interrupt_pending = port_interrupt_pending,
        .interrupt_take = port_interrupt_take,
        .interrupt_mask = port_interrupt_mask,
        .ioapic_route = port_ioapic_route,
        .put_char = port_put_char,
        .report = machine_report,
        .fault = port_fault,
    };
}
