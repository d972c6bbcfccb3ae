/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Object types, for seL4_Untyped_Retype(). Those that this kernel lacks are numbers it refuses. */
#pragma once

#include <sel4/conditions.h>
#include <sel4/simple_types.h>

#include "abi/objects.h"

#define SEL4_OBJECT_TYPE(name, condition) SEL4_WHEN_##condition(name, )

typedef enum api_object {
    OBJECT_TYPES(SEL4_OBJECT_TYPE) seL4_ObjectTypeCount,
    seL4_NonArchObjectTypeCount = seL4_X86_PDPTObject,
    seL4_ModeObjectTypeCount = seL4_X86_4K,
} seL4_ObjectType;

typedef seL4_ObjectType seL4_seL4ArchObjectType;
typedef seL4_ObjectType seL4_ArchObjectType;
typedef seL4_Word api_object_t;
typedef seL4_Word object_t;

#define seL4_IA32_PDPTObject seL4_X86_PDPTObject

#ifndef CONFIG_HUGE_PAGE
#define seL4_X64_HugePageObject 0xfffffffe
#endif
#ifndef CONFIG_IOMMU
#define seL4_X86_IOPageTableObject 0xffffff
#endif
#ifndef CONFIG_VTX
#define seL4_X86_VCPUObject    0xfffffe
#define seL4_X86_EPTPML4Object 0xfffffd
#define seL4_X86_EPTPDPTObject 0xfffffc
#define seL4_X86_EPTPDObject   0xfffffb
#define seL4_X86_EPTPTObject   0xfffffa
#endif
