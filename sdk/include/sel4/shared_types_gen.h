/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* seL4_MessageInfo_t, seL4_CapRights_t and seL4_CNode_CapData_t, each one word. */
#pragma once

#include <sel4/bitfield.h>

/*
 *    63                          12 11              9 8         7 6        0
 *   |          label 52            | capsUnwrapped 3 | extraCaps | length 7 |
 */
SEL4_BITFIELD_TYPE(seL4_MessageInfo, 1)
SEL4_BITFIELD(seL4_MessageInfo, label, 0, 12, 52)
SEL4_BITFIELD(seL4_MessageInfo, capsUnwrapped, 0, 9, 3)
SEL4_BITFIELD(seL4_MessageInfo, extraCaps, 0, 7, 2)
SEL4_BITFIELD(seL4_MessageInfo, length, 0, 0, 7)

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_MessageInfo_new(seL4_Uint64 label,
                                                            seL4_Uint64 capsUnwrapped,
                                                            seL4_Uint64 extraCaps,
                                                            seL4_Uint64 length)
{
    seL4_MessageInfo_t info;
    info.words[0] = 0;
    seL4_MessageInfo_ptr_set_label(&info, label);
    seL4_MessageInfo_ptr_set_capsUnwrapped(&info, capsUnwrapped);
    seL4_MessageInfo_ptr_set_extraCaps(&info, extraCaps);
    seL4_MessageInfo_ptr_set_length(&info, length);
    return info;
}

LIBSEL4_INLINE_FUNC void seL4_MessageInfo_ptr_new(seL4_MessageInfo_t *info, seL4_Uint64 label,
                                                  seL4_Uint64 capsUnwrapped, seL4_Uint64 extraCaps,
                                                  seL4_Uint64 length)
{
    *info = seL4_MessageInfo_new(label, capsUnwrapped, extraCaps, length);
}

/*
 *    63                     4        3              2             1              0
 *   |          0            | grant reply 1 |    grant 1    |   read 1    |   write 1   |
 */
SEL4_BITFIELD_TYPE(seL4_CapRights, 1)
SEL4_BITFIELD(seL4_CapRights, capAllowGrantReply, 0, 3, 1)
SEL4_BITFIELD(seL4_CapRights, capAllowGrant, 0, 2, 1)
SEL4_BITFIELD(seL4_CapRights, capAllowRead, 0, 1, 1)
SEL4_BITFIELD(seL4_CapRights, capAllowWrite, 0, 0, 1)

LIBSEL4_INLINE_FUNC seL4_CapRights_t seL4_CapRights_new(seL4_Uint64 capAllowGrantReply,
                                                        seL4_Uint64 capAllowGrant,
                                                        seL4_Uint64 capAllowRead,
                                                        seL4_Uint64 capAllowWrite)
{
    seL4_CapRights_t rights;
    rights.words[0] = 0;
    seL4_CapRights_ptr_set_capAllowGrantReply(&rights, capAllowGrantReply);
    seL4_CapRights_ptr_set_capAllowGrant(&rights, capAllowGrant);
    seL4_CapRights_ptr_set_capAllowRead(&rights, capAllowRead);
    seL4_CapRights_ptr_set_capAllowWrite(&rights, capAllowWrite);
    return rights;
}

LIBSEL4_INLINE_FUNC void seL4_CapRights_ptr_new(seL4_CapRights_t *rights,
                                                seL4_Uint64 capAllowGrantReply,
                                                seL4_Uint64 capAllowGrant, seL4_Uint64 capAllowRead,
                                                seL4_Uint64 capAllowWrite)
{
    *rights = seL4_CapRights_new(capAllowGrantReply, capAllowGrant, capAllowRead, capAllowWrite);
}

/*
 * A CNode cap's guard, as minting and seL4_TCB_SetSpace() take it.
 *
 *    63                                6 5          0
 *   |            guard 58               | guardSize 6 |
 */
SEL4_BITFIELD_TYPE(seL4_CNode_CapData, 1)
SEL4_BITFIELD(seL4_CNode_CapData, guard, 0, 6, 58)
SEL4_BITFIELD(seL4_CNode_CapData, guardSize, 0, 0, 6)

LIBSEL4_INLINE_FUNC seL4_CNode_CapData_t seL4_CNode_CapData_new(seL4_Uint64 guard,
                                                                seL4_Uint64 guardSize)
{
    seL4_CNode_CapData_t data;
    data.words[0] = 0;
    seL4_CNode_CapData_ptr_set_guard(&data, guard);
    seL4_CNode_CapData_ptr_set_guardSize(&data, guardSize);
    return data;
}

LIBSEL4_INLINE_FUNC void seL4_CNode_CapData_ptr_new(seL4_CNode_CapData_t *data, seL4_Uint64 guard,
                                                    seL4_Uint64 guardSize)
{
    *data = seL4_CNode_CapData_new(guard, guardSize);
}
