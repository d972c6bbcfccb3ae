/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The kernel as its host sees it: one entry, one port, no global state.
 *
 * A kernel lives in memory that the host gives it and holds nothing anywhere else, so many can
 * exist in one process, and a copy of the memory is a snapshot.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/x86/debug.h"
#include "abi/x86/registers.h"
#include "kernel/config.h"

#include "abi/paddr.h"

struct kernel;

/* A fault of a thread, for a person who wants to know where the program was. */
struct kernel_fault {
    paddr tcb;
    paddr vspace;
    const char *name;
    unsigned label;   /* FAULT_… of abi/message.h: what the handler's message will be */
    uint8_t vector;   /* enum x86_vector, of VM faults and exceptions */
    uint64_t error;   /* its error code */
    uint64_t address; /* of a VM fault; the cptr of a cap fault; the number of a system call */
    bool handled;     /* somebody is there to get the message */
    bool
        address_space_lost; /* the host lost the cell: the label says VM fault, the cause is here */
    const struct x86_registers *registers; /* as they were at the faulting instruction */
};

/*
 * What the kernel asks of its host. Every function gets `context` first, returns at once and
 * cannot fail. None of them may enter the kernel.
 */
struct kernel_port {
    void *context;

    /* The clock, in ticks; ticks_per_us of struct kernel_boot says how long one is. */
    uint64_t (*now_ticks)(void *context);

    /* A guest may reach these bytes from now on, see platform_map(). Only a hint: what is not
     * passed on is found by kernel_translate() when a guest touches it. */
    void (*map)(void *context, paddr vspace, uint64_t vaddr, paddr frame, uint64_t bytes,
                bool writable);
    /* No guest may reach this range when this returns. */
    void (*unmap)(void *context, paddr vspace, uint64_t vaddr, uint64_t bytes);
    /* The kernel writes to this page of RAM from now on, see kernel_writes(). */
    void (*writes)(void *context, paddr page);
    /* The VSpace's address space identifier is gone: nobody may reach anything through it. */
    void (*release_vspace)(void *context, paddr vspace);
    /* The TCB is deleted. */
    void (*release_thread)(void *context, paddr tcb);
    /* Zero both memories, guests' RAM and the kernel's objects, over this range. */
    void (*clear)(void *context, paddr base, uint64_t bytes);
    /* How many of these bytes of the kernel's objects there are until the last that may have been
     * written since it was cleared. Only a hint: all of them is always true. */
    uint64_t (*used)(void *context, paddr base, uint64_t bytes);

    /* I/O ports; width is 1, 2 or 4 bytes. */
    uint32_t (*port_in)(void *context, uint16_t port, unsigned width);
    void (*port_out)(void *context, uint16_t port, unsigned width, uint32_t value);

    /* Interrupts, by the kernel's numbering: vector - 0x20 of what the interrupt controller was
     * programmed to send; user interrupts are those of IOAPIC pins and MSIs. */
    bool (*interrupt_pending)(void *context);
    int (*interrupt_take)(void *context); /* -1: none. Taking one is acknowledging it at the CPU. */
    void (*interrupt_mask)(void *context, unsigned irq, bool masked);
    void (*ioapic_route)(void *context, unsigned ioapic, unsigned pin, bool level, bool low,
                         unsigned irq);

    /* One character of a guest's debug output. */
    void (*put_char)(void *context, char c);
    /* One line from the kernel to a person, without a newline: why a call was refused, and so on.
     * In configurations without printing only that the system was built for another one. */
    void (*report)(void *context, const char *line);
    /* A thread has faulted, and nothing has been told about it yet. Not for faults that are part
     * of normal running: timeouts, and debug exceptions that somebody asked for. This one may take
     * its time, as far as now_ticks stands still meanwhile, and change registers. */
    void (*fault)(void *context, const struct kernel_fault *fault);
};

enum region_kind {
    REGION_RAM,
    REGION_ROM,  /* device memory that reads as the RAM at the same offset: tables of firmware */
    REGION_TRAP, /* registers: the host emulates each access */
};

struct kernel_region {
    paddr first;
    paddr end; /* first byte after it */
    enum region_kind kind;
};

/* A range of addresses that no guest can map on this host; see platform_reserved(). */
struct kernel_reserved {
    uint64_t first;
    uint64_t last;
    const char *why;
};

/* What a boot loader would pass: the machine and the root task. */
struct kernel_boot {
    struct kernel_config config;
    struct kernel_port port;

    uint8_t *ram;                        /* guests' frames, at their physical address */
    uint8_t *objects;                    /* everything else, at its physical address; zeroed */
    uint64_t memory_bytes;               /* of each of the two */
    const struct kernel_region *regions; /* ascending, not overlapping: what the firmware reports */
    size_t region_count;
    const struct kernel_reserved *reserved;
    size_t reserved_count;

    uint64_t ticks_per_us;
    const void *acpi_rsdp; /* 36 bytes, or NULL */

