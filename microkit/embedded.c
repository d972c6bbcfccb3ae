/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The SDK's own initialiser and monitor, so that Quoll needs no file but itself. */
#include "microkit/image.h"

static const uint8_t initialiser[] = {
#include "initialiser_program.inc"
};

static const uint8_t monitor[] = {
#include "monitor_program.inc"
};

const struct program_bytes embedded_initialiser = {
    .name = "initialiser.elf", .data = initialiser, .size = sizeof initialiser};

const struct program_bytes embedded_monitor = {
    .name = "monitor.elf", .data = monitor, .size = sizeof monitor};
