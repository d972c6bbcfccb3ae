/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The spec: what a system is made of, as data. The tool writes it, the initialiser carries it out.
 *
 * Where it is
 *
 *   The image is the initialiser's ELF with one more segment, which starts on a page of its own:
 *
 *      | initialiser's code and data | spec | pages |
 *      ^ image page 0                ^ spec->first_image_page, the variable `initialiser_spec`
 *
 *   The kernel maps a root task's image as 4 KiB frames and hands over a cap to each. So `pages`,
 *   the contents of program images and prefilled regions, become frames of their PDs without being
 *   copied: the initialiser unmaps such a frame from itself and maps it where the spec says.
 *
 * What it says
 *
 *   A header, then tables of fixed-size records, then strings. Offsets are in bytes from the start of
 *   the spec, which holds no address of its own and can be anywhere. All numbers are little-endian.
 *
 *   Objects are numbered from 0. Object n's cap is in the n-th of the initialiser's empty slots,
 *   which is why one retype makes many of them: a record of the table `objects` is a *run* of
 *   consecutive numbers with one type, one size and one name. The order of the runs is
 *
 *      1. frames at physical addresses, by address;
 *      2. the rest by size, largest first, then by type, then by name;
 *      3. IRQ handlers and I/O port ranges, which come from a control cap and not from memory.
 *
 *   Largest first means that no byte of an untyped is lost to alignment. By name, because threads
 *   start in the order of their TCBs, and that is part of what Microkit does: among threads of one
 *   priority the last one started runs first.
 *
 *   The initialiser goes through the tables in this order, and each table from its start:
 *
 *      objects         create them all
 *      irqs, ioports   issue the caps, bind interrupts to notifications
 *      objects         give each PML4 an ASID
 *      fills           copy contents into frames that cannot be pages of the image
 *      tables          map PDPTs before page directories before page tables
 *      maps            map frames
 *      scheds          configure scheduling contexts
 *      tcbs            configure threads
 *      slots           put caps into CNodes
 *      domains         write the domain schedule
 *      tcbs            write registers and start
 */
#pragma once

#include <stdint.h>

/* "seL4spec", read as a little-endian number. */
#define SPEC_MAGIC   UINT64_C(0x63657073344c6573)
#define SPEC_VERSION 1

/* No object. */
#define SPEC_NONE UINT32_MAX

/* A run that can be anywhere in memory. */
#define SPEC_ANYWHERE UINT64_MAX

/* How the tables are found. */
struct spec_table {
    uint32_t offset; /* bytes from the start of the spec, a multiple of 8 */
    uint32_t count;  /* records */
};

struct spec {
    uint64_t magic;
    uint32_t version;
    uint32_t size;             /* bytes, strings included */
    uint32_t first_image_page; /* the number of the image page in which the spec starts */
    uint32_t objects_total;    /* sum of the runs' counts */
    struct spec_table objects; /* struct spec_objects */
    struct spec_table irqs;    /* struct spec_irq */
    struct spec_table ioports; /* struct spec_ioports */
    struct spec_table fills;   /* struct spec_fill */
    struct spec_table tables;  /* struct spec_page_table */
    struct spec_table maps;    /* struct spec_map */
    struct spec_table scheds;  /* struct spec_sched */
    struct spec_table tcbs;    /* struct spec_tcb */
    struct spec_table slots;   /* struct spec_slot */
    struct spec_table domains; /* struct spec_domain */
    uint32_t domain_shift;     /* index in the kernel's schedule of the first entry */
    uint32_t domain_start;     /* index to start at, the shift included; SPEC_NONE to leave it */
};

enum spec_type {
    SPEC_ENDPOINT,
    SPEC_NOTIFICATION,
    SPEC_REPLY,
    SPEC_TCB,
    SPEC_SCHED_CONTEXT,
    SPEC_CNODE,
    SPEC_FRAME_4K,
    SPEC_FRAME_2M,
    SPEC_PAGE_TABLE,
    SPEC_PAGE_DIRECTORY,
    SPEC_PDPT,
    SPEC_PML4,
    SPEC_IRQ,
    SPEC_IOPORTS,
    SPEC_TYPES
};

/* A run of objects. */
struct spec_objects {
    uint64_t paddr; /* of the first, the others follow it without a gap; or SPEC_ANYWHERE */
    uint32_t first;
    uint32_t count;
    uint32_t name;     /* string, for messages: offset from the start of the spec */
    uint8_t type;      /* enum spec_type */
    uint8_t size_bits; /* log2 bytes of one; 0 where no memory is needed */
    uint8_t spare[2];
};

/* Rights, as in the word of seL4_CapRights_t. */
enum { SPEC_WRITE = 1, SPEC_READ = 2, SPEC_GRANT = 4, SPEC_GRANT_REPLY = 8, SPEC_ALL_RIGHTS = 15 };

