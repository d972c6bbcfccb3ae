/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The monitor's loop. */
#include "microkit/monitor/monitor.h"

#include <stdbool.h>
#include <stddef.h>

char pd_names[PDS_MAX][NAME_LENGTH];
seL4_Word pd_names_len;
char vm_names[PDS_MAX][NAME_LENGTH];
seL4_Word vm_names_len;
seL4_Word pd_stack_bottom_addrs[PDS_MAX];

/* The tool maps it into the highest page that a program can have. */
seL4_IPCBuffer *__sel4_ipc_buffer =
    (seL4_IPCBuffer *)(seL4_UserVSpaceTop & ~(((seL4_Word)1 << seL4_PageBits) - 1));

/* So that the kernel's own messages say who is meant. */
static void name_threads(void)
{
#ifdef CONFIG_DEBUG_BUILD
    for (seL4_Word i = 0; i < pd_names_len; i++) {
        seL4_DebugNameThread(BASE_PD_TCB_SLOT + i, pd_names[i]);
    }
    for (seL4_Word i = 0; i < vm_names_len; i++) {
        seL4_DebugNameThread(BASE_VM_TCB_SLOT + i, vm_names[i]);
    }
#endif
}

/* A PD that is passive has no time of its own: its notification lends it time to run on. */
static void make_passive(seL4_Word pd)
{
    seL4_Error error =
        seL4_SchedContext_Bind(BASE_SCHED_CONTEXT_SLOT + pd, BASE_NOTIFICATION_SLOT + pd);
    if (error != seL4_NoError) {
        print("MON|ERROR: could not bind scheduling context to notification object\n");
        return;
    }
    print("MON|INFO: PD '");
    print(pd_names[pd]);
    print("' is now passive!\n");
}

static bool is_known(seL4_Word pd)
{
    return pd < PDS_MAX && pd_names[pd][0] != '\0';
}

static void report_fault(const struct fault *fault, seL4_Word badge)
{
    seL4_Word pd = badge - 1;
    seL4_CPtr tcb = BASE_PD_TCB_SLOT + pd;

    print("MON|ERROR: received message ");
    print_hex32((uint32_t)fault->label);
    print("  badge: ");
    print_hex64(badge);
    print("  tcb cap: ");
    print_hex64(tcb);
    print("\n");
    if (!is_known(pd)) {
        print("FAIL: MON|ERROR: unknown/invalid badge\n\n");
        return;
    }
    print("MON|ERROR: faulting PD: ");
    print(pd_names[pd]);
    print("\n");

    seL4_UserContext registers = {0};
    seL4_Error error =
        seL4_TCB_ReadRegisters(tcb, false, 0, sizeof registers / sizeof(seL4_Word), &registers);
    if (error != seL4_NoError) {
        print("FAIL: error reading registers\n");
        return;
    }
    registers_print(&registers);
    fault_print(fault, pd_stack_bottom_addrs[pd]);
}

int main(void)
{
    name_threads();
    print("MON|INFO: Microkit Monitor started!\n");

    for (;;) {
        seL4_Word badge;
        seL4_MessageInfo_t info = seL4_Recv(FAULT_EP_SLOT, &badge, REPLY_SLOT);
        struct fault fault = fault_received(seL4_MessageInfo_get_label(info));
        if (fault.label == seL4_Fault_NullFault && badge - 1 < PDS_MAX) {
            make_passive(badge - 1);
        } else {
            report_fault(&fault, badge);
        }
    }
}
