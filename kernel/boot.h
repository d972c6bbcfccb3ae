/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Boot while it goes on: what boot.c, boot_memory.c and bootinfo.c hand to one another.
 *
 * Memory is laid out as the real kernel lays it out, so that the same ELF finds the same untyped
 * memory: the kernel's image from 1 MiB on, the root task's image after it, and the first objects
 * at the top of the last region that is large enough. Where the real kernel's image would be lies
 * what this kernel keeps in object memory for itself.
 */
#pragma once

#include "abi/bootinfo.h"
#include "kernel/state.h"
#include "kernel/x86/paging.h"

#define PAGE_BYTES (1ul << seL4_PageBits)

/* The kernel's image begins here; RAM below is not used. */
#define KERNEL_FIRST 0x100000ul

#define RANGES_MAX 24

struct range {
    paddr first;
    paddr end;
};

/* Ascending, not overlapping. */
struct ranges {
    struct range list[RANGES_MAX];
    size_t count;
};

/* Where the initial thread's objects are. */
struct layout {
    paddr cnode;
    paddr extra; /* of bootinfo */
    paddr vspace;
    paddr asid_pool;
    paddr ipc_buffer;
    paddr bootinfo;
    paddr tcb;
    paddr paging;
    paddr sc;       /* MCS */
    uint64_t bytes; /* of all */
};

/* Boot while it goes on. */
struct booting {
    struct kernel *k;
    const struct kernel_boot *boot;
    struct range image; /* of the root task, in memory */
    uint64_t ipc_buffer_vaddr;
    uint64_t bootinfo_vaddr;
    uint64_t extra_vaddr;
    uint64_t extra_bytes; /* in use of the one page that it has */
    struct ranges usable;
    struct ranges free;
    struct layout at;

    struct slot *slots; /* the root CNode */
    uint64_t slot_next;
    bool slots_overflow;
    struct abi_bootinfo *bootinfo;
    struct abi_slot_region *untyped;
    struct abi_untyped_description *untyped_list;
    unsigned untyped_count;
    unsigned untyped_dropped; /* beyond what bootinfo holds */
};

/* Put a cap into an empty slot, as the first to its object. */
void boot_write_slot(struct slot *slot, struct cap cap);

/* Put a cap into the next slot of the root CNode. */
void boot_provide_cap(struct booting *b, struct cap cap);

/* Tables whose entries of `level` cover all addresses of the root task at its start. */
uint64_t boot_tables_count(const struct booting *b, enum paging_level level);

/*
 * boot_memory.c: decide where everything lies; later make untyped memory of the rest.
 *
 * Both return NULL, or half a sentence for a person that says why it cannot be.
 */
const char *boot_claim_memory(struct booting *b);
const char *boot_provide_memory(struct booting *b);

/* bootinfo.c: the frame and its extra headers, without what others write as they go. */
uint64_t bootinfo_extra_bytes(const struct kernel_boot *boot);
void bootinfo_write(struct booting *b);

/*
 * Each product's own.
 */

/* Where in the bootinfo frame untyped memory is described; and what only this product's has. */
void boot_describe(struct booting *b);

/* The thread is complete but for what it runs on, and runs first. */
void boot_start_thread(struct booting *b, struct tcb *tcb);

static inline uint64_t boot_round_up(uint64_t value, uint64_t unit)
{
    return (value + unit - 1) & ~(unit - 1);
}

static inline uint64_t boot_round_down(uint64_t value, uint64_t unit)
{
    return value & ~(unit - 1);
}

static inline void boot_copy(void *target, const void *source, size_t bytes)
{
    uint8_t *to = target;
    const uint8_t *from = source;
    for (size_t i = 0; i < bytes; i++) {
        to[i] = from[i];
    }
}
