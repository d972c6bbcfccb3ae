/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What the root task of the classic kernel needs to run: nothing but its master reply cap. */
#include "kernel/boot.h"

#include "kernel/classic/reply.h"
#include "kernel/sched.h"

void boot_describe(struct booting *b)
{
    struct abi_bootinfo_classic *bootinfo = (void *)b->bootinfo;
    b->untyped = &bootinfo->untyped;
    b->untyped_list = bootinfo->untyped_list;
}

void boot_start_thread(struct booting *b, struct tcb *tcb)
{
    reply_make_master(b->k, tcb);
    sched_boot(b->k, tcb);
}
