/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Figures as a person reads them: 13.2 µs, 64 KiB, 75,300 /s. */
#pragma once

#define UNIT_TEXT_MAX 32

/* Write a value of one of the units of figures.h to `text`, of UNIT_TEXT_MAX bytes, and return it. */
const char *unit_text(char *text, const char *unit, double value);
