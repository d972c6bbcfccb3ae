/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Address space identifiers: a VSpace is in use while its PML4 has one. An ASID pool holds 512 of
 * them, and a cap that names a dead one has no effect any more.
 */
#pragma once

#include "kernel/call.h"

/* 0 means none: it is never given out. */
#define ASID_NONE 0
/* The initial thread's. */
#define ASID_INITIAL 1

#define ASID_POOL_ENTRIES (1u << seL4_ASIDPoolIndexBits)

enum answer decode_asid_control(struct call *call);
enum answer decode_asid_pool(struct call *call);

/* The PML4 that has this identifier, or 0. */
paddr asid_vspace(struct kernel *k, unsigned asid);

/* Make `pool` the one that holds identifiers from `base` on; give an identifier of it away. */
void asid_install_pool(struct kernel *k, unsigned base, paddr pool);
void asid_assign(struct kernel *k, unsigned asid, paddr pml4);

/* The last cap to a pool, or to a PML4 with this identifier, goes. */
void asid_delete_pool(struct kernel *k, unsigned base, paddr pool);
void asid_delete(struct kernel *k, unsigned asid, paddr pml4);
