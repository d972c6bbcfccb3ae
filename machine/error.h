/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What a host failure or a wrong input looks like to a person: one text, several lines. */
#pragma once

struct machine_error {
    char text[2048]; /* what, where, why, what to do; no newline at the end */
};

/* Fill in the text; what does not fit is cut off. */
void machine_error_set(struct machine_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
