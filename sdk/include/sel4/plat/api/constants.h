/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* How many hardware breakpoints the processor has: four, and each can watch data as well. */
#pragma once

#include <sel4/config.h>

#ifdef CONFIG_HARDWARE_DEBUG_API
#define seL4_NumHWBreakpoints         (4)
#define seL4_FirstBreakpoint          (-1)
#define seL4_NumExclusiveBreakpoints  (0)
#define seL4_FirstWatchpoint          (-1)
#define seL4_NumExclusiveWatchpoints  (0)
#define seL4_FirstDualFunctionMonitor (0)
#define seL4_NumDualFunctionMonitors  (4)
#endif
