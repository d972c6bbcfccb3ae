/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The faults of x86-64 are told apart with all others. */
#pragma once

#include <sel4/faults.h>