/* A cap to hand out: derived from the object's first cap. */
struct spec_cap {
    uint64_t badge;  /* of an endpoint or notification; a CNode's guard as seL4_CNode_CapData_t */
    uint32_t object; /* SPEC_NONE: no cap */
    uint8_t rights;
    uint8_t spare[3];
};

enum spec_irq_kind { SPEC_IRQ_IOAPIC, SPEC_IRQ_MSI };

/* The arguments of seL4_IRQControl_GetIOAPIC and seL4_IRQControl_GetMSI, in their order. */
struct spec_irq {
    struct spec_cap notification;
    uint32_t object;
    uint32_t kind;    /* enum spec_irq_kind */
    uint32_t args[4]; /* ioapic, pin, level, polarity; or PCI bus, device, function, handle */
    uint32_t vector;
    uint32_t spare;
};

struct spec_ioports {
    uint32_t object;
    uint16_t first_port;
    uint16_t last_port;
};

/* Page tables of every level. The object's type tells which. */
struct spec_page_table {
    uint64_t vaddr;
    uint32_t object;
    uint32_t vspace;
};

enum spec_map_flags {
    SPEC_MAP_IMAGE = 1,    /* `first` is a page of the image, not an object */
    SPEC_MAP_COPY = 2,     /* an earlier record maps these frames too: map copies of the caps */
    SPEC_MAP_UNCACHED = 4, /* as for device registers */
};

/* `count` frames at consecutive addresses. */
struct spec_map {
    uint64_t vaddr;
    uint32_t vspace;
    uint32_t
        first; /* object number; or image page, counted from the page in which the spec starts */
    uint32_t count;
    uint8_t size_bits; /* 12 or 21 */
    uint8_t rights;    /* SPEC_READ, SPEC_WRITE; without both the kernel alone can access it */
    uint8_t flags;     /* enum spec_map_flags */
    uint8_t spare;
};

/* Where a fill takes its bytes from. */
enum { SPEC_FILL_FROM_IMAGE = UINT32_MAX };

/*
 * Contents for a run of frames that cannot be image pages: large ones, and those at physical
 * addresses. They start at the first byte of the first frame. An extra bootinfo block that is absent
 * leaves the frames zeroed, one that is larger than `length` is cut.
 */
struct spec_fill {
    uint32_t object; /* first frame */
    uint32_t
        source; /* SPEC_FILL_FROM_IMAGE, or the id of an extra bootinfo block, header included */
    uint64_t offset; /* in the image, from the start of the spec; or in the block */
    uint64_t length; /* bytes */
};

struct spec_sched {
    uint64_t budget_us;
    uint64_t period_us;
    uint64_t badge;
    uint32_t object;
    uint32_t core;
};

enum spec_tcb_flags { SPEC_TCB_START = 1, SPEC_TCB_FPU_OFF = 2 };

#define SPEC_NO_DOMAIN UINT8_MAX

struct spec_tcb {
    struct spec_cap cspace;
    struct spec_cap fault_endpoint;
    uint64_t ip;
    uint64_t sp;
    uint64_t ipc_buffer; /* address in the thread's VSpace */
    uint32_t object;
    uint32_t vspace;
    uint32_t ipc_buffer_frame;
    uint32_t sched;        /* SPEC_NONE: passive from the start */
    uint32_t notification; /* to bind; SPEC_NONE: none */
    uint8_t priority;
    uint8_t mcp;
    uint8_t domain; /* SPEC_NO_DOMAIN: that of the initialiser */
    uint8_t flags;  /* enum spec_tcb_flags */
};

/* A cap in a CNode. */
struct spec_slot {
    struct spec_cap cap;
    uint32_t cnode;
    uint32_t slot;
};

enum spec_domain_unit { SPEC_DOMAIN_TICKS, SPEC_DOMAIN_US };

/* An entry of the domain schedule. The end marker is domain 0 for 0 ticks. */
struct spec_domain {
    uint64_t duration;
    uint32_t domain;
    uint32_t unit; /* enum spec_domain_unit */
};

static inline const void *spec_records(const struct spec *spec, struct spec_table table)
{
    return (const char *)spec + table.offset;
}

_Static_assert(sizeof(struct spec) % 8 == 0, "tables are aligned");
_Static_assert(sizeof(struct spec_objects) == 24, "no hidden padding");
_Static_assert(sizeof(struct spec_cap) == 16, "no hidden padding");
_Static_assert(sizeof(struct spec_irq) == 48, "no hidden padding");
_Static_assert(sizeof(struct spec_ioports) == 8, "no hidden padding");
_Static_assert(sizeof(struct spec_page_table) == 16, "no hidden padding");
_Static_assert(sizeof(struct spec_map) == 24, "no hidden padding");
_Static_assert(sizeof(struct spec_fill) == 24, "no hidden padding");
_Static_assert(sizeof(struct spec_sched) == 32, "no hidden padding");
_Static_assert(sizeof(struct spec_tcb) == 80, "no hidden padding");
_Static_assert(sizeof(struct spec_slot) == 24, "no hidden padding");
_Static_assert(sizeof(struct spec_domain) == 16, "no hidden padding");
