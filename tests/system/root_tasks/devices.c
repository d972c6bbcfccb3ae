/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* I/O ports and interrupts: how they are issued, and what is refused. */
#include "try.h"

#define PORTS seL4_CapIOPortControl
#define IRQS  seL4_CapIRQControl

static seL4_CPtr frame;

static seL4_Error in8(seL4_CPtr ports, seL4_Uint16 port)
{
    return (seL4_Error)seL4_X86_IOPort_In8(ports, port).error;
}

static seL4_Error in16(seL4_CPtr ports, seL4_Uint16 port)
{
    return (seL4_Error)seL4_X86_IOPort_In16(ports, port).error;
}

static seL4_Error in32(seL4_CPtr ports, seL4_Uint16 port)
{
    return (seL4_Error)seL4_X86_IOPort_In32(ports, port).error;
}

static void ask_of_ports(void)
{
    seL4_CPtr a = new_slot();
    seL4_CPtr b = new_slot();
    TRY(seL4_X86_IOPortControl_Issue(PORTS, 0x71, 0x70, ROOT, a, DEPTH));
    TRY(seL4_X86_IOPortControl_Issue(PORTS, 0x70, 0x71, frame, a, DEPTH));
    TRY(seL4_X86_IOPortControl_Issue(PORTS, 0x70, 0x71, ROOT, 1, DEPTH));
    TRY(seL4_X86_IOPortControl_Issue(PORTS, 0x70, 0x71, ROOT, a, DEPTH));
    TRY(seL4_X86_IOPortControl_Issue(PORTS, 0x71, 0x80, ROOT, b, DEPTH));
    TRY(copy(new_slot(), PORTS));
    TRY(in8(a, 0x6f));
    TRY(in8(a, 0x72));
    TRY(in16(a, 0x71));
    TRY(in32(a, 0x70));
    TRY(seL4_X86_IOPort_Out8(a, 0x70, 0x0f));
    TRY(in8(a, 0x71));
    TRY(seL4_X86_IOPort_Out16(a, 0x71, 0));
    TRY(seL4_X86_IOPort_Out32(a, 0x70, 0));
    TRY(seL4_X86_PDPT_Unmap(a));
    TRY(seL4_X86_PDPT_Unmap(PORTS));

    TRY(copy(b, a));
    TRY(delete_cap(a));
    TRY(seL4_X86_IOPortControl_Issue(PORTS, 0x70, 0x71, ROOT, a, DEPTH));
    TRY(delete_cap(b));
    TRY(seL4_X86_IOPortControl_Issue(PORTS, 0x70, 0x71, ROOT, a, DEPTH));
    TRY(seL4_X86_IOPortControl_Issue(PORTS, 0, 0xffff, ROOT, b, DEPTH));
    TRY(seL4_CNode_Revoke(ROOT, PORTS, DEPTH));
    TRY(seL4_X86_IOPortControl_Issue(PORTS, 0, 0xffff, ROOT, b, DEPTH));
    TRY(in16(b, 0xffff));
}

static void ask_of_pins(void)
{
    seL4_CPtr slot = new_slot();
    TRY(seL4_IRQControl_Get(IRQS, 1, ROOT, slot, DEPTH));
    TRY(seL4_IRQControl_GetIOAPIC(IRQS, ROOT, slot, DEPTH, 0, 4, 0, 0, 108));
    TRY(seL4_IRQControl_GetIOAPIC(IRQS, ROOT, slot, DEPTH, 1, 4, 0, 0, 5));
    TRY(seL4_IRQControl_GetIOAPIC(IRQS, ROOT, slot, DEPTH, 0, 24, 0, 0, 5));
    TRY(seL4_IRQControl_GetIOAPIC(IRQS, ROOT, slot, DEPTH, 0, 4, 2, 0, 5));
    TRY(seL4_IRQControl_GetIOAPIC(IRQS, ROOT, slot, DEPTH, 0, 4, 0, 2, 5));
    TRY(seL4_IRQControl_GetIOAPIC(IRQS, frame, slot, DEPTH, 0, 4, 0, 0, 5));
    TRY(seL4_IRQControl_GetIOAPIC(IRQS, ROOT, 1, DEPTH, 7, 4, 0, 0, 5));
    TRY(seL4_IRQControl_GetIOAPIC(IRQS, ROOT, slot, DEPTH, 0, 4, 0, 0, 5));
    TRY(seL4_IRQControl_GetIOAPIC(IRQS, ROOT, 1, DEPTH, 0, 4, 0, 0, 5));
    TRY(seL4_X86_PDPT_Unmap(slot));
    TRY(delete_cap(slot));
    TRY(seL4_IRQControl_GetIOAPIC(IRQS, ROOT, slot, DEPTH, 0, 4, 0, 0, 5));
}

static void ask_of_messages(void)
{
    seL4_CPtr slot = new_slot();
    TRY(seL4_IRQControl_GetMSI(IRQS, ROOT, slot, DEPTH, 256, 0, 0, 0, 6));
    TRY(seL4_IRQControl_GetMSI(IRQS, ROOT, slot, DEPTH, 0, 32, 0, 0, 6));
    TRY(seL4_IRQControl_GetMSI(IRQS, ROOT, slot, DEPTH, 0, 0, 8, 0, 6));
    TRY(seL4_IRQControl_GetMSI(IRQS, ROOT, slot, DEPTH, 0, 0, 7, 0, 107));
    TRY(copy(new_slot(), IRQS));
    TRY(seL4_X86_PDPT_Unmap(IRQS));
}

static void ask(void)
{
    frame = new_object(seL4_X86_4K, 0);
    ask_of_ports();
    ask_of_pins();
    ask_of_messages();
}
