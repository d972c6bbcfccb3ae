/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* One header has the system calls of the MCS and of the classic kernel. */
#pragma once

#include <sel4/syscalls.h>
