/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Page tables, page directories and PDPTs: one kind of object at three levels. */
#pragma once

#include "kernel/call.h"

enum answer decode_table(struct call *call);

/* What hangs below the table is to be reached no more where this cap says that it is mapped. Does
 * nothing when the cap is stale. */
void table_unmap(struct kernel *k, struct cap table);
