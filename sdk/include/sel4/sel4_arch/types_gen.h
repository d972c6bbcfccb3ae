/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * seL4_Fault_t: which fault it is, and what its message said; and the data of an IOSpace cap.
 *
 * words[0] holds the tag in its lowest four bits. The message registers follow in reverse order:
 * register i of a fault of n registers is words[n - i].
 */
#pragma once

#include <sel4/bitfield.h>

enum seL4_Fault_tag {
    seL4_Fault_NullFault = 0,
    seL4_Fault_CapFault = 1,
    seL4_Fault_UnknownSyscall = 2,
    seL4_Fault_UserException = 3,
    seL4_Fault_DebugException = 4,
#ifdef CONFIG_KERNEL_MCS
    seL4_Fault_Timeout = 5,
    seL4_Fault_VMFault = 6
#else
    seL4_Fault_VMFault = 5
#endif
};
typedef enum seL4_Fault_tag seL4_Fault_tag_t;

#define SEL4_FAULT_REGISTERS_MAX 19

SEL4_BITFIELD_TYPE(seL4_Fault, SEL4_FAULT_REGISTERS_MAX + 1)
SEL4_BITFIELD(seL4_Fault, seL4_FaultType, 0, 0, 4)

LIBSEL4_INLINE_FUNC int seL4_Fault_seL4_FaultType_equals(seL4_Fault_t fault, seL4_Uint64 tag)
{
    return seL4_Fault_get_seL4_FaultType(fault) == tag;
}

LIBSEL4_INLINE_FUNC int seL4_Fault_ptr_seL4_FaultType_equals(const seL4_Fault_t *fault,
                                                             seL4_Uint64 tag)
{
    return seL4_Fault_ptr_get_seL4_FaultType(fault) == tag;
}

/* A fault from its tag and its `n` message registers. */
LIBSEL4_INLINE_FUNC seL4_Fault_t sel4_fault_from_registers(seL4_Uint64 tag, seL4_Word n,
                                                           const seL4_Word *registers)
{
    seL4_Fault_t fault = {{tag}};
    for (seL4_Word i = 0; i < n; i++) {
        fault.words[n - i] = registers[i];
    }
    return fault;
}

/* Defines seL4_Fault_NAME_new() and _ptr_new(). N_PARAMETERS and N_NAMES list the fields. */
#define SEL4_FAULT_NEW(name, n, parameters, ...)                                                   \
    LIBSEL4_INLINE_FUNC seL4_Fault_t seL4_Fault_##name##_new(SEL4_FAULT_LIST parameters)           \
    {                                                                                              \
        const seL4_Word registers[] = {__VA_ARGS__};                                               \
        return sel4_fault_from_registers(seL4_Fault_##name, n, registers);                         \
    }                                                                                              \
                                                                                                   \
    LIBSEL4_INLINE_FUNC void seL4_Fault_##name##_ptr_new(seL4_Fault_t *fault,                      \
                                                         SEL4_FAULT_LIST parameters)               \
    {                                                                                              \
        *fault = seL4_Fault_##name##_new(__VA_ARGS__);                                             \
    }
#define SEL4_FAULT_LIST(...) __VA_ARGS__

/* Defines seL4_Fault_NAME_get_FIELD() and so on, for the field in words[index]. */
#define SEL4_FAULT_FIELD(name, field, index) SEL4_FAULT_FIELD_OF(seL4_Fault_##name, field, index)
#define SEL4_FAULT_FIELD_OF(prefix, field, index)                                                  \
    LIBSEL4_INLINE_FUNC seL4_Uint64 prefix##_get_##field(seL4_Fault_t fault)                       \
    {                                                                                              \
        return fault.words[index];                                                                 \
    }                                                                                              \
                                                                                                   \
    LIBSEL4_INLINE_FUNC seL4_Fault_t prefix##_set_##field(seL4_Fault_t fault, seL4_Uint64 field)   \
    {                                                                                              \
        fault.words[index] = field;                                                                \
        return fault;                                                                              \
    }                                                                                              \
                                                                                                   \
    LIBSEL4_INLINE_FUNC seL4_Uint64 prefix##_ptr_get_##field(const seL4_Fault_t *fault)            \
    {                                                                                              \
        return fault->words[index];                                                                \
    }                                                                                              \
                                                                                                   \
    LIBSEL4_INLINE_FUNC void prefix##_ptr_set_##field(seL4_Fault_t *fault, seL4_Uint64 field)      \
    {                                                                                              \
        fault->words[index] = field;                                                               \
    }

