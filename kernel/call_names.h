/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What people call each invocation: the function of libsel4, without its seL4_. */
#pragma once

#include "kernel/state.h"

static inline const char *call_name(enum invocation label)
{
    static const char *const names[INVOCATION_COUNT] = {
        [InvalidInvocation] = "unknown invocation",
        [UntypedRetype] = "Untyped_Retype",
        [TCBReadRegisters] = "TCB_ReadRegisters",
        [TCBWriteRegisters] = "TCB_WriteRegisters",
        [TCBCopyRegisters] = "TCB_CopyRegisters",
        [TCBConfigure] = "TCB_Configure",
        [TCBSetPriority] = "TCB_SetPriority",
        [TCBSetMCPriority] = "TCB_SetMCPriority",
        [TCBSetSchedParams] = "TCB_SetSchedParams",
        [TCBSetTimeoutEndpoint] = "TCB_SetTimeoutEndpoint",
        [TCBSetIPCBuffer] = "TCB_SetIPCBuffer",
        [TCBSetSpace] = "TCB_SetSpace",
        [TCBSuspend] = "TCB_Suspend",
        [TCBResume] = "TCB_Resume",
        [TCBBindNotification] = "TCB_BindNotification",
        [TCBUnbindNotification] = "TCB_UnbindNotification",
        [TCBSetAffinity] = "TCB_SetAffinity",
        [TCBSetBreakpoint] = "TCB_SetBreakpoint",
        [TCBGetBreakpoint] = "TCB_GetBreakpoint",
        [TCBUnsetBreakpoint] = "TCB_UnsetBreakpoint",
        [TCBConfigureSingleStepping] = "TCB_ConfigureSingleStepping",
        [TCBSetTLSBase] = "TCB_SetTLSBase",
        [TCBSetFlags] = "TCB_SetFlags",
        [CNodeRevoke] = "CNode_Revoke",
        [CNodeDelete] = "CNode_Delete",
        [CNodeCancelBadgedSends] = "CNode_CancelBadgedSends",
        [CNodeCopy] = "CNode_Copy",
        [CNodeMint] = "CNode_Mint",
        [CNodeMove] = "CNode_Move",
        [CNodeMutate] = "CNode_Mutate",
        [CNodeRotate] = "CNode_Rotate",
        [CNodeSaveCaller] = "CNode_SaveCaller",
        [IRQIssueIRQHandler] = "IRQControl_Get",
        [IRQAckIRQ] = "IRQHandler_Ack",
        [IRQSetIRQHandler] = "IRQHandler_SetNotification",
        [IRQClearIRQHandler] = "IRQHandler_Clear",
        [DomainSetSet] = "DomainSet_Set",
        [DomainScheduleConfigure] = "DomainSet_ScheduleConfigure",
        [DomainScheduleSetStart] = "DomainSet_ScheduleSetStart",
        [SchedControlConfigureFlags] = "SchedControl_ConfigureFlags",
        [SchedContextBind] = "SchedContext_Bind",
        [SchedContextUnbind] = "SchedContext_Unbind",
        [SchedContextUnbindObject] = "SchedContext_UnbindObject",
        [SchedContextConsumed] = "SchedContext_Consumed",
        [SchedContextYieldTo] = "SchedContext_YieldTo",
        [X86PDPTMap] = "X86_PDPT_Map",
        [X86PDPTUnmap] = "X86_PDPT_Unmap",
        [X86VCPUReadMSR] = "X86_VCPU_ReadMSR",
        [X86VCPUWriteMSR] = "X86_VCPU_WriteMSR",
        [X86PageDirectoryMap] = "X86_PageDirectory_Map",
        [X86PageDirectoryUnmap] = "X86_PageDirectory_Unmap",
        [X86PageTableMap] = "X86_PageTable_Map",
        [X86PageTableUnmap] = "X86_PageTable_Unmap",
        [X86IOPageTableMap] = "X86_IOPageTable_Map",
        [X86IOPageTableUnmap] = "X86_IOPageTable_Unmap",
        [X86PageMap] = "X86_Page_Map",
        [X86PageUnmap] = "X86_Page_Unmap",
        [X86PageMapIO] = "X86_Page_MapIO",
        [X86PageGetAddress] = "X86_Page_GetAddress",
        [X86PageMapEPT] = "X86_Page_MapEPT",
        [X86ASIDControlMakePool] = "X86_ASIDControl_MakePool",
        [X86ASIDPoolAssign] = "X86_ASIDPool_Assign",
        [X86IOPortControlIssue] = "X86_IOPortControl_Issue",
        [X86IOPortIn8] = "X86_IOPort_In8",
        [X86IOPortIn16] = "X86_IOPort_In16",
        [X86IOPortIn32] = "X86_IOPort_In32",
        [X86IOPortOut8] = "X86_IOPort_Out8",
        [X86IOPortOut16] = "X86_IOPort_Out16",
        [X86IOPortOut32] = "X86_IOPort_Out32",
        [X86IRQIssueIRQHandlerIOAPIC] = "IRQControl_GetIOAPIC",
        [X86IRQIssueIRQHandlerMSI] = "IRQControl_GetMSI",
        [TCBSetEPTRoot] = "TCB_SetEPTRoot",
    };
    return names[label] ? names[label] : "invocation for virtual machines";
}

/* What people call each type of cap. */
static inline const char *cap_type_name(enum cap_type type)
{
    switch (type) {
    case CAP_NULL:
        return "empty slot";
    case CAP_FRAME:
        return "frame";
    case CAP_UNTYPED:
        return "untyped";
    case CAP_PAGE_TABLE:
        return "page table";
    case CAP_ENDPOINT:
        return "endpoint";
    case CAP_PAGE_DIRECTORY:
        return "page directory";
    case CAP_NOTIFICATION:
        return "notification";
    case CAP_PDPT:
        return "PDPT";
    case CAP_REPLY:
        return "reply object";
    case CAP_PML4:
        return "PML4";
    case CAP_CNODE:
        return "CNode";
    case CAP_ASID_CONTROL:
        return "ASID control";
    case CAP_TCB:
        return "TCB";
    case CAP_ASID_POOL:
        return "ASID pool";
    case CAP_IRQ_CONTROL:
        return "IRQ control";
    case CAP_IO_SPACE:
        return "I/O space";
    case CAP_IRQ_HANDLER:
        return "IRQ handler";
    case CAP_IO_PAGE_TABLE:
        return "I/O page table";
    case CAP_ZOMBIE:
        return "zombie";
    case CAP_IO_PORT:
        return "I/O port";
    case CAP_DOMAIN:
        return "domain control";
    case CAP_SCHED_CONTEXT:
        return "scheduling context";
    case CAP_SCHED_CONTROL:
        return "scheduling control";
    case CAP_IO_PORT_CONTROL:
        return "I/O port control";
    }
    return "cap of an unknown type";
}
