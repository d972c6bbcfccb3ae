/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Faults that the kernel need not hear of: pages that it maps, registers of devices, the TSC and CPUID. */
#include "machine/parts.h"

#include "abi/x86/exceptions.h"
#include "machine/gdb.h"

#include <inttypes.h>
#include <stdio.h>

#define FAULT_AROUND   16 /* pages, aligned, that are mapped together */
#define SAME_FAULT_MAX 16

/* It went on after this fault before, at the same instruction, so often that nothing has changed:
 * the platform cannot make the page appear, or the cell makes its faults up. */
static bool repeats_for_ever(struct machine *machine, const struct kernel_next *next,
                             uint64_t address)
{
    struct last_fault *last = &machine->last_fault;
    uint64_t rip = next->registers->r[X86_RIP];
    if (last->rip != rip || last->address != address) {
        *last = (struct last_fault){.rip = rip, .address = address};
    }
    return ++last->count > SAME_FAULT_MAX;
}

static void map(struct machine *machine, paddr vspace, const struct kernel_mapping *page)
{
    platform_map(machine->platform, vspace, page->vaddr, page->frame, page->bytes, page->writable);
    if (machine->gdb) {
        gdb_mapped(machine->gdb, vspace, page->vaddr, page->bytes);
    }
}

/* A page of RAM that a guest is likely to touch soon. */
static void fill(struct machine *machine, paddr vspace, uint64_t vaddr)
{
    struct kernel_mapping page;
    if (kernel_translate(machine->kernel, vspace, vaddr, &page) && page.bytes == PAGE_BYTES &&
        page.readable && machine_is_ram(machine, page.frame, PAGE_BYTES)) {
        platform_fill(machine->platform, vspace, page.vaddr, page.frame, PAGE_BYTES, page.writable);
        if (machine->gdb) {
            gdb_mapped(machine->gdb, vspace, page.vaddr, PAGE_BYTES);
        }
    }
}

/* Map a page of RAM and, if it is a small one, what there is around it: a fault costs more than some
 * mappings. */
static void map_around(struct machine *machine, paddr vspace, const struct kernel_mapping *page)
{
    map(machine, vspace, page);
    if (page->bytes != PAGE_BYTES) {
        return;
    }
    uint64_t window = page->vaddr & ~(FAULT_AROUND * PAGE_BYTES - 1);
    for (uint64_t vaddr = window; vaddr < window + FAULT_AROUND * PAGE_BYTES; vaddr += PAGE_BYTES) {
        if (vaddr != page->vaddr) {
            fill(machine, vspace, vaddr);
        }
    }
}

/* The 4 KiB of a larger page that an address lies in. */
static struct kernel_mapping small_part(const struct kernel_mapping *page, uint64_t address)
{
    uint64_t offset = (address - page->vaddr) & ~(PAGE_BYTES - 1);
    struct kernel_mapping part = *page;
    part.vaddr += offset;
    part.frame += offset;
    part.bytes = PAGE_BYTES;
    return part;
}

/* A page fault as the kernel's page tables cause it, whatever the host has mapped. */
static void note_fault(struct machine *machine, const struct kernel_next *next, uint64_t address,
                       bool write, struct kernel_event *event)
{
    struct kernel_mapping page;
    bool mapped = kernel_translate(machine->kernel, next->vspace, address, &page);
    *event = (struct kernel_event){
        .kind = EVENT_EXCEPTION,
        .vector = X86_PAGE_FAULT,
        .error = X86_FAULT_USER | (write ? X86_FAULT_WRITE : 0) | (mapped ? X86_FAULT_PRESENT : 0),
        .address = address,
    };
}

static void report_unknown(struct machine *machine, const struct kernel_next *next, paddr device,
                           uint64_t address, const char *what)
{
    char line[320];
    snprintf(line, sizeof(line),
             "'%s' touched the device at 0x%" PRIx64 " (physical 0x%" PRIx64
             ") with an instruction that is not emulated: %s. It faults instead; use plain moves "
             "of 1, 2, 4 or 8 bytes.",
             next->name, address, device, what);
    machine_report(machine, line);
}

