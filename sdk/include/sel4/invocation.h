/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Invocation labels. They depend on the configuration: an option in the middle shifts the rest. */
#pragma once

#include <sel4/conditions.h>

#include "abi/invocations.h"

#define SEL4_INVOCATION_LABEL(name, condition) SEL4_WHEN_##condition(name, )

enum invocation_label {
    INVOCATIONS(SEL4_INVOCATION_LABEL) nArchInvocationLabels,
    nInvocationLabels = X86PDPTMap,
    nSeL4ArchInvocationLabels = X86PageDirectoryMap,
};
