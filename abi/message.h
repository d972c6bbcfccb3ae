/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Messages, rights and faults.
 * Source: seL4 16.0.0, libsel4 shared_types.bf, sel4/shared_types.h, sel4/constants.h.
 */
#pragma once

#include <stdint.h>

/*
 * seL4_MessageInfo_t
 *
 *    63                          12 11          9 8         7 6        0
 *   |          label 52            | unwrapped 3 | extra 2   | length 7 |
 */
#define MESSAGE_LENGTH_BITS      7
#define MESSAGE_LENGTH_MAX       120
#define MESSAGE_EXTRA_CAPS_SHIFT 7
#define MESSAGE_EXTRA_CAPS_MAX   3
#define MESSAGE_UNWRAPPED_SHIFT  9
#define MESSAGE_LABEL_SHIFT      12
#define MESSAGE_REGISTERS        4 /* MR0 to MR3 travel in registers */

/* seL4_IPCBuffer: 1 KiB, in a frame of its own or part of one. */
#define IPC_BUFFER_BITS 10
struct abi_ipc_buffer {
    uint64_t tag;
    uint64_t msg[MESSAGE_LENGTH_MAX];
    uint64_t user_data;
    uint64_t caps_or_badges[MESSAGE_EXTRA_CAPS_MAX];
    uint64_t receive_cnode;
    uint64_t receive_index;
    uint64_t receive_depth;
};
_Static_assert(sizeof(struct abi_ipc_buffer) == 1u << IPC_BUFFER_BITS, "1 KiB, no holes");

/* seL4_CapRights_t. */
#define RIGHT_WRITE       0x1
#define RIGHT_READ        0x2
#define RIGHT_GRANT       0x4
#define RIGHT_GRANT_REPLY 0x8

/* Labels of fault messages: seL4_Fault_tag. The last two depend on MCS. */
enum {
    FAULT_NULL = 0,
    FAULT_CAP = 1,
    FAULT_UNKNOWN_SYSCALL = 2,
    FAULT_USER_EXCEPTION = 3,
    FAULT_DEBUG_EXCEPTION = 4,
    FAULT_TIMEOUT_MCS = 5,
    FAULT_VM_MCS = 6,
    FAULT_VM_CLASSIC = 5,
};

/* seL4_BreakpointAccess. */
enum { BREAK_ON_READ, BREAK_ON_WRITE, BREAK_ON_READ_WRITE };

/* Lengths of fault messages in words. The unknown system call and the user exception list
 * registers: abi/x86/registers.h. */
#define FAULT_VM_LENGTH      4 /* IP, address, prefetch fault, FSR */
#define FAULT_CAP_LENGTH_MIN 4 /* IP, address, in receive phase, lookup failure type, … */
#define FAULT_TIMEOUT_LENGTH 2 /* data of the scheduling context, consumed (us) */
#define FAULT_DEBUG_LENGTH   4 /* IP, reason, trigger address, breakpoint number */

/* What a breakpoint watches, and the reason of a debug exception: seL4_BreakpointType. */
enum {
    DEBUG_DATA_BREAKPOINT = 0,
    DEBUG_INSTRUCTION_BREAKPOINT = 1,
    DEBUG_SINGLE_STEP = 2,
    DEBUG_SOFTWARE_BREAK = 3,
};