LIBSEL4_INLINE_FUNC seL4_Fault_t seL4_Fault_NullFault_new(void)
{
    seL4_Fault_t fault = {{seL4_Fault_NullFault}};
    return fault;
}

LIBSEL4_INLINE_FUNC void seL4_Fault_NullFault_ptr_new(seL4_Fault_t *fault)
{
    *fault = seL4_Fault_NullFault_new();
}

SEL4_FAULT_FIELD(CapFault, IP, 7)
SEL4_FAULT_FIELD(CapFault, Addr, 6)
SEL4_FAULT_FIELD(CapFault, InRecvPhase, 5)
SEL4_FAULT_FIELD(CapFault, LookupFailureType, 4)
SEL4_FAULT_FIELD(CapFault, MR4, 3)
SEL4_FAULT_FIELD(CapFault, MR5, 2)
SEL4_FAULT_FIELD(CapFault, MR6, 1)
SEL4_FAULT_NEW(CapFault, 7,
               (seL4_Uint64 IP, seL4_Uint64 Addr, seL4_Uint64 InRecvPhase,
                seL4_Uint64 LookupFailureType, seL4_Uint64 MR4, seL4_Uint64 MR5, seL4_Uint64 MR6),
               IP, Addr, InRecvPhase, LookupFailureType, MR4, MR5, MR6)

SEL4_FAULT_FIELD(UnknownSyscall, RAX, 19)
SEL4_FAULT_FIELD(UnknownSyscall, RBX, 18)
SEL4_FAULT_FIELD(UnknownSyscall, RCX, 17)
SEL4_FAULT_FIELD(UnknownSyscall, RDX, 16)
SEL4_FAULT_FIELD(UnknownSyscall, RSI, 15)
SEL4_FAULT_FIELD(UnknownSyscall, RDI, 14)
SEL4_FAULT_FIELD(UnknownSyscall, RBP, 13)
SEL4_FAULT_FIELD(UnknownSyscall, R8, 12)
SEL4_FAULT_FIELD(UnknownSyscall, R9, 11)
SEL4_FAULT_FIELD(UnknownSyscall, R10, 10)
SEL4_FAULT_FIELD(UnknownSyscall, R11, 9)
SEL4_FAULT_FIELD(UnknownSyscall, R12, 8)
SEL4_FAULT_FIELD(UnknownSyscall, R13, 7)
SEL4_FAULT_FIELD(UnknownSyscall, R14, 6)
SEL4_FAULT_FIELD(UnknownSyscall, R15, 5)
SEL4_FAULT_FIELD(UnknownSyscall, FaultIP, 4)
SEL4_FAULT_FIELD(UnknownSyscall, RSP, 3)
SEL4_FAULT_FIELD(UnknownSyscall, FLAGS, 2)
SEL4_FAULT_FIELD(UnknownSyscall, Syscall, 1)
SEL4_FAULT_NEW(UnknownSyscall, 19,
               (seL4_Uint64 RAX, seL4_Uint64 RBX, seL4_Uint64 RCX, seL4_Uint64 RDX, seL4_Uint64 RSI,
                seL4_Uint64 RDI, seL4_Uint64 RBP, seL4_Uint64 R8, seL4_Uint64 R9, seL4_Uint64 R10,
                seL4_Uint64 R11, seL4_Uint64 R12, seL4_Uint64 R13, seL4_Uint64 R14, seL4_Uint64 R15,
                seL4_Uint64 FaultIP, seL4_Uint64 RSP, seL4_Uint64 FLAGS, seL4_Uint64 Syscall),
               RAX, RBX, RCX, RDX, RSI, RDI, RBP, R8, R9, R10, R11, R12, R13, R14, R15, FaultIP,
               RSP, FLAGS, Syscall)

