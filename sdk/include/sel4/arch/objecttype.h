/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The object types of x86 are numbered in one list with all others. */
#pragma once

#include <sel4/objecttype.h>
