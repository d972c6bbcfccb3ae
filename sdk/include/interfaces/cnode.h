/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * CNodes: moving caps about. A slot is found at `index`, `depth` bits of it, from the CNode
 * `_service`, and the source slot in the same way from `src_root`.
 */
#pragma once

#include <sel4/invoke.h>

/* Copy a cap, with these rights at most. */
LIBSEL4_INLINE seL4_Error seL4_CNode_Copy(seL4_CNode _service, seL4_Word dest_index,
                                          seL4_Uint8 dest_depth, seL4_CNode src_root,
                                          seL4_Word src_index, seL4_Uint8 src_depth,
                                          seL4_CapRights_t rights)
{
    return SEL4_INVOKE((_service, src_root), CNodeCopy, dest_index, dest_depth, src_index,
                       src_depth, rights.words[0]);
}

/* Copy a cap, with these rights at most, and a badge or, for a CNode cap, a guard. */
LIBSEL4_INLINE seL4_Error seL4_CNode_Mint(seL4_CNode _service, seL4_Word dest_index,
                                          seL4_Uint8 dest_depth, seL4_CNode src_root,
                                          seL4_Word src_index, seL4_Uint8 src_depth,
                                          seL4_CapRights_t rights, seL4_Word badge)
{
    return SEL4_INVOKE((_service, src_root), CNodeMint, dest_index, dest_depth, src_index,
                       src_depth, rights.words[0], badge);
}

/* Move a cap to an empty slot. */
LIBSEL4_INLINE seL4_Error seL4_CNode_Move(seL4_CNode _service, seL4_Word dest_index,
                                          seL4_Uint8 dest_depth, seL4_CNode src_root,
                                          seL4_Word src_index, seL4_Uint8 src_depth)
{
    return SEL4_INVOKE((_service, src_root), CNodeMove, dest_index, dest_depth, src_index,
                       src_depth);
}

/* Move a cap to an empty slot and give it a badge or a guard on the way. */
LIBSEL4_INLINE seL4_Error seL4_CNode_Mutate(seL4_CNode _service, seL4_Word dest_index,
                                            seL4_Uint8 dest_depth, seL4_CNode src_root,
                                            seL4_Word src_index, seL4_Uint8 src_depth,
                                            seL4_Word badge)
{
    return SEL4_INVOKE((_service, src_root), CNodeMutate, dest_index, dest_depth, src_index,
                       src_depth, badge);
}

/* Move the cap of the pivot slot to the destination, and that of the source to the pivot. */
LIBSEL4_INLINE seL4_Error seL4_CNode_Rotate(seL4_CNode _service, seL4_Word dest_index,
                                            seL4_Uint8 dest_depth, seL4_Word dest_badge,
                                            seL4_CNode pivot_root, seL4_Word pivot_index,
                                            seL4_Uint8 pivot_depth, seL4_Word pivot_badge,
                                            seL4_CNode src_root, seL4_Word src_index,
                                            seL4_Uint8 src_depth)
{
    return SEL4_INVOKE((_service, pivot_root, src_root), CNodeRotate, dest_index, dest_depth,
                       dest_badge, pivot_index, pivot_depth, pivot_badge, src_index, src_depth);
}

/* Empty a slot. The last cap to an object takes the object with it. */
LIBSEL4_INLINE seL4_Error seL4_CNode_Delete(seL4_CNode _service, seL4_Word index, seL4_Uint8 depth)
{
    return SEL4_INVOKE((_service), CNodeDelete, index, depth);
}

/* Delete all caps that derive from the one in this slot. */
LIBSEL4_INLINE seL4_Error seL4_CNode_Revoke(seL4_CNode _service, seL4_Word index, seL4_Uint8 depth)
{
    return SEL4_INVOKE((_service), CNodeRevoke, index, depth);
}

/* Make senders who wait with the badge of this endpoint cap give up. */
LIBSEL4_INLINE seL4_Error seL4_CNode_CancelBadgedSends(seL4_CNode _service, seL4_Word index,
                                                       seL4_Uint8 depth)
{
    return SEL4_INVOKE((_service), CNodeCancelBadgedSends, index, depth);
}

#ifndef CONFIG_KERNEL_MCS
/* Keep the right to answer the last caller in a slot. */
LIBSEL4_INLINE seL4_Error seL4_CNode_SaveCaller(seL4_CNode _service, seL4_Word index,
                                                seL4_Uint8 depth)
{
    return SEL4_INVOKE((_service), CNodeSaveCaller, index, depth);
}
#endif
