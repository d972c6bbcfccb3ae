/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* seL4_Error and seL4_LookupFailureType. */
#pragma once

#include "abi/errors.h"
