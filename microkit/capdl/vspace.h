/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * VSpaces in capDL while they are built: page tables appear where frames are mapped. Running out of memory
 * shows in capdl->lost.
 */
#pragma once

#include "microkit/capdl/capdl.h"

/* A cap to a frame, for a page table. */
struct capdl_cap capdl_frame_cap(uint32_t object, uint8_t rights, bool executable, bool cached);

/* Append a frame of 4 KiB that holds this (NULL: zeros); its number. */
uint32_t capdl_add_frame(struct capdl *capdl, const char *name, const struct capdl_fill *fill);

/* Append a page table; its number. Level 0 is a PML4, a VSpace. */
uint32_t capdl_add_page_table(struct capdl *capdl, uint8_t level, const char *name);

/* Map a frame into a VSpace, whose page tables are named after `name`. Nothing is mapped there. */
void capdl_map_frame(struct capdl *capdl, uint32_t vspace, const char *name, uint64_t vaddr,
                     struct capdl_cap frame);

/* The frame of 4 KiB that is mapped there. */
uint32_t capdl_frame_at(const struct capdl *capdl, uint32_t vspace, uint64_t vaddr);

/*
 * Map a program into a VSpace, page by page.
 *
 * elf   Its number, for the frames' contents.
 * name  Of the PD, or "monitor".
 */
void capdl_map_program(struct capdl *capdl, uint32_t vspace, const char *name, uint64_t elf,
                       const struct elf *program);
