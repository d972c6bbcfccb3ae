/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* libsel4's types and numbers are those of abi/ and of the Microkit debug kernel. Compiled only. */

#include <sel4/arch/bootinfo_types.h>
#include <sel4/sel4.h>

#include <stddef.h>

#include "abi/bootinfo.h"
#include "abi/message.h"
#include "abi/x86/registers.h"

#define SAME(left, right)       _Static_assert((long)(left) == (long)(right), #left " == " #right)
#define OFFSET(type, field)     offsetof(type, field)
#define SAME_FIELD(a, f, b, g)  SAME(OFFSET(a, f), OFFSET(b, g))
#define FIELD_OF_INFO(field, g) SAME_FIELD(seL4_BootInfo, field, struct abi_bootinfo_mcs, g)

/* Messages. */
SAME(sizeof(seL4_IPCBuffer), sizeof(struct abi_ipc_buffer));
SAME(sizeof(seL4_IPCBuffer), 1u << seL4_IPCBufferSizeBits);
SAME(_Alignof(seL4_IPCBuffer), 1024);
SAME_FIELD(seL4_IPCBuffer, msg, struct abi_ipc_buffer, msg);
SAME_FIELD(seL4_IPCBuffer, userData, struct abi_ipc_buffer, user_data);
SAME_FIELD(seL4_IPCBuffer, caps_or_badges, struct abi_ipc_buffer, caps_or_badges);
SAME_FIELD(seL4_IPCBuffer, receiveCNode, struct abi_ipc_buffer, receive_cnode);
SAME_FIELD(seL4_IPCBuffer, receiveDepth, struct abi_ipc_buffer, receive_depth);
SAME(seL4_MsgMaxLength, MESSAGE_LENGTH_MAX);
SAME(seL4_MsgLengthBits, MESSAGE_LENGTH_BITS);
SAME(seL4_MsgMaxExtraCaps, MESSAGE_EXTRA_CAPS_MAX);
SAME(seL4_FastMessageRegisters, MESSAGE_REGISTERS);
SAME(sizeof(seL4_MessageInfo_t), 8);
SAME(sizeof(seL4_CapRights_t), 8);
SAME(sizeof(seL4_Fault_t), 160);

/* Faults. */
SAME(seL4_Fault_CapFault, FAULT_CAP);
SAME(seL4_Fault_UnknownSyscall, FAULT_UNKNOWN_SYSCALL);
SAME(seL4_Fault_UserException, FAULT_USER_EXCEPTION);
SAME(seL4_Fault_DebugException, FAULT_DEBUG_EXCEPTION);
SAME(seL4_Fault_Timeout, FAULT_TIMEOUT_MCS);
SAME(seL4_Fault_VMFault, FAULT_VM_MCS);
SAME(seL4_VMFault_Length, FAULT_VM_LENGTH);
SAME(seL4_UnknownSyscall_Length, UNKNOWN_SYSCALL_LENGTH);
SAME(seL4_UserException_Length, USER_EXCEPTION_LENGTH);
SAME(seL4_DebugException_Length, FAULT_DEBUG_LENGTH);
SAME(seL4_Timeout_Length, FAULT_TIMEOUT_LENGTH);

/* Registers. */
SAME(sizeof(seL4_UserContext), sizeof(struct x86_registers));
SAME(OFFSET(seL4_UserContext, rip), X86_RIP * sizeof(seL4_Word));
SAME(OFFSET(seL4_UserContext, rflags), X86_RFLAGS * sizeof(seL4_Word));
SAME(OFFSET(seL4_UserContext, rbp), X86_RBP * sizeof(seL4_Word));
SAME(OFFSET(seL4_UserContext, r15), X86_R15 * sizeof(seL4_Word));
SAME(OFFSET(seL4_UserContext, gs_base), X86_GS_BASE * sizeof(seL4_Word));
SAME(seL4_UserTop, X86_USER_TOP);

/* Bootinfo. */
SAME(sizeof(seL4_BootInfo), sizeof(struct abi_bootinfo_mcs));
SAME(sizeof(seL4_BootInfo), 3864);
FIELD_OF_INFO(extraLen, extra_length);
FIELD_OF_INFO(numIOPTLevels, io_page_table_levels);
FIELD_OF_INFO(ipcBuffer, ipc_buffer);
FIELD_OF_INFO(empty, empty);
FIELD_OF_INFO(userImageFrames, user_image_frames);
FIELD_OF_INFO(userImagePaging, user_image_paging);
FIELD_OF_INFO(extraBIPages, extra_bootinfo_pages);
FIELD_OF_INFO(initThreadCNodeSizeBits, init_cnode_size_bits);
FIELD_OF_INFO(initThreadDomain, init_domain);
FIELD_OF_INFO(schedcontrol, schedcontrol);
FIELD_OF_INFO(untyped, untyped);
FIELD_OF_INFO(untypedList, untyped_list);
SAME(sizeof(seL4_UntypedDesc), sizeof(struct abi_untyped_description));
SAME(sizeof(seL4_BootInfoHeader), sizeof(struct abi_bootinfo_header));
SAME(sizeof(seL4_X86_BootInfo_mmap_t), 1220);
SAME(sizeof(seL4_X86_BootInfo_VBE), 800);

/* Object types and sizes, seL4 16.0.0 with MCS, huge pages and an IOMMU. */
SAME(seL4_UntypedObject, 0);
SAME(seL4_CapTableObject, 4);
SAME(seL4_SchedContextObject, 5);
SAME(seL4_ReplyObject, 6);
SAME(seL4_NonArchObjectTypeCount, 7);
SAME(seL4_X86_PDPTObject, 7);
SAME(seL4_X64_PML4Object, 8);
SAME(seL4_X64_HugePageObject, 9);
SAME(seL4_ModeObjectTypeCount, 10);
SAME(seL4_X86_4K, 10);
SAME(seL4_X86_LargePageObject, 11);
SAME(seL4_X86_PageTableObject, 12);
SAME(seL4_X86_PageDirectoryObject, 13);
SAME(seL4_X86_IOPageTableObject, 14);
SAME(seL4_ObjectTypeCount, 15);
SAME(seL4_X86_VCPUObject, 0xfffffe);
SAME(seL4_TCBBits, 11);
SAME(seL4_NotificationBits, 6);

/* System calls, MCS. */
SAME(sizeof(seL4_Syscall_ID), 8);
SAME(seL4_SysCall, -1);
SAME(seL4_SysYield, -11);
SAME(seL4_SysDebugPutChar, -12);
SAME(seL4_SysDebugNameThread, -17);
SAME(seL4_SysBenchmarkFlushCaches, -21);
SAME(seL4_SysSetTLSBase, -33);
