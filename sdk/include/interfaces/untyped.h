/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Untyped memory: where all objects come from. */
#pragma once

#include <sel4/invoke.h>

/* Make `num_objects` objects of a type, of 2^size_bits (bytes, slots, …) each if the type has sizes,
 * with their caps in the CNode found at node_index and node_depth in root, from slot node_offset. */
LIBSEL4_INLINE seL4_Error seL4_Untyped_Retype(seL4_Untyped _service, seL4_Word type,
                                              seL4_Word size_bits, seL4_CNode root,
                                              seL4_Word node_index, seL4_Word node_depth,
                                              seL4_Word node_offset, seL4_Word num_objects)
{
    return SEL4_INVOKE((_service, root), UntypedRetype, type, size_bits, node_index, node_depth,
                       node_offset, num_objects);
}
