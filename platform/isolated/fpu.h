/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* FPU and vector state outside of a CPU, in the XSAVE area's standard format. */
#pragma once

#include <stdint.h>

#include "platform/platform.h"

struct platform;

/* Find out which states this CPU has. Returns 0 or -errno with *error filled in. */
int fpu_probe(struct platform *platform, struct platform_error *error);

/* The state of a thread that has not used its FPU. `to` holds SLOT_FPU_BYTES zeroes. */
void fpu_fresh(uint8_t *to);

/* Copy what a cell saved; what comes out can be loaded, whatever went in. */
void fpu_copy(const struct platform *platform, uint8_t *to, const uint8_t *from);
