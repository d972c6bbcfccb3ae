/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Virtual processors and extended page tables: kernels with VT-x. */
#pragma once

#include <sel4/invoke.h>

/* Answers, declared for kernels without these invocations as well. */
typedef struct seL4_X86_VCPU_ReadVMCS {
    int error;
    seL4_Word value;
} seL4_X86_VCPU_ReadVMCS_t;

typedef struct seL4_X86_VCPU_WriteVMCS {
    int error;
    seL4_Word written;
} seL4_X86_VCPU_WriteVMCS_t;

typedef struct seL4_X86_VCPU_ReadMSR {
    int error;
    seL4_Word value;
} seL4_X86_VCPU_ReadMSR_t;

typedef struct seL4_X86_VCPU_WriteMSR {
    int error;
    seL4_Word written;
} seL4_X86_VCPU_WriteMSR_t;

#ifdef CONFIG_VTX
/* Set the extended page tables of a thread with a virtual processor. */
LIBSEL4_INLINE seL4_Error seL4_TCB_SetEPTRoot(seL4_TCB _service, seL4_X86_EPTPML4 eptpml4)
{
    return SEL4_INVOKE((_service, eptpml4), TCBSetEPTRoot);
}

/* Bind a virtual processor to a thread. */
LIBSEL4_INLINE seL4_Error seL4_X86_VCPU_SetTCB(seL4_X86_VCPU _service, seL4_TCB tcb)
{
    return SEL4_INVOKE((_service, tcb), X86VCPUSetTCB);
}

/* Read a field of the VMCS. */
LIBSEL4_INLINE seL4_X86_VCPU_ReadVMCS_t seL4_X86_VCPU_ReadVMCS(seL4_X86_VCPU _service,
                                                               seL4_Word field)
{
    const struct sel4_answer answer = SEL4_QUERY((_service), X86VCPUReadVMCS, field);
    const seL4_X86_VCPU_ReadVMCS_t result = {answer.error, answer.mrs.r0};
    return result;
}

/* Write a field of the VMCS. Answers what it became. */
LIBSEL4_INLINE seL4_X86_VCPU_WriteVMCS_t seL4_X86_VCPU_WriteVMCS(seL4_X86_VCPU _service,
                                                                 seL4_Word field, seL4_Word value)
{
    const struct sel4_answer answer = SEL4_QUERY((_service), X86VCPUWriteVMCS, field, value);
    const seL4_X86_VCPU_WriteVMCS_t result = {answer.error, answer.mrs.r0};
    return result;
}

/* Let the guest use these ports. */
LIBSEL4_INLINE seL4_Error seL4_X86_VCPU_EnableIOPort(seL4_X86_VCPU _service, seL4_X86_IOPort ioPort,
                                                     seL4_Word low, seL4_Word high)
{
    return SEL4_INVOKE((_service, ioPort), X86VCPUEnableIOPort, low, high);
}

/* Take ports from the guest. */
LIBSEL4_INLINE seL4_Error seL4_X86_VCPU_DisableIOPort(seL4_X86_VCPU _service, seL4_Word low,
                                                      seL4_Word high)
{
    return SEL4_INVOKE((_service), X86VCPUDisableIOPort, low, high);
}

/* Set the general registers of the guest. */
LIBSEL4_INLINE seL4_Error seL4_X86_VCPU_WriteRegisters(seL4_X86_VCPU _service,
                                                       seL4_VCPUContext *regs)
{
    return SEL4_INVOKE((_service), X86VCPUWriteRegisters, regs->eax, regs->ebx, regs->ecx,
                       regs->edx, regs->esi, regs->edi, regs->ebp);
}

/* Map an extended page directory pointer table at the guest physical address `gpa`. */
LIBSEL4_INLINE seL4_Error seL4_X86_EPTPDPT_Map(seL4_X86_EPTPDPT _service, seL4_X86_EPTPML4 eptpml4,
                                               seL4_Word gpa, seL4_X86_EPT_VMAttributes attr)
{
    return SEL4_INVOKE((_service, eptpml4), X86EPTPDPTMap, gpa, attr);
}

/* Unmap it. */
LIBSEL4_INLINE seL4_Error seL4_X86_EPTPDPT_Unmap(seL4_X86_EPTPDPT _service)
{
    return SEL4_INVOKE((_service), X86EPTPDPTUnmap);
}

/* Map an extended page directory. */
LIBSEL4_INLINE seL4_Error seL4_X86_EPTPD_Map(seL4_X86_EPTPD _service, seL4_X86_EPTPML4 eptpml4,
                                             seL4_Word gpa, seL4_X86_EPT_VMAttributes attr)
{
    return SEL4_INVOKE((_service, eptpml4), X86EPTPDMap, gpa, attr);
}

/* Unmap it. */
LIBSEL4_INLINE seL4_Error seL4_X86_EPTPD_Unmap(seL4_X86_EPTPD _service)
{
    return SEL4_INVOKE((_service), X86EPTPDUnmap);
}

/* Map an extended page table. */
LIBSEL4_INLINE seL4_Error seL4_X86_EPTPT_Map(seL4_X86_EPTPT _service, seL4_X86_EPTPML4 eptpml4,
                                             seL4_Word gpa, seL4_X86_EPT_VMAttributes attr)
{
    return SEL4_INVOKE((_service, eptpml4), X86EPTPTMap, gpa, attr);
}

/* Unmap it. */
LIBSEL4_INLINE seL4_Error seL4_X86_EPTPT_Unmap(seL4_X86_EPTPT _service)
{
    return SEL4_INVOKE((_service), X86EPTPTUnmap);
}

/* Map a frame for a guest. */
LIBSEL4_INLINE seL4_Error seL4_X86_Page_MapEPT(seL4_X86_Page _service, seL4_X86_EPTPML4 eptpml4,
                                               seL4_Word gpa, seL4_CapRights_t rights,
                                               seL4_X86_EPT_VMAttributes attr)
{
    return SEL4_INVOKE((_service, eptpml4), X86PageMapEPT, gpa, rights.words[0], attr);
}
#endif

#ifdef CONFIG_X86_64_VTX_64BIT_GUESTS
/* Read a model specific register of the guest. */
LIBSEL4_INLINE seL4_X86_VCPU_ReadMSR_t seL4_X86_VCPU_ReadMSR(seL4_X86_VCPU _service,
                                                             seL4_Word field)
{
    const struct sel4_answer answer = SEL4_QUERY((_service), X86VCPUReadMSR, field);
    const seL4_X86_VCPU_ReadMSR_t result = {answer.error, answer.mrs.r0};
    return result;
}

/* Write a model specific register of the guest. Answers what it became. */
LIBSEL4_INLINE seL4_X86_VCPU_WriteMSR_t seL4_X86_VCPU_WriteMSR(seL4_X86_VCPU _service,
                                                               seL4_Word field, seL4_Word value)
{
    const struct sel4_answer answer = SEL4_QUERY((_service), X86VCPUWriteMSR, field, value);
    const seL4_X86_VCPU_WriteMSR_t result = {answer.error, answer.mrs.r0};
    return result;
}
#endif