SEL4_FAULT_FIELD(UserException, FaultIP, 5)
SEL4_FAULT_FIELD(UserException, Stack, 4)
SEL4_FAULT_FIELD(UserException, FLAGS, 3)
SEL4_FAULT_FIELD(UserException, Number, 2)
SEL4_FAULT_FIELD(UserException, Code, 1)
SEL4_FAULT_NEW(UserException, 5,
               (seL4_Uint64 FaultIP, seL4_Uint64 Stack, seL4_Uint64 FLAGS, seL4_Uint64 Number,
                seL4_Uint64 Code),
               FaultIP, Stack, FLAGS, Number, Code)

SEL4_FAULT_FIELD(DebugException, FaultIP, 4)
SEL4_FAULT_FIELD(DebugException, ExceptionReason, 3)
SEL4_FAULT_FIELD(DebugException, TriggerAddress, 2)
SEL4_FAULT_FIELD(DebugException, BreakpointNumber, 1)
SEL4_FAULT_NEW(DebugException, 4,
               (seL4_Uint64 FaultIP, seL4_Uint64 ExceptionReason, seL4_Uint64 TriggerAddress,
                seL4_Uint64 BreakpointNumber),
               FaultIP, ExceptionReason, TriggerAddress, BreakpointNumber)

#ifdef CONFIG_KERNEL_MCS
SEL4_FAULT_FIELD(Timeout, data, 2)
SEL4_FAULT_FIELD(Timeout, consumed, 1)
SEL4_FAULT_NEW(Timeout, 2, (seL4_Uint64 data, seL4_Uint64 consumed), data, consumed)
#endif

SEL4_FAULT_FIELD(VMFault, IP, 4)
SEL4_FAULT_FIELD(VMFault, Addr, 3)
SEL4_FAULT_FIELD(VMFault, PrefetchFault, 2)
SEL4_FAULT_FIELD(VMFault, FSR, 1)
SEL4_FAULT_NEW(VMFault, 4,
               (seL4_Uint64 IP, seL4_Uint64 Addr, seL4_Uint64 PrefetchFault, seL4_Uint64 FSR), IP,
               Addr, PrefetchFault, FSR)

/*
 * Which device an IOSpace cap is for, as minting takes it.
 *
 *    63         32 31         16 15       8 7        3 2        0
 *   |      0      | domainID 16 | pciBus 8 | pciDev 5 | pciFun 3 |
 */
SEL4_BITFIELD_TYPE(seL4_X86_IOSpace_CapData, 1)
SEL4_BITFIELD(seL4_X86_IOSpace_CapData, domainID, 0, 16, 16)
SEL4_BITFIELD(seL4_X86_IOSpace_CapData, pciBus, 0, 8, 8)
SEL4_BITFIELD(seL4_X86_IOSpace_CapData, pciDev, 0, 3, 5)
SEL4_BITFIELD(seL4_X86_IOSpace_CapData, pciFun, 0, 0, 3)

LIBSEL4_INLINE_FUNC seL4_X86_IOSpace_CapData_t seL4_X86_IOSpace_CapData_new(seL4_Uint64 domainID,
                                                                            seL4_Uint64 pciBus,
                                                                            seL4_Uint64 pciDev,
                                                                            seL4_Uint64 pciFun)
{
    seL4_X86_IOSpace_CapData_t data;
    data.words[0] = 0;
    seL4_X86_IOSpace_CapData_ptr_set_domainID(&data, domainID);
    seL4_X86_IOSpace_CapData_ptr_set_pciBus(&data, pciBus);
    seL4_X86_IOSpace_CapData_ptr_set_pciDev(&data, pciDev);
    seL4_X86_IOSpace_CapData_ptr_set_pciFun(&data, pciFun);
    return data;
}

LIBSEL4_INLINE_FUNC void seL4_X86_IOSpace_CapData_ptr_new(seL4_X86_IOSpace_CapData_t *data,
                                                          seL4_Uint64 domainID, seL4_Uint64 pciBus,
                                                          seL4_Uint64 pciDev, seL4_Uint64 pciFun)
{
    *data = seL4_X86_IOSpace_CapData_new(domainID, pciBus, pciDev, pciFun);
}