    /* The root task's image has been copied into RAM at image_base: [image_first, image_end) of
     * its addresses, in whole pages. image_base comes from kernel_image_base(). */
    paddr image_base;
    uint64_t image_first;
    uint64_t image_end;
    uint64_t entry;
};

/* Where the root task's image is to be put: after where the real kernel's would be. */
paddr kernel_image_base(const struct kernel_boot *boot);

/* Bytes of host memory that struct kernel takes, for the caller to allocate; zeroed, 64-aligned. */
size_t kernel_size(void);

/*
 * Build the root task's world: its caps, bootinfo, VSpace, thread.
 *
 * Returns   NULL, or half a sentence for a person that says why it cannot be: "the image does not
 *           fit into 64 MiB of memory". The kernel is unusable then.
 */
const char *kernel_boot(struct kernel *kernel, const struct kernel_boot *boot);

enum kernel_event_kind {
    EVENT_START,     /* nothing happened: the first entry, or the host wants another answer */
    EVENT_SYSCALL,   /* the running thread executed `syscall`; its registers are written */
    EVENT_EXCEPTION, /* it took a CPU exception; rip is the faulting instruction's */
    EVENT_INTERRUPT, /* interrupt_take() has one, or the deadline has passed */
    EVENT_LOST,      /* the host lost the running thread's address space: it faults */
};

struct kernel_event {
    enum kernel_event_kind kind;
    uint8_t vector;   /* EVENT_EXCEPTION: enum x86_vector */
    uint64_t error;   /* its error code */
    uint64_t address; /* of a page fault */
    uint64_t debug;   /* of X86_DEBUG: X86_DEBUG_… */
};

enum kernel_next_kind {
    NEXT_RUN,  /* run this thread until the deadline */
    NEXT_IDLE, /* no thread can run before the deadline or an interrupt */
    NEXT_HALT, /* a debug halt */
};

#define NO_DEADLINE UINT64_MAX

struct kernel_next {
    enum kernel_next_kind kind;
    uint64_t deadline_ticks; /* enter with EVENT_INTERRUPT then, at the latest */
    paddr tcb;
    paddr vspace; /* 0: the thread has none that is valid, so it faults at its first instruction */
    struct x86_registers *registers;
    bool fpu_off;
    bool single_step;
    const struct x86_breakpoint *breakpoints; /* X86_BREAKPOINTS of them; NULL: none is enabled */
    const char *name;
};

/* The one entry. `core` is 0 on a machine with one. */
struct kernel_next kernel_enter(struct kernel *kernel, unsigned core,
                                const struct kernel_event *event);

/* What the kernel's page tables say of an address. */
struct kernel_mapping {
    uint64_t vaddr; /* of the page */
    paddr frame;
    uint64_t bytes; /* of the page: 4 KiB, 2 MiB or 1 GiB */
    bool readable;  /* by guests; a kernel-only page is neither */
    bool writable;
};

/* Returns   false when nothing is mapped there. */
bool kernel_translate(struct kernel *kernel, paddr vspace, uint64_t vaddr,
                      struct kernel_mapping *mapping);

/* Does the kernel write to this page of RAM itself? It holds a thread's IPC buffer then. */
bool kernel_writes(struct kernel *kernel, paddr page);

/* For a person who asks why a machine rests: every thread, in no order. */
enum thread_wait {
    WAIT_NONE,    /* running, ready, or out of budget until it is replenished */
    WAIT_STOPPED, /* never started or suspended */
    WAIT_RECEIVE, /* for a message or signal: normal rest */
    WAIT_SEND,    /* for someone to receive: in Send or Call */
    WAIT_REPLY,   /* for the reply to a call */
    WAIT_FAULT,   /* for the reply to a fault, or faulted with no handler */
};

struct kernel_thread {
    paddr tcb;
    const char *name;
    enum thread_wait wait;
    paddr object;  /* endpoint, notification or reply object that it waits on; 0: none */
    paddr partner; /* TCB that holds the reply it waits for, where one is known; else 0 */
    bool has_time; /* it has a scheduling context */
    const struct x86_registers *registers;
    uint8_t priority;
    paddr vspace;
};

/* Calls `visit` for every thread; stops when it returns false. */
void kernel_each_thread(struct kernel *kernel,
                        bool (*visit)(void *context, const struct kernel_thread *thread),
                        void *context);

/*
 * Change a register of a thread, for a debugger: between two entries, or while a fault is reported.
 * Values are made harmless as seL4_TCB_WriteRegisters does. A new rip is where the thread goes on; one
 * that is blocked in a system call stays blocked.
 */
void kernel_set_register(struct kernel *kernel, paddr tcb, enum x86_register which, uint64_t value);

/* Some timer of the kernel's own (budget, replenishment, domain) can still make a thread ready. */
bool kernel_timer_pending(const struct kernel *kernel);

struct kernel_stats {
    uint64_t entries;
    uint64_t syscalls;
    uint64_t exceptions;
    uint64_t interrupts;
    uint64_t refusals;
    uint64_t preemptions; /* long operations that were interrupted and restarted */
};

void kernel_stats(const struct kernel *kernel, struct kernel_stats *stats);
