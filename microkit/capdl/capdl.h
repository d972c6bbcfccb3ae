/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A system in capDL: every kernel object by name, and the caps that each holds. It has the shape in
 * which Microkit 2.3.0's tool writes a system as JSON, with the types of rust-sel4's capDL
 * initialiser: sel4-capdl-initializer-types, spec.rs and frame_init.rs.
 *
 * Objects are numbered by their index. Those of a system that was built here, or by upstream, are
 * sorted: frames at physical addresses by address, then all by size, largest first, then by name.
 *
 *     capdl_build     from a system and its programs     capdl_read     from JSON
 *     capdl_write     to JSON                            capdl_report   to a report for people
 *     capdl_viper     to a PD's invariants for Viper     capdl_encode   to a spec for an image
 *     capdl_memory    what each component takes of memory
 */
#pragma once

#include "microkit/arena.h"
#include "microkit/bytes.h"
#include "microkit/elf.h"
#include "microkit/model.h"
#include "microkit/programs.h"

#include <stdio.h>

/* What Microkit makes on x86-64. A cap is of the type of its object. */
enum capdl_type {
    CAPDL_ENDPOINT,
    CAPDL_NOTIFICATION,
    CAPDL_CNODE,
    CAPDL_TCB,
    CAPDL_FRAME,
    CAPDL_PAGE_TABLE,
    CAPDL_IRQ_MSI,
    CAPDL_IRQ_IOAPIC,
    CAPDL_IOPORTS,
    CAPDL_SCHED_CONTEXT,
    CAPDL_REPLY,
    CAPDL_TYPES
};

/* Slots of a TCB. Source: rust-sel4, types/src/cap_table.rs. */
enum capdl_tcb_slot {
    CAPDL_TCB_CSPACE = 0,
    CAPDL_TCB_VSPACE = 1,
    CAPDL_TCB_IPC_BUFFER = 4,
    CAPDL_TCB_FAULT_EP = 5,
    CAPDL_TCB_SCHED_CONTEXT = 6,
    CAPDL_TCB_NOTIFICATION = 8,
};

struct capdl_cap {
    enum capdl_type type;
    uint32_t object;
    uint32_t slot;      /* where it is */
    uint64_t badge;     /* of endpoints and notifications; a CNode cap's guard */
    uint8_t guard_size; /* of CNodes */
    uint8_t rights;     /* of endpoints, notifications and frames: SPEC_READ and so on */
    bool cached;        /* of frames */
    bool executable;    /* of frames; means nothing on x86 */
};

enum capdl_fill_kind { CAPDL_FILL_ELF, CAPDL_FILL_BYTES, CAPDL_FILL_BOOTINFO };

/* What a part of a frame holds at start. */
struct capdl_fill {
    uint64_t start; /* in the frame */
    uint64_t end;
    enum capdl_fill_kind kind;
    uint64_t elf;         /* CAPDL_FILL_ELF: the number of its PD, or that of PDs for the monitor */
    uint64_t segment;     /* CAPDL_FILL_ELF: index of the loadable segment */
    uint64_t offset;      /* in the segment, or in the bootinfo block */
    uint64_t bootinfo_id; /* CAPDL_FILL_BOOTINFO */
    const uint8_t *bytes; /* CAPDL_FILL_BYTES: as many as from start to end */
};

struct capdl_object {
    const char *name;
    enum capdl_type type;
    uint8_t size_bits; /* CNode: log2 slots; frame and scheduling context: log2 bytes */

    struct bytes caps; /* struct capdl_cap: of CNodes, TCBs, page tables and interrupts */

    bool paddr_given; /* frame */
    uint64_t paddr;
    size_t fill_count;
    struct capdl_fill *fills;

    bool is_root; /* page table: a PML4 */
    uint8_t level;

    uint64_t args[4]; /* ioapic, pin, level, polarity; or handle, PCI bus, device, function */

    uint64_t first_port;
    uint64_t last_port;

    uint64_t budget_us; /* scheduling context */
    uint64_t period_us;
    uint64_t badge;

    uint64_t ipc_buffer; /* TCB: an address in its VSpace */
    uint64_t affinity;
    uint64_t ip;
    uint64_t sp;
    uint8_t priority;
    uint8_t mcp;
    bool fpu_disabled;
    bool resume;
    bool domain_given;
    uint8_t domain;
};

struct capdl_irq {
    uint64_t vector;
    uint32_t handler; /* object */
};

