/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Domains: the schedule, its turns, and who may run in them. 16 domains, 100 entries. */
#include "tests/kernel/fixture.h"

#include "kernel/domain.h"

#define DOMAIN       seL4_CapDomain
#define ROOT_TCB     seL4_CapInitThreadTCB
#define LAST_ENTRY   99
#define DURATION_MAX ((1ul << 56) - 1)

static struct result configure(struct fixture *f, uint64_t index, uint64_t domain, uint64_t ticks)
{
    return CALL(f, DOMAIN, DomainScheduleConfigure, ARGS(index, domain, ticks));
}

static struct result set_start(struct fixture *f, uint64_t index)
{
    return CALL(f, DOMAIN, DomainScheduleSetStart, ARGS(index));
}

static struct result set_domain(struct fixture *f, cptr tcb, uint64_t domain)
{
    return CALL(f, DOMAIN, DomainSetSet, ARGS(domain), CAPS(tcb));
}

static void expect_invalid_argument(struct result result, uint64_t number)
{
    EXPECT_EQ(seL4_InvalidArgument, result.error);
    EXPECT_EQ(number, result.words[0]);
}

static void expect_range(struct result result, uint64_t least, uint64_t greatest)
{
    EXPECT_EQ(seL4_RangeError, result.error);
    EXPECT_EQ(least, result.words[0]);
    EXPECT_EQ(greatest, result.words[1]);
}

/* Set. */

TEST(a_thread_moves_to_the_queue_of_its_new_domain)
{
    struct fixture *f = fixture_new("microkit");
    struct fixture_thread thread = fixture_thread(f, 50, FIXTURE_ACTIVE);
    fixture_start(f, thread);

    EXPECT_EQ(seL4_NoError, set_domain(f, thread.cap, 3).error);

    EXPECT_EQ(3, thread.tcb->domain);
    EXPECT_EQ(0, f->k->core.ready[0][50].head);
    EXPECT_EQ(tcb_address(f->k, thread.tcb), f->k->core.ready[3][50].head);
    fixture_free(f);
}

TEST(a_stopped_thread_changes_its_domain_and_no_queue)
{
    struct fixture *f = fixture_new("microkit");
    struct fixture_thread thread = fixture_thread(f, 50, FIXTURE_ACTIVE);

    EXPECT_EQ(seL4_NoError, set_domain(f, thread.cap, 15).error);

    EXPECT_EQ(15, thread.tcb->domain);
    EXPECT_FALSE(thread.tcb->in_ready_queue);
    fixture_free(f);
}

TEST(the_running_thread_stops_when_it_leaves_the_current_domain)
{
    struct fixture *f = fixture_new("microkit");

    set_domain(f, ROOT_TCB, 1);

    EXPECT_EQ(NEXT_IDLE, f->next.kind);
    fixture_free(f);
}

TEST(a_domain_that_does_not_exist_answers_invalid_argument_0)
{
    struct fixture *f = fixture_new("microkit");

    expect_invalid_argument(set_domain(f, ROOT_TCB, 16), 0);
    EXPECT_EQ(0, fixture_current(f)->domain);
    fixture_free(f);
}

TEST(one_domain_is_domain_0)
{
    struct fixture *f = fixture_new("sel4test");

    EXPECT_EQ(seL4_NoError, set_domain(f, ROOT_TCB, 0).error);
    expect_invalid_argument(set_domain(f, ROOT_TCB, 1), 0);
    fixture_free(f);
}

TEST(set_of_something_else_answers_invalid_argument_1)
{
    struct fixture *f = fixture_new("microkit");

    expect_invalid_argument(set_domain(f, DOMAIN, 1), 1);
    fixture_free(f);
}

TEST(set_checks_the_domain_before_it_misses_the_cap)
{
    struct fixture *f = fixture_new("microkit");

    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, DOMAIN, DomainSetSet, .length = 0, CAPS(ROOT_TCB)).error);
    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, DOMAIN, DomainSetSet, ARGS(1)).error);
    expect_invalid_argument(CALL(f, DOMAIN, DomainSetSet, ARGS(16)), 0);
    fixture_free(f);
}

/* ScheduleConfigure. */

TEST(an_entry_of_the_schedule_gets_a_domain_and_a_duration)
{
    struct fixture *f = fixture_new("microkit");

    EXPECT_EQ(seL4_NoError, configure(f, 98, 15, DURATION_MAX).error);

    EXPECT_EQ(15, f->k->schedule[98].domain);
    EXPECT_EQ(DURATION_MAX, f->k->schedule[98].duration);
    fixture_free(f);
}

TEST(the_last_entry_stays_an_end_marker)
{
    struct fixture *f = fixture_new("microkit");

    expect_range(configure(f, LAST_ENTRY, 0, 1000), 0, LAST_ENTRY - 1);
    EXPECT_EQ(0, f->k->schedule[LAST_ENTRY].duration);
    fixture_free(f);
}

TEST(an_entry_for_a_domain_that_does_not_exist_answers_the_range)
{
    struct fixture *f = fixture_new("microkit");

    expect_range(configure(f, 1, 16, 1000), 0, 15);
    fixture_free(f);
}

TEST(a_duration_has_56_bits)
{
    struct fixture *f = fixture_new("microkit");

    expect_invalid_argument(configure(f, 1, 1, DURATION_MAX + 1), 2);
    fixture_free(f);
}

TEST(an_end_marker_is_for_domain_0)
{
    struct fixture *f = fixture_new("microkit");

    expect_invalid_argument(configure(f, 1, 1, 0), 1);
    EXPECT_EQ(seL4_NoError, configure(f, 1, 0, 0).error);
    fixture_free(f);
}

TEST(the_start_of_the_schedule_cannot_be_its_end)
{
    struct fixture *f = fixture_new("microkit");

    expect_invalid_argument(configure(f, 0, 0, 0), 2);
    EXPECT_EQ(DURATION_MAX, f->k->schedule[0].duration);
    fixture_free(f);
}

TEST(schedule_calls_with_too_few_words_answer_truncated_message)
{
    struct fixture *f = fixture_new("microkit");

    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, DOMAIN, DomainScheduleConfigure, ARGS(1, 1)).error);
    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, DOMAIN, DomainScheduleSetStart, .length = 0).error);
    EXPECT_EQ(seL4_IllegalOperation, CALL(f, DOMAIN, TCBSuspend, .length = 0).error);
    fixture_free(f);
}

/* ScheduleSetStart. */

TEST(the_schedule_starts_at_an_entry_that_exists_and_is_no_end_marker)
{
    struct fixture *f = fixture_new("microkit");

    expect_range(set_start(f, LAST_ENTRY + 1), 0, LAST_ENTRY);
    expect_invalid_argument(set_start(f, LAST_ENTRY), 0);
    expect_invalid_argument(set_start(f, 1), 0);
    EXPECT_EQ(0, f->k->schedule_start);
    fixture_free(f);
}

TEST(a_thread_of_another_domain_does_not_preempt)
{
    struct fixture *f = fixture_new("microkit");
    struct tcb *root = fixture_current(f);
    struct fixture_thread thread = fixture_thread(f, 255, FIXTURE_ACTIVE);
    set_domain(f, thread.cap, 2);
    EXPECT_EQ(seL4_NoError, CALL(f, ROOT_TCB, TCBSetPriority, ARGS(10), CAPS(ROOT_TCB)).error);

    fixture_start(f, thread);

    EXPECT_EQ(root, fixture_current(f));
    EXPECT_TRUE(thread.tcb->in_ready_queue);
    fixture_free(f);
}
