/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A capability: two words that name an object and say what may be done with it; and the slot that
 * holds one, with its place in the derivation tree.
 *
 * Objects are named by physical address, never by host pointer. They are 16-byte aligned at least,
 * so a cap stores the address in units of 16.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/paddr.h"

/* Guests see these numbers through DebugCapIdentify. Source: seL4 16.0.0, x86_64. */
enum cap_type {
    CAP_NULL = 0,
    CAP_FRAME = 1,
    CAP_UNTYPED = 2,
    CAP_PAGE_TABLE = 3,
    CAP_ENDPOINT = 4,
    CAP_PAGE_DIRECTORY = 5,
    CAP_NOTIFICATION = 6,
    CAP_PDPT = 7,
    CAP_REPLY = 8,
    CAP_PML4 = 9,
    CAP_CNODE = 10,
    CAP_ASID_CONTROL = 11,
    CAP_TCB = 12,
    CAP_ASID_POOL = 13,
    CAP_IRQ_CONTROL = 14,
    CAP_IO_SPACE = 15,
    CAP_IRQ_HANDLER = 16,
    CAP_IO_PAGE_TABLE = 17,
    CAP_ZOMBIE = 18,
    CAP_IO_PORT = 19,
    CAP_DOMAIN = 20,
    CAP_SCHED_CONTEXT = 22,
    CAP_SCHED_CONTROL = 24,
    CAP_IO_PORT_CONTROL = 31,
};

enum frame_size { FRAME_4K, FRAME_2M, FRAME_1G };

/* Rights of a frame cap. Write-only does not exist on x86: it becomes kernel-only. */
enum frame_rights { FRAME_KERNEL_ONLY, FRAME_READ_ONLY, FRAME_READ_WRITE };

/*
 * The first word, for every type:
 *
 *    63     59 58                44 43                                       0
 *   |  type 5 |  of the type 15    |  object, physical address / 16         44 |
 *
 * The second word belongs to the type.
 */
struct cap {
    union {
        struct {
            uint64_t object_16 : 44;
            uint64_t : 15;
            uint64_t type : 5;
            uint64_t word;
        };
        struct {
            uint64_t object_16 : 44;
            uint64_t size_bits : 6;
            uint64_t is_device : 1;
            uint64_t : 8;
            uint64_t type : 5;
            uint64_t free_offset; /* bytes from the start that have been retyped */
        } untyped;
        struct {
            uint64_t object_16 : 44;
            uint64_t can_send : 1;
            uint64_t can_receive : 1;
            uint64_t can_grant : 1;
            uint64_t can_grant_reply : 1;
            uint64_t : 11;
            uint64_t type : 5;
            uint64_t badge;
        } endpoint;
        struct {
            uint64_t object_16 : 44;
            uint64_t can_send : 1;
            uint64_t can_receive : 1;
            uint64_t : 13;
            uint64_t type : 5;
            uint64_t badge;
        } notification;
        struct {
            uint64_t object_16 : 44;
            uint64_t can_grant : 1;
            uint64_t is_master : 1; /* classic: the caller's own, which cannot be invoked */
            uint64_t : 13;
            uint64_t type : 5;
            uint64_t : 64;
        } reply; /* of a reply object; classic: of the TCB that waits for the reply */
        struct {
            uint64_t object_16 : 44;
            uint64_t radix : 6;
            uint64_t guard_bits : 6;
            uint64_t : 3;
            uint64_t type : 5;
            uint64_t guard;
        } cnode;
        struct {
            uint64_t object_16 : 44;
            uint64_t is_tcb : 1; /* it was a TCB, else a CNode of this radix */
            uint64_t radix : 6;
            uint64_t : 8;
            uint64_t type : 5;
            uint64_t slots_left; /* the slots below this number still hold something */
        } zombie;
        struct {
            uint64_t object_16 : 44;
            uint64_t size_bits : 6;
            uint64_t : 9;
            uint64_t type : 5;
            uint64_t : 64;
        } sched_context;
        struct {
            uint64_t : 59;
            uint64_t type : 5;
            uint64_t core;
        } sched_control;
        struct {
            uint64_t : 59;
            uint64_t type : 5;
            uint64_t irq;
        } irq_handler;
        struct {
            uint64_t object_16 : 44; /* the frame itself */
            uint64_t size : 2;       /* enum frame_size */
            uint64_t is_device : 1;
            uint64_t rights : 2;    /* enum frame_rights */
            uint64_t is_mapped : 1; /* asid and vaddr are valid */
            uint64_t : 9;
            uint64_t type : 5;
            uint64_t vaddr : 48;
            uint64_t asid : 16;
        } frame;
        struct { /* page table, page directory, PDPT, PML4 */
            uint64_t object_16 : 44;
            uint64_t is_mapped : 1;
            uint64_t : 14;
            uint64_t type : 5;
            uint64_t vaddr : 48; /* 0 for a PML4 */
            uint64_t asid : 16;
        } table;
        struct {
            uint64_t object_16 : 44;
            uint64_t : 15;
            uint64_t type : 5;
            uint64_t asid_base;
        } asid_pool;
        struct {
            uint64_t : 59;
            uint64_t type : 5;
            uint64_t first : 16;
            uint64_t last : 16;
            uint64_t : 32;
        } io_port;
    };
};
_Static_assert(sizeof(struct cap) == 16, "a cap is two words");

static inline enum cap_type cap_type(struct cap cap)
{
    return (enum cap_type)cap.type;
}

static inline bool cap_is(struct cap cap, enum cap_type type)
{
    return cap.type == type;
}

static inline bool cap_is_null(struct cap cap)
{
    return cap.type == CAP_NULL;
}

/* Where the object is, for the types that have one; else 0. */
static inline paddr cap_object(struct cap cap)
{
    return (paddr)cap.object_16 << 4;
}

/* The null cap. */
static inline struct cap cap_null(void)
{
    return (struct cap){0};
}

/*
 * A slot: what a CNode is an array of.
 *
 * The derivation tree is one doubly linked list in depth-first order; who is whose child follows
 * from the caps and the two flags (see cdt.h). Links are physical addresses of slots in units of
 * 32, 0 for none.
 */
struct slot {
    struct cap cap;
    uint64_t previous_32 : 43;
    uint64_t : 21;
    uint64_t next_32 : 43;
    uint64_t is_revocable : 1;    /* children may exist */
    uint64_t is_first_badged : 1; /* the badge was given here: others may be derived from it */
    uint64_t : 19;
};
_Static_assert(sizeof(struct slot) == 32, "seL4_SlotBits");
