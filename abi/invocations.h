/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Invocation labels, in upstream's order, each with the condition under which it exists. A label's
 * number is its position among those that exist, so it depends on the configuration.
 * Source: seL4 16.0.0, libsel4 object-api.xml, object-api-sel4-arch.xml, object-api-arch.xml.
 *
 * I(name, condition). Conditions: ALWAYS, MCS, CLASSIC, SMP_CLASSIC (classic with more than one
 * core), HARDWARE_DEBUG_API, IOMMU, VTX, VTX_64BIT_GUESTS.
 */
#pragma once

#define INVOCATIONS(I)                                                                             \
    I(InvalidInvocation, ALWAYS)                                                                   \
    I(UntypedRetype, ALWAYS)                                                                       \
    I(TCBReadRegisters, ALWAYS)                                                                    \
    I(TCBWriteRegisters, ALWAYS)                                                                   \
    I(TCBCopyRegisters, ALWAYS)                                                                    \
    I(TCBConfigure, ALWAYS)                                                                        \
    I(TCBSetPriority, ALWAYS)                                                                      \
    I(TCBSetMCPriority, ALWAYS)                                                                    \
    I(TCBSetSchedParams, ALWAYS)                                                                   \
    I(TCBSetTimeoutEndpoint, MCS)                                                                  \
    I(TCBSetIPCBuffer, ALWAYS)                                                                     \
    I(TCBSetSpace, ALWAYS)                                                                         \
    I(TCBSuspend, ALWAYS)                                                                          \
    I(TCBResume, ALWAYS)                                                                           \
    I(TCBBindNotification, ALWAYS)                                                                 \
    I(TCBUnbindNotification, ALWAYS)                                                               \
    I(TCBSetAffinity, SMP_CLASSIC)                                                                 \
    I(TCBSetBreakpoint, HARDWARE_DEBUG_API)                                                        \
    I(TCBGetBreakpoint, HARDWARE_DEBUG_API)                                                        \
    I(TCBUnsetBreakpoint, HARDWARE_DEBUG_API)                                                      \
    I(TCBConfigureSingleStepping, HARDWARE_DEBUG_API)                                              \
    I(TCBSetTLSBase, ALWAYS)                                                                       \
    I(TCBSetFlags, ALWAYS)                                                                         \
    I(CNodeRevoke, ALWAYS)                                                                         \
    I(CNodeDelete, ALWAYS)                                                                         \
    I(CNodeCancelBadgedSends, ALWAYS)                                                              \
    I(CNodeCopy, ALWAYS)                                                                           \
    I(CNodeMint, ALWAYS)                                                                           \
    I(CNodeMove, ALWAYS)                                                                           \
    I(CNodeMutate, ALWAYS)                                                                         \
    I(CNodeRotate, ALWAYS)                                                                         \
    I(CNodeSaveCaller, CLASSIC)                                                                    \
    I(IRQIssueIRQHandler, ALWAYS)                                                                  \
    I(IRQAckIRQ, ALWAYS)                                                                           \
    I(IRQSetIRQHandler, ALWAYS)                                                                    \
    I(IRQClearIRQHandler, ALWAYS)                                                                  \
    I(DomainSetSet, ALWAYS)                                                                        \
    I(DomainScheduleConfigure, ALWAYS)                                                             \
    I(DomainScheduleSetStart, ALWAYS)                                                              \
    I(SchedControlConfigureFlags, MCS)                                                             \
    I(SchedContextBind, MCS)                                                                       \
    I(SchedContextUnbind, MCS)                                                                     \
    I(SchedContextUnbindObject, MCS)                                                               \
    I(SchedContextConsumed, MCS)                                                                   \
    I(SchedContextYieldTo, MCS)                                                                    \
    I(X86PDPTMap, ALWAYS)                                                                          \
    I(X86PDPTUnmap, ALWAYS)                                                                        \
    I(X86VCPUReadMSR, VTX_64BIT_GUESTS)                                                            \
    I(X86VCPUWriteMSR, VTX_64BIT_GUESTS)                                                           \
    I(X86PageDirectoryMap, ALWAYS)                                                                 \
    I(X86PageDirectoryUnmap, ALWAYS)                                                               \
    I(X86PageTableMap, ALWAYS)                                                                     \
    I(X86PageTableUnmap, ALWAYS)                                                                   \
    I(X86IOPageTableMap, IOMMU)                                                                    \
    I(X86IOPageTableUnmap, IOMMU)                                                                  \
    I(X86PageMap, ALWAYS)                                                                          \
    I(X86PageUnmap, ALWAYS)                                                                        \
    I(X86PageMapIO, IOMMU)                                                                         \
    I(X86PageGetAddress, ALWAYS)                                                                   \
    I(X86PageMapEPT, VTX)                                                                          \
    I(X86ASIDControlMakePool, ALWAYS)                                                              \
    I(X86ASIDPoolAssign, ALWAYS)                                                                   \
    I(X86IOPortControlIssue, ALWAYS)                                                               \
    I(X86IOPortIn8, ALWAYS)                                                                        \
    I(X86IOPortIn16, ALWAYS)                                                                       \
    I(X86IOPortIn32, ALWAYS)                                                                       \
    I(X86IOPortOut8, ALWAYS)                                                                       \
    I(X86IOPortOut16, ALWAYS)                                                                      \
    I(X86IOPortOut32, ALWAYS)                                                                      \
    I(X86IRQIssueIRQHandlerIOAPIC, ALWAYS)                                                         \
    I(X86IRQIssueIRQHandlerMSI, ALWAYS)                                                            \
    I(TCBSetEPTRoot, VTX)                                                                          \
    I(X86VCPUSetTCB, VTX)                                                                          \
    I(X86VCPUReadVMCS, VTX)                                                                        \
    I(X86VCPUWriteVMCS, VTX)                                                                       \
    I(X86VCPUEnableIOPort, VTX)                                                                    \
    I(X86VCPUDisableIOPort, VTX)                                                                   \
    I(X86VCPUWriteRegisters, VTX)                                                                  \
    I(X86EPTPDPTMap, VTX)                                                                          \
    I(X86EPTPDPTUnmap, VTX)                                                                        \
    I(X86EPTPDMap, VTX)                                                                            \
    I(X86EPTPDUnmap, VTX)                                                                          \
    I(X86EPTPTMap, VTX)                                                                            \
    I(X86EPTPTUnmap, VTX)
