/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Microkit's monitor: the fault handler of every PD without a parent. It reports a fault and leaves
 * the PD where it stopped. It also makes a PD passive, when that PD asks for it after its init().
 *
 * The names of slots and variables are Microkit 2.3.0's: the tool fills both in.
 */
#pragma once

#include <stdint.h>

#include <sel4/sel4.h>

#define PDS_MAX     64
#define NAME_LENGTH 64

/* What the monitor's CNode holds. A PD's slots are at its index from the base. */
enum monitor_slot {
    FAULT_EP_SLOT = 1,
    REPLY_SLOT = 2,
    BASE_PD_TCB_SLOT = 10,
    BASE_VM_TCB_SLOT = 74,
    BASE_SCHED_CONTEXT_SLOT = 138,
    BASE_NOTIFICATION_SLOT = 202,
};

/* Written by the tool. */
extern char pd_names[PDS_MAX][NAME_LENGTH];
extern seL4_Word pd_names_len;
extern char vm_names[PDS_MAX][NAME_LENGTH];
extern seL4_Word vm_names_len;
extern seL4_Word pd_stack_bottom_addrs[PDS_MAX];

/* A fault as it arrived: the message registers, before another system call reuses them. */
struct fault {
    seL4_Word label;
    seL4_Word mrs[seL4_VMFault_Length > seL4_CapFault_GuardMismatch_BitsFound + 1
                      ? seL4_VMFault_Length
                      : seL4_CapFault_GuardMismatch_BitsFound + 1];
};

/* The words of a fault message that were received last. */
struct fault fault_received(seL4_Word label);

/* Print what happened; stack_bottom is the lowest address of the PD's stack. */
void fault_print(const struct fault *fault, seL4_Word stack_bottom);

void registers_print(const seL4_UserContext *registers);

/* console.c */
void print(const char *text);
void print_hex32(uint32_t value);
void print_hex64(uint64_t value);