/* An instruction is done. Returns true when the guest can go on; else *event is what it met. */
static bool done(const struct kernel_next *next, struct kernel_event *event)
{
    if (!next->single_step) {
        return true;
    }
    *event = (struct kernel_event){
        .kind = EVENT_EXCEPTION, .vector = X86_DEBUG, .debug = X86_DEBUG_STEP};
    return false;
}

/* Returns true when the guest can go on; else *event is what it met. */
static bool emulate(struct machine *machine, const struct kernel_next *next,
                    const struct kernel_mapping *page, struct kernel_event *event)
{
    struct trap_thread thread = {next->tcb, next->vspace, next->registers};
    clock_spend(&machine->clock, CLOCK_ACCESS_NS);
    struct trap_answer answer = trap_emulate(&machine->trap, &thread);
    uint64_t address = event->address;
    switch (answer.result) {
    case TRAP_DONE:
        return done(next, event);
    case TRAP_PART:
        return true;
    case TRAP_FAULT:
        note_fault(machine, next, answer.address, answer.write, event);
        return false;
    case TRAP_UNKNOWN:
        report_unknown(machine, next, page->frame + (address - page->vaddr), address, answer.what);
        break;
    }
    return false;
}

/* Make a page fault go away that a real processor would not have seen. */
static bool resolve_page_fault(struct machine *machine, const struct kernel_next *next,
                               const struct kernel_mapping *page, struct kernel_event *event)
{
    bool write = (event->error & X86_FAULT_WRITE) != 0;
    struct kernel_mapping part = *page;
    if (!machine_is_ram(machine, part.frame, part.bytes)) {
        part = small_part(page, event->address);
    }
    bool ram = machine_is_ram(machine, part.frame, part.bytes);
    if (!ram && (write || !machine_is_memory(machine, part.frame, part.bytes))) {
        return emulate(machine, next, page, event);
    }
    bool done = ram && write && copy_carry_out(machine, next, &part);
    if (!done && repeats_for_ever(machine, next, event->address)) {
        return false;
    }
    platform_excuse_fault(machine->platform);
    if (done) {
        return true;
    }
    if (ram) {
        map_around(machine, next->vspace, &part);
    } else {
        part.writable = false;
        map(machine, next->vspace, &part);
    }
    return true;
}

/* Instructions that the machine carries out where the host does not. */
static bool carry_out(struct machine *machine, const struct kernel_next *next, uint8_t vector)
{
    switch (vector) {
    case X86_GENERAL_PROTECTION:
        return (machine->clock.is_virtual && tsc_emulate(machine, next)) ||
               counters_emulate(machine, next);
    case X86_INVALID_OPCODE:
        return machine->cpu != NULL && (cpuid_emulate(machine, next) || tsc_emulate(machine, next));
    default:
        return false;
    }
}

bool machine_resolve_fault(struct machine *machine, const struct kernel_next *next,
                           const struct platform_fault *fault, struct kernel_event *event)
{
    *event = (struct kernel_event){
        .kind = EVENT_EXCEPTION,
        .vector = fault->vector,
        .error = fault->error,
        .address = fault->address,
        .debug = fault->debug,
    };
    if (fault->vector != X86_PAGE_FAULT) {
        return carry_out(machine, next, fault->vector) && done(next, event);
    }
    struct kernel_mapping page;
    bool write = (fault->error & X86_FAULT_WRITE) != 0;
    bool mapped = kernel_translate(machine->kernel, next->vspace, fault->address, &page);
    note_fault(machine, next, fault->address, write, event);
    if (!mapped || !page.readable || (write && !page.writable)) {
        return false;
    }
    return resolve_page_fault(machine, next, &page, event);
}
