/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Nothing is deprecated on this architecture alone. */
#pragma once
