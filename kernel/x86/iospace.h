/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * What an IOMMU would need. Kernels built for one have the objects and labels on every machine; on
 * a machine without one, such as ours, no I/O space cap exists, so nothing can be mapped.
 */
#pragma once

#include "kernel/call.h"

enum answer decode_io_space(struct call *call);
enum answer decode_io_page_table(struct call *call);
enum answer decode_page_map_io(struct call *call);
