/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* CONFIG_*: what the kernel and libsel4 were configured with. */
#pragma once

#include <autoconf.h>
