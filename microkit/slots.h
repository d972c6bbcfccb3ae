/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Where Microkit puts caps, and what it writes on them.
 * Source: Microkit 2.3.0, tool/microkit/src/capdl/builder.rs and libmicrokit/include/microkit.h.
 */
#pragma once

#include <stdint.h>

#define FAULT_BADGE (UINT64_C(1) << 62)
#define PPC_BADGE   (UINT64_C(1) << 63)
#define SCHED_BADGE 0x100

enum pd_slot {
    PD_INPUT = 1,
    PD_FAULT_EP = 2,
    PD_VSPACE = 3,
    PD_REPLY = 4,
    PD_MONITOR_EP = 5,
    PD_BASE_NOTIFICATION = 10,
    PD_BASE_ENDPOINT = 74,
    PD_BASE_IRQ = 138,
    PD_BASE_TCB = 202,
    PD_BASE_IOPORT = 394,
};

enum monitor_slot {
    MONITOR_FAULT_EP = 1,
    MONITOR_REPLY = 2,
    MONITOR_BASE_TCB = 10,
    MONITOR_BASE_SCHED = 138,
    MONITOR_BASE_NOTIFICATION = 202,
};

/* Bits of guard, all zeros. Together with its radix, a CNode resolves all 64 bits, those of the root
 * CNode of a PD, which comes before it, included. */
#define PD_CNODE_GUARD      49
#define MONITOR_CNODE_GUARD 55

/* Radix of a PD's CNodes, and its scheduling context. */
#define CNODE_RADIX        9
#define ROOT_CNODE_RADIX   6
#define SCHED_CONTEXT_BITS 8

#define MONITOR_STACK_SIZE UINT64_C(0x1000)
#define MONITOR_PRIORITY   255
#define MONITOR_BUDGET_US  1000