/* A variable of a program that the description sets. */
struct capdl_variable {
    const char *symbol;
    uint64_t value;
};

/*
 * Whose program an ELF is, and which file. Upstream's JSON has the contents of programs only as
 * ranges of ELFs that it calls by number, as they are once libmicrokit's variables and those of setvar
 * have been written. The member `quoll` that we add tells the file where its name is not PD.elf, and
 * the values that setvar has written; there is none if no PD has such.
 */
struct capdl_program {
    uint64_t elf;
    const char *pd;
    const char *path;
    const char *symbols_path; /* NULL: that of the program */
    const char *found;        /* where it was; NULL before it was looked for */
    size_t variable_count;
    struct capdl_variable *variables;
};

/* Starts as {0}; capdl_free at the end. */
struct capdl {
    struct arena *arena;   /* of names, fills and bytes */
    struct bytes objects;  /* struct capdl_object */
    struct bytes irqs;     /* struct capdl_irq */
    struct bytes programs; /* struct capdl_program, of PDs */
    bool programs_told;    /* read from what our tool wrote: all of programs is in it */
    bool lost;             /* memory ran out */

    struct bytes schedule; /* struct schedule_entry; none: no domains */
    bool schedule_start_given;
    uint64_t schedule_start;
    bool schedule_shift_given;
    uint64_t schedule_shift;
};

/* False without memory. */
bool capdl_begin(struct capdl *capdl);
void capdl_free(struct capdl *capdl);

static inline uint32_t capdl_count(const struct capdl *capdl)
{
    return (uint32_t)(capdl->objects.size / sizeof(struct capdl_object));
}

static inline struct capdl_object *capdl_object(const struct capdl *capdl, uint32_t index)
{
    return (struct capdl_object *)capdl->objects.data + index;
}

static inline size_t capdl_cap_count(const struct capdl_object *object)
{
    return object->caps.size / sizeof(struct capdl_cap);
}

static inline struct capdl_cap *capdl_caps(const struct capdl_object *object)
{
    return (struct capdl_cap *)object->caps.data;
}

/* The cap in a slot, or NULL. */
const struct capdl_cap *capdl_cap_in(const struct capdl_object *object, uint32_t slot);

/* Append an object; its number. The name is the arena's. */
uint32_t capdl_add(struct capdl *capdl, const struct capdl_object *object);

/* printf to the arena; "" and `lost` without memory. */
const char *capdl_name(struct capdl *capdl, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void capdl_put(struct capdl *capdl, uint32_t object, uint32_t slot, struct capdl_cap cap);

/* log2 bytes of the memory that an object takes; 0 for none. */
uint8_t capdl_size_bits(const struct capdl_object *object);

/* What upstream's tool would describe to the initialiser. The system is checked and fits (fit.h), so that
 * nothing overlaps. False without memory. */
bool capdl_build(struct capdl *capdl, const struct system *system, const struct programs *programs);

/* To a stream, whose failure shows in ferror(). The text is upstream's, byte for byte. */
void capdl_write(const struct capdl *capdl, FILE *out);
void capdl_report(const struct capdl *capdl, FILE *out);
void capdl_viper(const struct capdl *capdl, const struct protection_domain *pd,
                 const struct system *system, FILE *out);

/* What one component, a thread with what hangs off it, takes of the machine's memory. */
struct capdl_memory {
    const char *component;  /* its TCB's name without "tcb_": a PD's, or monitor */
    uint64_t private_bytes; /* frames that only it has mapped */
    uint64_t shared_bytes;  /* frames that others have mapped, too; each of them counts it */
    uint64_t kernel_bytes;  /* kernel objects */
};

/*
 * Call `take` with each component. Its kernel objects are the TCB, its CSpace's CNodes, its VSpace's page
 * tables, its scheduling context, the notification that is bound, and what it has an unbadged cap of
 * in its CSpace: the endpoint that it receives from and its reply object. What it may only signal or
 * call has a badge, and is another's. False without memory.
 */
bool capdl_memory(const struct capdl *capdl,
                  void (*take)(void *context, const struct capdl_memory *memory), void *context);

/*
 * Read JSON. `name` is the file's. Returns true; or false with one error in `found`, which has a line
 * and column where the text is no JSON, and a path like objects[3].object.Frame.size_bits where it is
 * no capDL or asks for what no x86-64 system of Microkit has. capdl_free is due in either case.
 */
bool capdl_read(struct capdl *capdl, const char *name, const char *text, size_t length,
                struct diagnostics *found);
