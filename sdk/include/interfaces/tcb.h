/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Threads.
 *
 * A fault endpoint is a cptr in the CSpace of the thread (classic), or a cap that the TCB keeps
 * (MCS). The root of a CSpace comes with cspace_root_data, a guard: 0 leaves it as it is.
 * `authority` is a TCB whose maximum controlled priority bounds what is given.
 */
#pragma once

#include <sel4/invoke.h>

/* Answers, declared for kernels without these invocations as well. */
typedef struct seL4_TCB_GetBreakpoint {
    int error;
    seL4_Word vaddr;
    seL4_Word type;
    seL4_Word size;
    seL4_Word rw;
    seL4_Bool is_enabled;
} seL4_TCB_GetBreakpoint_t;

typedef struct seL4_TCB_ConfigureSingleStepping {
    int error;
    seL4_Bool bp_was_consumed;
} seL4_TCB_ConfigureSingleStepping_t;

#ifndef CONFIG_KERNEL_MCS
/* Set fault endpoint, CSpace, VSpace and IPC buffer. */
LIBSEL4_INLINE seL4_Error seL4_TCB_Configure(seL4_TCB _service, seL4_Word fault_ep,
                                             seL4_CNode cspace_root, seL4_Word cspace_root_data,
                                             seL4_CPtr vspace_root, seL4_Word vspace_root_data,
                                             seL4_Word buffer, seL4_CPtr bufferFrame)
{
    return SEL4_INVOKE((_service, cspace_root, vspace_root, bufferFrame), TCBConfigure, fault_ep,
                       cspace_root_data, vspace_root_data, buffer);
}

/* Set fault endpoint, CSpace and VSpace. */
LIBSEL4_INLINE seL4_Error seL4_TCB_SetSpace(seL4_TCB _service, seL4_Word fault_ep,
                                            seL4_CNode cspace_root, seL4_Word cspace_root_data,
                                            seL4_CPtr vspace_root, seL4_Word vspace_root_data)
{
    return SEL4_INVOKE((_service, cspace_root, vspace_root), TCBSetSpace, fault_ep,
                       cspace_root_data, vspace_root_data);
}

/* Set priority and maximum controlled priority. */
LIBSEL4_INLINE seL4_Error seL4_TCB_SetSchedParams(seL4_TCB _service, seL4_TCB authority,
                                                  seL4_Word mcp, seL4_Word priority)
{
    return SEL4_INVOKE((_service, authority), TCBSetSchedParams, mcp, priority);
}
#endif

#ifdef CONFIG_KERNEL_MCS
/* Set CSpace, VSpace and IPC buffer. */
LIBSEL4_INLINE seL4_Error seL4_TCB_Configure(seL4_TCB _service, seL4_CNode cspace_root,
                                             seL4_Word cspace_root_data, seL4_CPtr vspace_root,
                                             seL4_Word vspace_root_data, seL4_Word buffer,
                                             seL4_CPtr bufferFrame)
{
    return SEL4_INVOKE((_service, cspace_root, vspace_root, bufferFrame), TCBConfigure,
                       cspace_root_data, vspace_root_data, buffer);
}

/* Set fault endpoint, CSpace and VSpace. */
LIBSEL4_INLINE seL4_Error seL4_TCB_SetSpace(seL4_TCB _service, seL4_CPtr fault_ep,
                                            seL4_CNode cspace_root, seL4_Word cspace_root_data,
                                            seL4_CPtr vspace_root, seL4_Word vspace_root_data)
{
    return SEL4_INVOKE((_service, fault_ep, cspace_root, vspace_root), TCBSetSpace,
                       cspace_root_data, vspace_root_data);
}

/* Set priority, maximum controlled priority, scheduling context and fault endpoint. */
LIBSEL4_INLINE seL4_Error seL4_TCB_SetSchedParams(seL4_TCB _service, seL4_TCB authority,
                                                  seL4_Word mcp, seL4_Word priority,
                                                  seL4_CPtr sched_context, seL4_CPtr fault_ep)
{
    return SEL4_INVOKE((_service, authority, sched_context, fault_ep), TCBSetSchedParams, mcp,
                       priority);
}

