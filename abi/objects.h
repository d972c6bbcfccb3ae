/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Object types as Untyped_Retype numbers them, and sizes as log2 of bytes.
 * Source: seL4 16.0.0, libsel4 sel4/objecttype.h and its sel4_arch and arch parts (x86_64);
 * sel4_arch/constants.h.
 *
 * O(name, condition), with the conditions of abi/invocations.h and HUGE_PAGE.
 */
#pragma once

#define OBJECT_TYPES(O)                                                                            \
    O(seL4_UntypedObject, ALWAYS)                                                                  \
    O(seL4_TCBObject, ALWAYS)                                                                      \
    O(seL4_EndpointObject, ALWAYS)                                                                 \
    O(seL4_NotificationObject, ALWAYS)                                                             \
    O(seL4_CapTableObject, ALWAYS)                                                                 \
    O(seL4_SchedContextObject, MCS)                                                                \
    O(seL4_ReplyObject, MCS)                                                                       \
    O(seL4_X86_PDPTObject, ALWAYS)                                                                 \
    O(seL4_X64_PML4Object, ALWAYS)                                                                 \
    O(seL4_X64_HugePageObject, HUGE_PAGE)                                                          \
    O(seL4_X86_4K, ALWAYS)                                                                         \
    O(seL4_X86_LargePageObject, ALWAYS)                                                            \
    O(seL4_X86_PageTableObject, ALWAYS)                                                            \
    O(seL4_X86_PageDirectoryObject, ALWAYS)                                                        \
    O(seL4_X86_IOPageTableObject, IOMMU)                                                           \
    O(seL4_X86_VCPUObject, VTX)                                                                    \
    O(seL4_X86_EPTPML4Object, VTX)                                                                 \
    O(seL4_X86_EPTPDPTObject, VTX)                                                                 \
    O(seL4_X86_EPTPDObject, VTX)                                                                   \
    O(seL4_X86_EPTPTObject, VTX)

#define seL4_WordBits             64
#define seL4_WordSizeBits         3
#define seL4_SlotBits             5
#define seL4_EndpointBits         4
#define seL4_ReplyBits            5 /* MCS */
#define seL4_MinSchedContextBits  7 /* MCS */
#define seL4_PageBits             12
#define seL4_LargePageBits        21
#define seL4_HugePageBits         30
#define seL4_PageTableBits        12
#define seL4_PageTableEntryBits   3
#define seL4_PageTableIndexBits   9
#define seL4_PageDirBits          12
#define seL4_PageDirEntryBits     3
#define seL4_PageDirIndexBits     9
#define seL4_PDPTBits             12
#define seL4_PDPTEntryBits        3
#define seL4_PDPTIndexBits        9
#define seL4_PML4Bits             12
#define seL4_PML4EntryBits        3
#define seL4_PML4IndexBits        9
#define seL4_VSpaceBits           seL4_PML4Bits
#define seL4_IOPageTableBits      12
#define seL4_IOPageTableEntryBits 3
#define seL4_IOPageTableIndexBits 9
#define seL4_NumASIDPoolsBits     3
#define seL4_ASIDPoolBits         12
#define seL4_ASIDPoolIndexBits    9
#define seL4_MinUntypedBits       4
#define seL4_MaxUntypedBits       47
/* A TCB is 11 bits while an XSAVE area takes less than 832 bytes, else 12; a notification has 5
 * bits in the classic kernel and 6 with MCS. sel4_arch/constants.h says which by configuration. */
#define TCB_BITS                  11
#define TCB_BITS_LARGE_XSAVE      12
#define NOTIFICATION_BITS_MCS     6
#define NOTIFICATION_BITS_CLASSIC 5

/* A scheduling context with its two obligatory refills, and each further refill, in bytes. */
#define SCHED_CONTEXT_CORE_BYTES   128
#define SCHED_CONTEXT_REFILL_BYTES 16
#define SCHED_CONTEXT_REFILLS_MIN  2

/* Flags of seL4_SchedControl_ConfigureFlags, and of seL4_TCB_SetFlags. */
#define SCHED_CONTEXT_FLAG_SPORADIC 0x1
#define TCB_FLAG_FPU_DISABLED       0x1
