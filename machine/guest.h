/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Guests' memory, seen through the kernel's page tables. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/paddr.h"
#include "kernel/kernel.h"
#include "machine/memory.h"

/* Copy out of a VSpace. Returns false when part of it is not mapped for guests, or is no memory. */
bool guest_read(struct kernel *kernel, const struct memory *memory, paddr vspace, uint64_t vaddr,
                void *bytes, size_t count);