/* Set the endpoint that is told when the budget runs out. */
LIBSEL4_INLINE seL4_Error seL4_TCB_SetTimeoutEndpoint(seL4_TCB _service, seL4_CPtr timeout_fault_ep)
{
    return SEL4_INVOKE((_service, timeout_fault_ep), TCBSetTimeoutEndpoint);
}
#endif

#if !defined(CONFIG_KERNEL_MCS) && defined(CONFIG_ENABLE_SMP_SUPPORT)
/* Move a thread to another core. */
LIBSEL4_INLINE seL4_Error seL4_TCB_SetAffinity(seL4_TCB _service, seL4_Word affinity)
{
    return SEL4_INVOKE((_service), TCBSetAffinity, affinity);
}
#endif

/* Set the priority. */
LIBSEL4_INLINE seL4_Error seL4_TCB_SetPriority(seL4_TCB _service, seL4_TCB authority,
                                               seL4_Word priority)
{
    return SEL4_INVOKE((_service, authority), TCBSetPriority, priority);
}

/* Set the maximum controlled priority. */
LIBSEL4_INLINE seL4_Error seL4_TCB_SetMCPriority(seL4_TCB _service, seL4_TCB authority,
                                                 seL4_Word mcp)
{
    return SEL4_INVOKE((_service, authority), TCBSetMCPriority, mcp);
}

/* Set the IPC buffer: its address in the VSpace of the thread, and its frame. */
LIBSEL4_INLINE seL4_Error seL4_TCB_SetIPCBuffer(seL4_TCB _service, seL4_Word buffer,
                                                seL4_CPtr bufferFrame)
{
    return SEL4_INVOKE((_service, bufferFrame), TCBSetIPCBuffer, buffer);
}

/* Set the FS base. */
LIBSEL4_INLINE seL4_Error seL4_TCB_SetTLSBase(seL4_TCB _service, seL4_Word tls_base)
{
    return SEL4_INVOKE((_service), TCBSetTLSBase, tls_base);
}

typedef struct seL4_TCB_SetFlags {
    int error;
    seL4_Word flags;
} seL4_TCB_SetFlags_t;

/* Clear, then set flags of seL4_TCBFlag. Answers those that are set now. */
LIBSEL4_INLINE seL4_TCB_SetFlags_t seL4_TCB_SetFlags(seL4_TCB _service, seL4_Word clear,
                                                     seL4_Word set)
{
    const struct sel4_answer answer = SEL4_QUERY((_service), TCBSetFlags, clear, set);
    const seL4_TCB_SetFlags_t result = {answer.error, answer.mrs.r0};
    return result;
}

/* Stop a thread. */
LIBSEL4_INLINE seL4_Error seL4_TCB_Suspend(seL4_TCB _service)
{
    return SEL4_INVOKE((_service), TCBSuspend);
}

/* Make a thread run, from its instruction pointer. */
LIBSEL4_INLINE seL4_Error seL4_TCB_Resume(seL4_TCB _service)
{
    return SEL4_INVOKE((_service), TCBResume);
}

/* Let the thread receive the signals of a notification while it waits for messages. */
LIBSEL4_INLINE seL4_Error seL4_TCB_BindNotification(seL4_TCB _service, seL4_CPtr notification)
{
    return SEL4_INVOKE((_service, notification), TCBBindNotification);
}

/* Undo seL4_TCB_BindNotification(). */
LIBSEL4_INLINE seL4_Error seL4_TCB_UnbindNotification(seL4_TCB _service)
{
    return SEL4_INVOKE((_service), TCBUnbindNotification);
}

/* Stop the thread if asked, and read the first `count` of its registers. */
LIBSEL4_INLINE seL4_Error seL4_TCB_ReadRegisters(seL4_TCB _service, seL4_Bool suspend_source,
                                                 seL4_Uint8 arch_flags, seL4_Word count,
                                                 seL4_UserContext *regs)
{
    const struct sel4_answer answer = SEL4_QUERY(
        (_service), TCBReadRegisters, (suspend_source & 1u) | (seL4_Word)arch_flags << 8, count);
    if (answer.error == seL4_NoError) {
        seL4_Word *words = (seL4_Word *)regs;
        regs->rip = answer.mrs.r0;
        regs->rsp = answer.mrs.r1;
        regs->rflags = answer.mrs.r2;
        regs->rax = answer.mrs.r3;
        for (seL4_Word i = 4; i < count; i++) {
            words[i] = seL4_GetMR((int)i);
        }
    }
    return (seL4_Error)answer.error;
}

