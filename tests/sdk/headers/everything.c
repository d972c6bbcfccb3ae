/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* All headers in one program. */

#include <microkit.h>

#include <sel4/arch/bootinfo_types.h>
#include <sel4/arch/mapping.h>
#include <sel4/arch/vmenter.h>
#include <sel4/benchmark_tracepoints_types.h>
#include <sel4/benchmark_track_types.h>
#include <sel4/benchmark_utilisation_types.h>
#include <sel4/sel4.h>
