/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The SDK's own initialisers and monitors, so that Quoll needs no file but itself. */
#include "microkit/image.h"

static const uint8_t initialiser_debug[] = {
#include "initialiser_debug.inc"
};

static const uint8_t monitor_debug[] = {
#include "monitor_debug.inc"
};

static const uint8_t initialiser_release[] = {
#include "initialiser_release.inc"
};

static const uint8_t monitor_release[] = {
#include "monitor_release.inc"
};

const struct sdk_programs sdk_debug = {
    .initialiser = {"initialiser.elf", initialiser_debug, sizeof initialiser_debug},
    .monitor = {"monitor.elf", monitor_debug, sizeof monitor_debug},
};

const struct sdk_programs sdk_release = {
    .initialiser = {"initialiser.elf", initialiser_release, sizeof initialiser_release},
    .monitor = {"monitor.elf", monitor_release, sizeof monitor_release},
};