/* Write the first `count` registers of a thread, and make it run if asked. */
LIBSEL4_INLINE seL4_Error seL4_TCB_WriteRegisters(seL4_TCB _service, seL4_Bool resume_target,
                                                  seL4_Uint8 arch_flags, seL4_Word count,
                                                  seL4_UserContext *regs)
{
    const seL4_Word *words = (const seL4_Word *)regs;
    const seL4_Word flags = (resume_target & 1u) | (seL4_Word)arch_flags << 8;
    const struct sel4_mrs mrs = {flags, count, regs->rip, regs->rsp};
    for (seL4_Word i = 2; i < count; i++) {
        seL4_SetMR((int)i + 2, words[i]);
    }
    const seL4_Word length = 2 + sizeof(*regs) / sizeof(seL4_Word);
    return (seL4_Error)sel4_perform(_service, seL4_MessageInfo_new(TCBWriteRegisters, 0, 0, length),
                                    mrs)
        .error;
}

/* Copy registers from another thread: the frame is rip, rsp and the like, the integer ones the rest. */
LIBSEL4_INLINE seL4_Error seL4_TCB_CopyRegisters(seL4_TCB _service, seL4_TCB source,
                                                 seL4_Bool suspend_source, seL4_Bool resume_target,
                                                 seL4_Bool transfer_frame,
                                                 seL4_Bool transfer_integer, seL4_Uint8 arch_flags)
{
    const seL4_Word flags = (suspend_source & 1u) | (resume_target & 1u) << 1 |
                            (transfer_frame & 1u) << 2 | (transfer_integer & 1u) << 3 |
                            (seL4_Word)arch_flags << 8;
    return SEL4_INVOKE((_service, source), TCBCopyRegisters, flags);
}

#ifdef CONFIG_HARDWARE_DEBUG_API
/* Set the breakpoint bp_num: a seL4_BreakpointType on `size` bytes at vaddr, seL4_BreakpointAccess rw. */
LIBSEL4_INLINE seL4_Error seL4_TCB_SetBreakpoint(seL4_TCB _service, seL4_Uint16 bp_num,
                                                 seL4_Word vaddr, seL4_Word type, seL4_Word size,
                                                 seL4_Word rw)
{
    return SEL4_INVOKE((_service), TCBSetBreakpoint, bp_num, vaddr, type, size, rw);
}

/* What a breakpoint is set to. */
LIBSEL4_INLINE seL4_TCB_GetBreakpoint_t seL4_TCB_GetBreakpoint(seL4_TCB _service,
                                                               seL4_Uint16 bp_num)
{
    const struct sel4_answer answer = SEL4_QUERY((_service), TCBGetBreakpoint, bp_num);
    const seL4_TCB_GetBreakpoint_t result = {answer.error,  answer.mrs.r0,
                                             answer.mrs.r1, answer.mrs.r2,
                                             answer.mrs.r3, (seL4_Bool)(seL4_GetMR(4) & 1)};
    return result;
}

/* Disable a breakpoint. */
LIBSEL4_INLINE seL4_Error seL4_TCB_UnsetBreakpoint(seL4_TCB _service, seL4_Uint16 bp_num)
{
    return SEL4_INVOKE((_service), TCBUnsetBreakpoint, bp_num);
}

/* Raise a debug exception after so many instructions; 0 stops stepping. */
LIBSEL4_INLINE seL4_TCB_ConfigureSingleStepping_t
seL4_TCB_ConfigureSingleStepping(seL4_TCB _service, seL4_Uint16 bp_num, seL4_Word num_instructions)
{
    const struct sel4_answer answer =
        SEL4_QUERY((_service), TCBConfigureSingleStepping, bp_num, num_instructions);
    const seL4_TCB_ConfigureSingleStepping_t result = {answer.error,
                                                       (seL4_Bool)(answer.mrs.r0 & 1)};
    return result;
}
#endif
