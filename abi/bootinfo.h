/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * What a root task finds at start: its caps at fixed slots, and the bootinfo frame.
 * Source: seL4 16.0.0, libsel4 sel4/bootinfo_types.h.
 */
#pragma once

#include <stdint.h>

#include "abi/bootinfo_numbers.h"

struct abi_bootinfo_header {
    uint64_t id;
    uint64_t length; /* bytes, this header included */
};

struct abi_slot_region {
    uint64_t start; /* first slot of the region */
    uint64_t end;   /* first slot after it */
};

struct abi_untyped_description {
    uint64_t paddr;
    uint8_t size_bits;
    uint8_t is_device;
    uint8_t padding[6];
};

/* CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS of every configuration that we know. */
#define BOOTINFO_UNTYPED_MAX 230

/* With MCS, `schedcontrol` stands before `untyped`; the classic kernel's struct lacks it. */
#define ABI_BOOTINFO_FIELDS_BEFORE_SCHEDCONTROL                                                    \
    uint64_t extra_length; /* bytes of extra headers, which start a page after this struct */      \
    uint64_t node_id;                                                                              \
    uint64_t nodes;                                                                                \
    uint64_t io_page_table_levels; /* all ones without an IOMMU */                                 \
    uint64_t ipc_buffer;           /* address in the root task */                                  \
    struct abi_slot_region empty;                                                                  \
    struct abi_slot_region shared_frames;                                                          \
    struct abi_slot_region user_image_frames;                                                      \
    struct abi_slot_region user_image_paging;                                                      \
    struct abi_slot_region io_space_caps;                                                          \
    struct abi_slot_region extra_bootinfo_pages;                                                   \
    uint64_t init_cnode_size_bits;                                                                 \
    uint64_t init_domain;

/* What both begin with. */
struct abi_bootinfo {
    ABI_BOOTINFO_FIELDS_BEFORE_SCHEDCONTROL
};

struct abi_bootinfo_mcs {
    ABI_BOOTINFO_FIELDS_BEFORE_SCHEDCONTROL
    struct abi_slot_region schedcontrol;
    struct abi_slot_region untyped;
    struct abi_untyped_description untyped_list[BOOTINFO_UNTYPED_MAX];
};

struct abi_bootinfo_classic {
    ABI_BOOTINFO_FIELDS_BEFORE_SCHEDCONTROL
    struct abi_slot_region untyped;
    struct abi_untyped_description untyped_list[BOOTINFO_UNTYPED_MAX];
};
_Static_assert(sizeof(struct abi_bootinfo_mcs) <= 4096, "one frame");
