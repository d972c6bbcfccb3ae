/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What must hold between two entries of the classic kernel. */
#include "tests/kernel/fixture.h"

#include "kernel/cdt.h"

void fixture_expect_kernel_sound(struct fixture *f)
{
    EXPECT_EQ(0, f->k->core.release.head);
    EXPECT_TRUE(f->k->core.last_tick_ticks <= f->k->core.now_ticks);
}

/* A reply cap is one thread's, which waits for the reply. */
static void expect_waits(struct fixture *f, struct cap cap)
{
    EXPECT_EQ(CAP_REPLY, cap.type);
    EXPECT_FALSE(cap.reply.is_master);
    EXPECT_EQ(THREAD_BLOCKED_ON_REPLY, tcb_at(f->k, cap_object(cap))->state);
}

void fixture_expect_thread_sound(struct fixture *f, const struct tcb *tcb)
{
    const struct slot *held = cdt_first_child(f->k, &tcb->slots[TCB_REPLY]);
    EXPECT_TRUE(tcb->time_slice >= 1);
    EXPECT_TRUE(tcb->time_slice <= f->k->config.time_slice_ticks);
    if (held) {
        expect_waits(f, held->cap);
        EXPECT_EQ(tcb_address(f->k, tcb), cap_object(held->cap));
        EXPECT_EQ(0, held->next_32);
    }
    if (!cap_is_null(tcb->slots[TCB_CALLER].cap)) {
        expect_waits(f, tcb->slots[TCB_CALLER].cap);
    }
}
