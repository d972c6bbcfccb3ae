/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What must hold between two entries of the MCS kernel. */
#include "tests/kernel/fixture.h"

#include "kernel/mcs/sched_context.h"
#include "kernel/sched.h"

static void expect_release_queue(struct fixture *f)
{
    struct kernel *k = f->k;
    uint64_t earliest_ticks = k->core.now_ticks + 1;
    paddr previous = 0;
    for (struct tcb *tcb = tcb_at(k, k->core.release.head); tcb; tcb = tcb_at(k, tcb->queue.next)) {
        EXPECT_TRUE(tcb->in_release_queue);
        EXPECT_TRUE(sched_is_runnable(tcb));
        uint64_t ticks = refill_head(sc_at(k, tcb->sc))->time_ticks;
        EXPECT_TRUE(ticks >= earliest_ticks);
        EXPECT_EQ(previous, tcb->queue.previous);
        earliest_ticks = ticks;
        previous = tcb_address(k, tcb);
    }
    EXPECT_EQ(previous, k->core.release.tail);
}

void fixture_expect_kernel_sound(struct fixture *f)
{
    struct kernel *k = f->k;
    expect_release_queue(f);
    EXPECT_EQ(k->core.current ? current_tcb(k)->sc : 0, k->core.current_sc);
}

void fixture_expect_thread_sound(struct fixture *f, const struct tcb *tcb)
{
    struct kernel *k = f->k;
    struct sched_context *sc = sc_at(k, tcb->sc);
    EXPECT_FALSE(tcb->in_ready_queue && tcb->in_release_queue);
    if (tcb->in_ready_queue) {
        EXPECT_TRUE(sc_is_released(k, sc));
    }
    if (sc) {
        EXPECT_EQ(tcb_address(k, tcb), sc->tcb);
    }
    if (sc_is_active(sc)) {
        EXPECT_TRUE(refill_is_sufficient(k, sc, 0));
    }
    if (tcb->yield_to) {
        EXPECT_EQ(tcb_address(k, tcb), sc_at(k, tcb->yield_to)->yield_from);
    }
}
