/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* SchedControl: parameters of scheduling contexts and their limits. */
#include "tests/kernel/fixture_ipc.h"

#include "kernel/mcs/sched_context.h"

#define LEAST_US    20
#define GREATEST_US (UINT64_MAX / TICKS_PER_US / 8)

struct times {
    uint64_t budget_us;
    uint64_t period_us;
    uint64_t extra_refills;
};

static struct result configure(struct fixture *f, cptr sc, struct times times)
{
    return CALL(f, f->sched_control, SchedControlConfigureFlags,
                ARGS(times.budget_us, times.period_us, times.extra_refills, 0x77, 1), CAPS(sc));
}

static void expect_range(struct result result, uint64_t least, uint64_t greatest)
{
    EXPECT_EQ(seL4_RangeError, result.error);
    EXPECT_EQ(2, result.length);
    EXPECT_EQ(least, result.words[0]);
    EXPECT_EQ(greatest, result.words[1]);
}

TEST(configure_sets_budget_period_refills_badge_and_flags)
{
    struct fixture *f = fixture_new("sel4test");
    cptr cap = fixture_make(f, seL4_SchedContextObject, 8);

    EXPECT_EQ(seL4_NoError, configure(f, cap, (struct times){1000, 5000, 3}).error);

    struct sched_context *sc = fixture_sched_context(f, cap);
    EXPECT_EQ(5000 * TICKS_PER_US, sc->period_ticks);
    EXPECT_EQ(1000 * TICKS_PER_US, refill_head(sc)->amount_ticks);
    EXPECT_EQ(f->now_ticks, refill_head(sc)->time_ticks);
    EXPECT_EQ(5, sc->refills_max);
    EXPECT_EQ(0x77, sc->badge);
    EXPECT_TRUE(sc->sporadic);
    fixture_free(f);
}

TEST(a_budget_equal_to_its_period_is_round_robin)
{
    struct fixture *f = fixture_new("sel4test");
    cptr cap = fixture_make(f, seL4_SchedContextObject, 8);

    EXPECT_EQ(seL4_NoError, configure(f, cap, (struct times){5000, 5000, 8}).error);

    EXPECT_TRUE(sc_is_round_robin(fixture_sched_context(f, cap)));
    EXPECT_EQ(2, fixture_sched_context(f, cap)->refills_max);
    fixture_free(f);
}

TEST(the_smallest_and_the_greatest_times_are_accepted)
{
    struct fixture *f = fixture_new("sel4test");
    cptr cap = fixture_make(f, seL4_SchedContextObject, 8);

    EXPECT_EQ(seL4_NoError, configure(f, cap, (struct times){LEAST_US, LEAST_US, 0}).error);
    EXPECT_EQ(seL4_NoError, configure(f, cap, (struct times){LEAST_US, GREATEST_US, 0}).error);
    EXPECT_EQ(seL4_NoError, configure(f, cap, (struct times){GREATEST_US, GREATEST_US, 0}).error);
    fixture_free(f);
}

TEST(times_out_of_range_answer_the_range)
{
    struct fixture *f = fixture_new("sel4test");
    cptr cap = fixture_make(f, seL4_SchedContextObject, 8);

    expect_range(configure(f, cap, (struct times){LEAST_US - 1, 5000, 0}), LEAST_US, GREATEST_US);
    expect_range(configure(f, cap, (struct times){1000, LEAST_US - 1, 0}), LEAST_US, GREATEST_US);
    expect_range(configure(f, cap, (struct times){GREATEST_US + 1, 5000, 0}), LEAST_US,
                 GREATEST_US);
    expect_range(configure(f, cap, (struct times){1000, GREATEST_US + 1, 0}), LEAST_US,
                 GREATEST_US);

    EXPECT_FALSE(sc_is_active(fixture_sched_context(f, cap)));
    fixture_free(f);
}

TEST(a_budget_above_its_period_answers_the_period_as_limit)
{
    struct fixture *f = fixture_new("sel4test");
    cptr cap = fixture_make(f, seL4_SchedContextObject, 8);

    expect_range(configure(f, cap, (struct times){5001, 5000, 0}), LEAST_US, 5000);
    EXPECT_FALSE(sc_is_active(fixture_sched_context(f, cap)));
    fixture_free(f);
}

TEST(more_refills_than_fit_answer_how_many_do)
{
    struct fixture *f = fixture_new("sel4test");
    cptr smallest = fixture_make(f, seL4_SchedContextObject, 7);
    cptr larger = fixture_make(f, seL4_SchedContextObject, 10);

    expect_range(configure(f, smallest, (struct times){1000, 5000, 1}), 0, 0);
    expect_range(configure(f, larger, (struct times){1000, 5000, 57}), 0, 56);
    EXPECT_EQ(seL4_NoError, configure(f, larger, (struct times){1000, 5000, 56}).error);
    fixture_free(f);
}

