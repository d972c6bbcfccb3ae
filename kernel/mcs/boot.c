/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What the root task of the MCS kernel has more: a scheduling context, and the right to time. */
#include "kernel/boot.h"

#include "kernel/sched.h"

static struct abi_slot_region provide_sched_control(struct booting *b)
{
    struct abi_slot_region region = {.start = b->slot_next};
    boot_provide_cap(b, (struct cap){.sched_control = {.type = CAP_SCHED_CONTROL, .core = 0}});
    region.end = b->slot_next;
    return region;
}

void boot_describe(struct booting *b)
{
    struct abi_bootinfo_mcs *bootinfo = (void *)b->bootinfo;
    b->untyped = &bootinfo->untyped;
    b->untyped_list = bootinfo->untyped_list;
    bootinfo->schedcontrol = provide_sched_control(b);
}

void boot_start_thread(struct booting *b, struct tcb *tcb)
{
    struct kernel *k = b->k;
    sc_at(k, b->at.sc)->tcb = b->at.tcb;
    tcb->sc = b->at.sc;
    boot_write_slot(&b->slots[seL4_CapInitThreadSC],
                    (struct cap){.sched_context = {.type = CAP_SCHED_CONTEXT,
                                                   .object_16 = b->at.sc >> 4,
                                                   .size_bits = seL4_MinSchedContextBits}});
    sched_boot(k, tcb);
}
