/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#pragma once

#include <stdint.h>

/* A physical address of the machine that Quoll presents. 0 stands for none: no object lives there. */
typedef uint64_t paddr;
