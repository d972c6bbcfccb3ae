/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Untyped memory: where all objects come from. */
#pragma once

#include "kernel/call.h"

enum answer decode_untyped(struct call *call);
