/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The labels of x86's invocations are numbered in one list with all others. */
#pragma once

#include <sel4/invocation.h>
