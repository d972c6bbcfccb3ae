/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Clean restarts: sdk/libmicrokit/include/quoll/restart.h says what they are.
 *
 * A PD whose program has the table `quoll_restart_children` sees its children's memory from
 * RESTART_BASE on, one child after the other in the order of the description:
 *
 *    | writable pages of the child's program: | read-only copies of |
 *    | those with contents | those without    | those with contents |
 *
 * The pages and their copies are part of the system in capDL, which capdl/build.c makes. The table is not.
 */
#pragma once

#include "microkit/programs.h"

/* As QUOLL_RESTART_BASE. Far from where programs are linked and regions are mapped by hand. */
#define RESTART_BASE UINT64_C(0x600000000000)

/*
 * Write the tables of all programs that have one. All programs are patched otherwise: children's pages
 * are counted by what they hold. Returns true, or false with an error in `found`: the table is of
 * another libmicrokit, or something else of the PD is in its children's place.
 */
bool restart_write_tables(struct programs *programs, const struct system *system,
                          struct diagnostics *found);

/* Whether a program has a table: it calls quoll_pd_restart_clean(). */
bool restart_calls(const struct elf *program);