TEST(a_budget_out_of_range_is_answered_before_a_wrong_cap)
{
    struct fixture *f = fixture_new("sel4test");

    EXPECT_EQ(seL4_RangeError,
              configure(f, seL4_CapInitThreadTCB, (struct times){1, 5000, 0}).error);

    struct result result = configure(f, seL4_CapInitThreadTCB, (struct times){1000, 5000, 0});
    EXPECT_EQ(seL4_InvalidCapability, result.error);
    EXPECT_EQ(1, result.words[0]);
    fixture_free(f);
}

TEST(configure_wants_a_cap_and_five_words)
{
    struct fixture *f = fixture_new("sel4test");
    cptr cap = fixture_make(f, seL4_SchedContextObject, 8);

    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, f->sched_control, SchedControlConfigureFlags,
                                          ARGS(1000, 5000, 0, 0), CAPS(cap))
                                         .error);
    EXPECT_EQ(
        seL4_TruncatedMessage,
        CALL(f, f->sched_control, SchedControlConfigureFlags, ARGS(1000, 5000, 0, 0, 0)).error);
    EXPECT_FALSE(sc_is_active(fixture_sched_context(f, cap)));
    fixture_free(f);
}

/* A running thread's new budget: what its old one has left now, the rest in the next period. */
TEST(configuring_a_thread_that_can_run_gives_it_no_extra_time)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    EXPECT_EQ(seL4_NoError, configure(f, thread.sc, (struct times){1000, 5000, 0}).error);
    fixture_start(f, thread);

    EXPECT_EQ(seL4_NoError, configure(f, thread.sc, (struct times){1600, 6000, 0}).error);

    struct refill *head = refill_head(fixture_sched_context(f, thread.sc));
    EXPECT_EQ(1000 * TICKS_PER_US, head[0].amount_ticks);
    EXPECT_EQ(600 * TICKS_PER_US, head[1].amount_ticks);
    EXPECT_EQ(head[0].time_ticks + 6000 * TICKS_PER_US, head[1].time_ticks);
    EXPECT_TRUE(thread.tcb->in_ready_queue);
    fixture_free(f);
}

TEST(configuring_a_stopped_thread_begins_anew)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    EXPECT_EQ(seL4_NoError, configure(f, thread.sc, (struct times){1000, 5000, 0}).error);

    EXPECT_EQ(seL4_NoError, configure(f, thread.sc, (struct times){1600, 6000, 0}).error);

    EXPECT_EQ(1600 * TICKS_PER_US, refill_head(fixture_sched_context(f, thread.sc))->amount_ticks);
    EXPECT_FALSE(thread.tcb->in_ready_queue);
    fixture_free(f);
}

/* Seen on the real kernel: with 2 ms configured, the root task ran on to the end of its 5 ms. What
 * it used too much costs it further periods. */
TEST(configuring_ones_own_context_charges_what_was_used_and_leaves_the_deadline)
{
    struct fixture *f = fixture_new("sel4test");
    uint64_t deadline_ticks = f->next.deadline_ticks;
    EXPECT_EQ(seL4_NoError,
              configure(f, seL4_CapInitThreadSC, (struct times){1000, 5000, 0}).error);
    f->now_ticks += 300 * TICKS_PER_US;

    EXPECT_EQ(seL4_NoError, configure(f, seL4_CapInitThreadSC, (struct times){900, 5000, 0}).error);

    struct refill *head = refill_head(fixture_sched_context(f, seL4_CapInitThreadSC));
    EXPECT_EQ(700 * TICKS_PER_US, head[0].amount_ticks);
    EXPECT_EQ(200 * TICKS_PER_US, head[1].amount_ticks);
    EXPECT_EQ(deadline_ticks, f->next.deadline_ticks);
    fixture_free(f);
}

/* It must not keep its place among those that wait for their refills. */
TEST(a_waiting_thread_configured_with_time_runs_at_once)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    struct fixture_thread first = fixture_running(f, 200);
    configure(f, first.sc, (struct times){1000, 3000, 0});
    fixture_syscall(f, SYS_Yield);
    struct fixture_thread second = fixture_running(f, 200);
    configure(f, second.sc, (struct times){1000, 9000, 0});
    fixture_syscall(f, SYS_Yield);
    EXPECT_EQ(tcb_address(f->k, first.tcb), f->k->core.release.head);
    EXPECT_EQ(tcb_address(f->k, second.tcb), f->k->core.release.tail);

    configure(f, second.sc, (struct times){1000, 1000, 0});

    EXPECT_RUNS(f, second);
    EXPECT_FALSE(second.tcb->in_release_queue);
    EXPECT_EQ(tcb_address(f->k, first.tcb), f->k->core.release.tail);
    fixture_free(f);
}

TEST(a_scheduling_context_has_at_least_128_bytes)
{
    struct fixture *f = fixture_new("sel4test");
    cptr slot = fixture_slots(f, 1);

    struct result refused = CALL(f, f->untyped, UntypedRetype,
                                 ARGS(fixture_type(f, seL4_SchedContextObject), 6, 0, 0, slot, 1),
                                 CAPS(seL4_CapInitThreadCNode));

    EXPECT_EQ(seL4_InvalidArgument, refused.error);
    EXPECT_EQ(1, refused.words[0]);
    EXPECT_CAP(f, slot, CAP_NULL);
    fixture_free(f);
}
