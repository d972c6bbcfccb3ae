/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The plan: which objects a system takes, what is mapped where, and what the pages hold. It is made
 * from the model, numbered, and then encoded as a spec.
 *
 * While it is made, a run of objects goes by its index in `runs`, which stays; the numbers that the
 * spec uses are known once all runs are. Names are upstream's, because they order the TCBs.
 */
#pragma once

#include "microkit/bytes.h"
#include "microkit/programs.h"
#include "microkit/spec.h"

/* No run. */
#define NO_RUN SIZE_MAX

struct run {
    struct spec_objects objects; /* `first` once it is numbered; `name` when it is encoded */
    char *name;
};

/* What a VSpace maps at consecutive addresses. */
struct planned_map {
    size_t vspace; /* run */
    uint64_t vaddr;
    size_t frames;       /* run; NO_RUN: pages of the image */
    uint32_t first_page; /* of the image, if so: an index in `pages` */
    uint32_t count;
    uint8_t size_bits;
    uint8_t rights; /* SPEC_READ, SPEC_WRITE */
    uint8_t flags;  /* SPEC_MAP_COPY, SPEC_MAP_UNCACHED */
};

struct planned_table {
    size_t vspace; /* run */
    size_t tables; /* run, of which this is number `index` */
    uint32_t index;
    uint64_t vaddr;
};

struct planned_fill {
    size_t frames; /* run */
    uint32_t source;
    uint64_t page; /* where the bytes start: an index in `pages` */
    uint64_t length;
};

/* The frames of a memory region: pages of the image first, then a run. Either can be missing. */
struct region_plan {
    uint32_t first_page;
    uint32_t pages;
    size_t frames;
    bool mapped; /* somewhere: further maps use copies of the caps */
};

/* The objects of a PD, each a run, or of the monitor. NO_RUN where it has none. */
struct pd_plan {
    const char *name;
    const struct elf *program;
    uint64_t stack_size;
    size_t vspace;
    size_t tcb;
    size_t ipc_buffer;
    size_t sched;
    size_t reply;
    size_t endpoint;
    size_t notification;
    size_t cnode;      /* of the caps at libmicrokit's slots */
    size_t root_cnode; /* the monitor has none */
    size_t *irqs;      /* by index in the PD */
    size_t *ioports;
};

struct plan {
    const struct system *system;
    struct diagnostics *found;
    bool failed; /* an error is in `found` */

    struct bytes runs;   /* struct run */
    struct bytes maps;   /* struct planned_map */
    struct bytes tables; /* struct planned_table */
    struct bytes fills;  /* struct planned_fill */
    struct bytes pages;  /* contents, 4 KiB each */

    struct pd_plan monitor;
    struct pd_plan *pds;         /* by PD number */
    struct region_plan *regions; /* by index in the system */
    struct run **order;          /* the runs by number, once they are numbered */
};

/*
 * Plan a system with its patched programs, which must outlive the plan. Returns true; or false with
 * an error in `found`. plan_free is due in either case.
 */
bool plan_make(struct plan *plan, const struct system *system, const struct programs *programs,
               struct diagnostics *found);

void plan_free(struct plan *plan);

size_t plan_run_count(const struct plan *plan);
struct run *plan_run(const struct plan *plan, size_t run);

/*
 * Append the spec of a plan, which starts in this page of the image, and the pages behind it.
 * Running out of memory shows in `spec->lost`.
 */
void plan_encode(const struct plan *plan, uint32_t first_image_page, struct bytes *spec);
