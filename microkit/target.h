/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The kernel that a system is made for, as far as its description depends on it: the limits and the
 * features that a system description may or may not use.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum architecture { ARCH_X86_64, ARCH_AARCH64, ARCH_RISCV64 };

/* Whether a PD may have smc="true". */
enum smc_forwarding { SMC_NONE, SMC_OFF, SMC_ON };

struct hardware;

struct target {
    const char *name; /* of the board, as MICROKIT_BOARD has it */
    enum architecture arch;
    const struct hardware *hardware; /* NULL: what is at which address is not known here */
    enum smc_forwarding smc;
    bool hypervisor;
    bool iommu;
    uint8_t cores;     /* that the kernel uses */
    uint8_t cores_smp; /* that it uses in an smp- configuration; 1: there is none */
    uint8_t domains_max;
    uint64_t domain_schedule_max; /* entries, of which the kernel keeps one */
    uint64_t user_top;            /* seL4_UserVSpaceTop: the last address that a PD may use */
};

/* Where everything starts from: Microkit's x86_64_generic board, debug configuration, one core. */
extern const struct target target_x86_64;

/* The boards of Microkit 2.3.0, a target for each, with one core. */
extern const struct target targets[];
extern const size_t target_count;

/* The architecture as `--arch` has it: "x86_64", "aarch64", "riscv64". */
const char *target_arch_name(enum architecture arch);
/* And as upstream's messages have it: "x86-64", "AArch64", "RISC-V (64-bit)". */
const char *target_arch_title(enum architecture arch);
bool target_arch_read(const char *name, enum architecture *arch);

/* The board of that name, or NULL. */
const struct target *target_of_board(const char *board);

/* What is meant when no board is named: QEMU's, and on x86 the only one that Quoll runs. */
const struct target *target_of_arch(enum architecture arch);

/* The same board with an smp- configuration of its kernel. */
struct target target_smp(const struct target *target);

/* The two page sizes that Microkit uses on every architecture, in bytes. */
#define PAGE_SMALL UINT64_C(0x1000)
#define PAGE_LARGE UINT64_C(0x200000)

/*
 * The top of a PD's address space: the page of the IPC buffer, a guard page, then the stack.
 * What is mapped by the description ends at or below the bottom of the stack.
 */
uint64_t target_ipc_buffer(const struct target *target);
uint64_t target_stack_top(const struct target *target);
uint64_t target_stack_bottom(const struct target *target, uint64_t stack_size);
