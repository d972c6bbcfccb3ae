/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What is measured: which systems there are, what they are called, and how each is started. */
#pragma once

#include "compare/comparison.h"
#include "compare/pipeline.h"

#include <stdbool.h>

/* What goes into making subjects. */
struct workshop {
    struct comparison *comparison;
    const struct plan *plan;
    char *measured; /* folder of the measured systems; NULL: it is not there */
    char *inputs;   /* folder in the comparison's: what is made for the runs */
};

/*
 * Add the subjects of a plan, and make in the comparison's folder what they boot.
 *
 * What is missing, such as QEMU, is told in one line and left out. Returns false when the plan is wrong or
 * nothing is left, and a person has been told.
 */
bool subjects_prepare(struct comparison *comparison, const struct plan *plan);

/* Whether the person wants one of that name. */
bool subjects_want(const struct plan *plan, const char *name);

/* Tell a person of what is left out, now and in the report. */
void subjects_leave_out(const struct workshop *workshop, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* real_kernel.c: those that boot the real kernel in QEMU. */
void subjects_add_real_kernels(const struct workshop *workshop);
