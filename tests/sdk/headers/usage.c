/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What programs written for upstream's headers do, in their manner. Compiled only. */

#include <stdint.h>
#include <stdio.h>

#include <microkit.h>
#include <sel4/arch/mapping.h>
#include <sel4/bootinfo_types.h>
#include <sel4/sel4.h>

uintptr_t ring_vaddr;

void init(void);
int print(char *text, unsigned long size);
seL4_Error make_thread(seL4_BootInfo *info, seL4_CPtr slot, seL4_Word entry, seL4_Word stack);
seL4_Error map_with_tables(seL4_CPtr frame, seL4_CPtr table, seL4_CPtr vspace, seL4_Word vaddr);
void serve(seL4_CPtr endpoint, seL4_CPtr reply);

void init(void)
{
    microkit_msginfo info = microkit_ppcall(1, microkit_msginfo_new(0, 1));
    if (microkit_msginfo_get_label(info) != 0) {
        microkit_dbg_puts(microkit_name);
    }
    microkit_deferred_notify(2);
    microkit_deferred_irq_ack(3);
    microkit_cspace_root_slot_to_cptr(4);
}

void notified(microkit_channel ch)
{
    switch (ch) {
    case 1:
        microkit_irq_ack(ch);
        break;
    default:
        microkit_notify(ch);
    }
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
    seL4_UserContext regs = {0};
    seL4_TCB_ReadRegisters(BASE_TCB_CAP + child, seL4_False, 0,
                           sizeof(seL4_UserContext) / sizeof(seL4_Word), &regs);
    switch (microkit_msginfo_get_label(msginfo)) {
    case seL4_Fault_VMFault:
        microkit_pd_restart(child, regs.rip + 2);
        break;
    case seL4_Fault_UnknownSyscall:
        microkit_pd_stop(child);
        break;
    }
    *reply_msginfo = microkit_msginfo_new(0, 0);
    return seL4_True;
}

int print(char *text, unsigned long size)
{
    return snprintf(text, size, "%" SEL4_PRIx_word " %" SEL4_PRIu64, (seL4_Word)1, (seL4_Uint64)2);
}

seL4_Error make_thread(seL4_BootInfo *info, seL4_CPtr slot, seL4_Word entry, seL4_Word stack)
{
    seL4_CPtr untyped = info->untyped.start;
    seL4_Error error = seL4_Untyped_Retype(untyped, seL4_TCBObject, seL4_TCBBits,
                                           seL4_CapInitThreadCNode, 0, 0, slot, 1);
    if (error != seL4_NoError) {
        return error;
    }
    seL4_Word guard = seL4_CNode_CapData_new(0, seL4_WordBits - 12).words[0];
    error = seL4_TCB_Configure(slot, seL4_CapInitThreadCNode, guard, seL4_CapInitThreadVSpace,
                               seL4_NilData, (seL4_Word)info->ipcBuffer, seL4_CapNull);
    seL4_UserContext regs = {.rip = entry, .rsp = stack};
    error |= seL4_TCB_WriteRegisters(slot, 0, 0, 2, &regs);
    error |= seL4_TCB_SetSchedParams(slot, seL4_CapInitThreadTCB, seL4_MinPrio, seL4_MaxPrio, 0, 0);
    error |= seL4_SchedControl_Configure(info->schedcontrol.start, slot + 1, 10000, 10000,
                                         seL4_MaxExtraRefills(seL4_MinSchedContextBits), 0);
    return error | seL4_TCB_Resume(slot);
}

seL4_Error map_with_tables(seL4_CPtr frame, seL4_CPtr table, seL4_CPtr vspace, seL4_Word vaddr)
{
    seL4_CapRights_t rights = seL4_CapRights_new(0, 0, 1, 1);
    seL4_Error error =
        seL4_X86_Page_Map(frame, vspace, vaddr, rights, seL4_X86_Default_VMAttributes);
    if (error == seL4_FailedLookup &&
        seL4_MappingFailedLookupLevel() == SEL4_MAPPING_LOOKUP_NO_PT) {
        error = seL4_X86_PageTable_Map(table, vspace, vaddr, seL4_X86_Default_VMAttributes);
    }
    seL4_X86_Page_GetAddress_t address = seL4_X86_Page_GetAddress(frame);
    return address.error ? (seL4_Error)address.error : error;
}

void serve(seL4_CPtr endpoint, seL4_CPtr reply)
{
    seL4_Word badge;
    seL4_MessageInfo_t tag = seL4_Recv(endpoint, &badge, reply);
    for (;;) {
        if (seL4_isVMFault_tag(tag)) {
            seL4_Fault_t vm = seL4_getFault(tag);
            seL4_SetMR(0, seL4_Fault_VMFault_get_Addr(vm));
        }
        seL4_Assert(seL4_MessageInfo_get_length(tag) <= seL4_MsgMaxLength);
        tag = seL4_ReplyRecv(endpoint, seL4_MessageInfo_new(0, 0, 0, 1), &badge, reply);
    }
}
