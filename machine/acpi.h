/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The tables of the firmware, which tell guests what the board is. Reference: ACPI 1.0b, IA-PC HPET. */
#pragma once

#include <stdint.h>

#include "abi/paddr.h"

#define ACPI_RSDP_ADDRESS                                                                          \
    0xf59d0                /* where QEMU 7.2 has it; anywhere 16-aligned above 0xe0000 would do */
#define ACPI_RSDP_BYTES 36 /* what seL4 hands on: the table and what follows it */

/*
 * Write the tables into memory.
 *
 * ram             the machine's memory, at its physical addresses
 * low_memory_end  the tables lie in the 128 KiB below it
 */
void acpi_write(uint8_t *ram, paddr low_memory_end);
