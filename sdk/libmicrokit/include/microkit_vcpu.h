/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A PD's virtual processor: kernels with VT-x. A PD has one at most.
 *
 * Three fields of the VMCS travel with seL4_VMEnter(), so they are kept here and not in the VMCS.
 */
#pragma once

#include <microkit.h>

#ifdef CONFIG_VTX

/* Intel SDM volume 3, appendix B: encodings of VMCS fields. */
#define MICROKIT_VMX_GUEST_RIP                          0x0000681E
#define MICROKIT_VMX_CONTROL_PRIMARY_PROCESSOR_CONTROLS 0x00004002
#define MICROKIT_VMX_CONTROL_ENTRY_INTERRUPTION_INFO    0x00004016

struct microkit_x86_vcpu_state {
    seL4_Bool is_on;
    seL4_Word rip;
    seL4_Word prim_proc_ctl;
    seL4_Word irq_info;
};

SEL4_BEGIN_C
extern struct microkit_x86_vcpu_state microkit_x86_vcpu_state;
SEL4_END_C

/* Where a field is kept if it travels with seL4_VMEnter(), else null. */
static inline seL4_Word *microkit_internal_vmcs_kept(seL4_Word field)
{
    switch (field) {
    case MICROKIT_VMX_GUEST_RIP:
        return &microkit_x86_vcpu_state.rip;
    case MICROKIT_VMX_CONTROL_PRIMARY_PROCESSOR_CONTROLS:
        return &microkit_x86_vcpu_state.prim_proc_ctl;
    case MICROKIT_VMX_CONTROL_ENTRY_INTERRUPTION_INFO:
        return &microkit_x86_vcpu_state.irq_info;
    default:
        return (seL4_Word *)seL4_Null;
    }
}

static inline seL4_Word microkit_vcpu_x86_read_vmcs(microkit_child vcpu, seL4_Word field)
{
    const seL4_Word *kept = microkit_internal_vmcs_kept(field);
    if (kept != seL4_Null) {
        return *kept;
    }
    seL4_X86_VCPU_ReadVMCS_t answer = seL4_X86_VCPU_ReadVMCS(BASE_VCPU_CAP + vcpu, field);
    microkit_internal_require((seL4_Error)answer.error,
                              "microkit_x86_read_vmcs: error reading data\n");
    return answer.value;
}

static inline void microkit_vcpu_x86_write_vmcs(microkit_child vcpu, seL4_Word field,
                                                seL4_Word value)
{
    seL4_Word *kept = microkit_internal_vmcs_kept(field);
    if (kept != seL4_Null) {
        *kept = value;
        return;
    }
    seL4_X86_VCPU_WriteVMCS_t answer = seL4_X86_VCPU_WriteVMCS(BASE_VCPU_CAP + vcpu, field, value);
    microkit_internal_require((seL4_Error)answer.error,
                              "microkit_x86_write_vmcs: error writing data\n");
}

#ifdef CONFIG_X86_64_VTX_64BIT_GUESTS
static inline seL4_Word microkit_vcpu_x86_read_msr(microkit_child vcpu, seL4_Word field)
{
    seL4_X86_VCPU_ReadMSR_t answer = seL4_X86_VCPU_ReadMSR(BASE_VCPU_CAP + vcpu, field);
    microkit_internal_require((seL4_Error)answer.error,
                              "microkit_x86_read_msr: error reading data\n");
    return answer.value;
}

static inline void microkit_vcpu_x86_write_msr(microkit_child vcpu, seL4_Word field,
                                               seL4_Word value)
{
    seL4_X86_VCPU_WriteMSR_t answer = seL4_X86_VCPU_WriteMSR(BASE_VCPU_CAP + vcpu, field, value);
    microkit_internal_require((seL4_Error)answer.error,
                              "microkit_x86_write_msr: error writing data\n");
}
#endif

/* Let the guest use `length` ports from port_addr, which the PD's ioport_id covers. */
static inline void microkit_vcpu_x86_enable_ioport(microkit_child vcpu, microkit_ioport ioport_id,
                                                   seL4_Word port_addr, seL4_Word length)
{
    if (microkit_internal_has_ioport(ioport_id, "microkit_vcpu_x86_enable_ioport")) {
        microkit_internal_require(seL4_X86_VCPU_EnableIOPort(BASE_VCPU_CAP + vcpu,
                                                             BASE_IOPORT_CAP + ioport_id, port_addr,
                                                             port_addr + length - 1),
                                  "microkit_vcpu_x86_enable_ioport: error enabling I/O Port\n");
    }
}

static inline void microkit_vcpu_x86_disable_ioport(microkit_child vcpu, seL4_Word port_addr,
                                                    seL4_Word length)
{
    microkit_internal_require(
        seL4_X86_VCPU_DisableIOPort(BASE_VCPU_CAP + vcpu, port_addr, port_addr + length - 1),
        "microkit_vcpu_x86_disable_ioport: error disabling I/O Port\n");
}

static inline void microkit_vcpu_x86_write_regs(microkit_child vcpu, seL4_VCPUContext *regs)
{
    microkit_internal_require(seL4_X86_VCPU_WriteRegisters(BASE_VCPU_CAP + vcpu, regs),
                              "microkit_vcpu_x86_write_regs: error writing vCPU registers\n");
}

/* Whether the event loop runs the guest while there is nothing else to do. */
static inline void microkit_vcpu_x86_on(void)
{
    microkit_x86_vcpu_state.is_on = seL4_True;
}

static inline void microkit_vcpu_x86_off(void)
{
    microkit_x86_vcpu_state.is_on = seL4_False;
}
#endif
