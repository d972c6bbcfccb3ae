/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Moves between memory and the vector registers xmm0 to xmm15 and ymm0 to ymm15.
 *
 * A compiler copies structures with them, so they meet device memory where a driver uses memcpy().
 */
#pragma once

#include <stdbool.h>

#include "machine/operand.h"

/* Whether it is a move that vector_move() knows. */
bool vector_is_move(const struct access *access);

/* Carry it out; its operands have been found. Returns false when the thread's vector registers
 * cannot be had, because its address space was lost. */
bool vector_move(const struct access *access);
