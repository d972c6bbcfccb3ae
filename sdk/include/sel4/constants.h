/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Limits of messages, priorities, scheduling contexts, and the breakpoint API. */
#pragma once

#include <sel4/config.h>
#include <sel4/errors.h>
#include <sel4/macros.h>

#include "abi/objects.h"

#ifndef __ASSEMBLER__

enum priorityConstants {
    seL4_InvalidPrio = -1,
    seL4_MinPrio = 0,
    seL4_MaxPrio = CONFIG_NUM_PRIORITIES - 1
};

enum seL4_MsgLimits { seL4_MsgLengthBits = 7, seL4_MsgExtraCapBits = 2, seL4_MsgMaxLength = 120 };

#define seL4_MsgMaxExtraCaps (LIBSEL4_BIT(seL4_MsgExtraCapBits) - 1)
#define seL4_CapRightsBits   4

/* For seL4_TCB_SetFlags(). */
typedef enum {
    seL4_TCBFlag_NoFlag = 0x0,
    seL4_TCBFlag_fpuDisabled = 0x1,
    SEL4_FORCE_LONG_ENUM(seL4_TCBFlag),
#ifdef CONFIG_HAVE_FPU
    seL4_TCBFlag_MASK = seL4_TCBFlag_fpuDisabled
#else
    seL4_TCBFlag_MASK = seL4_TCBFlag_NoFlag
#endif
} seL4_TCBFlag;

#ifdef CONFIG_HARDWARE_DEBUG_API
typedef enum {
    seL4_DataBreakpoint = 0,
    seL4_InstructionBreakpoint,
    seL4_SingleStep,
    seL4_SoftwareBreakRequest,
    SEL4_FORCE_LONG_ENUM(seL4_BreakpointType)
} seL4_BreakpointType;

typedef enum {
    seL4_BreakOnRead = 0,
    seL4_BreakOnWrite,
    seL4_BreakOnReadWrite,
    seL4_MaxBreakpointAccess,
    SEL4_FORCE_LONG_ENUM(seL4_BreakpointAccess)
} seL4_BreakpointAccess;

typedef enum {
    seL4_DebugException_FaultIP,
    seL4_DebugException_ExceptionReason, /* a seL4_BreakpointType */
    seL4_DebugException_TriggerAddress,
    seL4_DebugException_BreakpointNumber,
    seL4_DebugException_Length,
    SEL4_FORCE_LONG_ENUM(seL4_DebugException_Msg)
} seL4_DebugException_Msg;
#endif

#ifdef CONFIG_KERNEL_MCS
/* Bytes of a scheduling context with the two refills it always has, and of each further refill. */
#define seL4_CoreSchedContextBytes ((unsigned long)SCHED_CONTEXT_CORE_BYTES)
#define seL4_RefillSizeBytes       SCHED_CONTEXT_REFILL_BYTES

SEL4_COMPILE_ASSERT(MinSchedContextBits_sufficient,
                    seL4_CoreSchedContextBytes <= LIBSEL4_BIT(seL4_MinSchedContextBits))
SEL4_COMPILE_ASSERT(MinSchedContextBits_necessary,
                    seL4_CoreSchedContextBytes > LIBSEL4_BIT(seL4_MinSchedContextBits - 1))

/* How many extra refills a scheduling context of 2^size bytes has room for. */
static inline unsigned long seL4_MaxExtraRefills(unsigned long size)
{
    return (LIBSEL4_BIT(size) - seL4_CoreSchedContextBytes) / seL4_RefillSizeBytes;
}

/* For seL4_SchedControl_ConfigureFlags(). */
typedef enum {
    seL4_SchedContext_NoFlag = 0x0,
    seL4_SchedContext_Sporadic = SCHED_CONTEXT_FLAG_SPORADIC,
    SEL4_FORCE_LONG_ENUM(seL4_SchedContextFlag),
} seL4_SchedContextFlag;
#endif

#endif /* __ASSEMBLER__ */

#ifdef CONFIG_KERNEL_INVOCATION_REPORT_ERROR_IPC
/* Where in the IPC buffer the kernel leaves the reason of a refusal, and how long it may be. */
#define DEBUG_MESSAGE_START  6
#define DEBUG_MESSAGE_MAXLEN 50
#endif
