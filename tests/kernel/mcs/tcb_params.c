/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Threads and their time: SetSchedParams, and what becomes of a scheduling context. */
#include "tests/kernel/fixture_ipc.h"

#define ROOT seL4_CapInitThreadTCB

/* SetSchedParams: MCP, priority; authority, scheduling context, fault handler. */

static struct result set_sched_params(struct fixture *f, cptr tcb, uint64_t mcp, uint64_t priority,
                                      cptr authority, cptr sc, cptr handler)
{
    return CALL(f, tcb, TCBSetSchedParams, ARGS(mcp, priority), CAPS(authority, sc, handler));
}

TEST(set_sched_params_needs_two_words_and_three_caps)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);

    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, thread.cap, TCBSetSchedParams, ARGS(1), CAPS(ROOT, 0, 0)).error);
    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, thread.cap, TCBSetSchedParams, ARGS(1, 2), CAPS(ROOT, 0)).error);
    EXPECT_EQ(10, thread.tcb->priority);
    fixture_free(f);
}

TEST(set_sched_params_checks_authority_mcp_and_priority)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    EXPECT_EQ(seL4_NoError, CALL(f, thread.cap, TCBSetMCPriority, ARGS(60), CAPS(ROOT)).error);

    struct result refused = set_sched_params(f, thread.cap, 1, 2, seL4_CapInitThreadCNode, 0, 0);
    EXPECT_EQ(seL4_InvalidCapability, refused.error);
    EXPECT_EQ(1, refused.words[0]);
    refused = set_sched_params(f, thread.cap, 61, 2, thread.cap, 0, 0);
    EXPECT_EQ(seL4_RangeError, refused.error);
    EXPECT_EQ(60, refused.words[1]);
    refused = set_sched_params(f, thread.cap, 60, 61, thread.cap, 0, 0);
    EXPECT_EQ(seL4_RangeError, refused.error);
    EXPECT_EQ(10, thread.tcb->priority);
    fixture_free(f);
}

TEST(set_sched_params_refuses_a_cap_that_is_no_scheduling_context)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);

    struct result refused = set_sched_params(f, thread.cap, 1, 2, ROOT, ROOT, 0);

    EXPECT_EQ(seL4_InvalidCapability, refused.error);
    EXPECT_EQ(2, refused.words[0]);
    EXPECT_EQ(10, thread.tcb->priority);
    fixture_free(f);
}

TEST(set_sched_params_refuses_to_take_the_callers_own_time_away)
{
    struct fixture *f = fixture_new("sel4test");

    EXPECT_EQ(seL4_IllegalOperation, set_sched_params(f, ROOT, 1, 2, ROOT, 0, 0).error);

    EXPECT_NE(0, fixture_root(f).tcb->sc);
    fixture_free(f);
}

TEST(deleting_a_thread_gives_its_time_back)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    fixture_start(f, thread);

    fixture_delete(f, thread.cap);

    EXPECT_EQ(0, fixture_sched_context(f, thread.sc)->tcb);
    EXPECT_CAP(f, thread.cap, CAP_NULL);
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

TEST(a_passive_thread_that_is_resumed_waits_for_time)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 50, FIXTURE_PASSIVE);

    fixture_start(f, thread);

    EXPECT_EQ(THREAD_RESTART, thread.tcb->state);
    EXPECT_FALSE(thread.tcb->in_ready_queue);
    fixture_free(f);
}

TEST(set_sched_params_sets_all_of_them)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    struct fixture_thread source = fixture_thread(f, 10, FIXTURE_ACTIVE);
    EXPECT_EQ(seL4_NoError, CALL(f, source.sc, SchedContextUnbind).error);
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_PASSIVE);

    EXPECT_EQ(seL4_NoError, set_sched_params(f, thread.cap, 70, 71, ROOT, source.sc, ep).error);

    EXPECT_EQ(70, thread.tcb->mcp);
    EXPECT_EQ(71, thread.tcb->priority);
    EXPECT_EQ(sc_address(f->k, fixture_sched_context(f, source.sc)), thread.tcb->sc);
    EXPECT_EQ(CAP_ENDPOINT, thread.tcb->slots[TCB_FAULT_HANDLER].cap.type);
    fixture_free(f);
}

TEST(set_sched_params_with_null_caps_takes_time_and_handler_away)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    fixture_handle_faults(f, thread, ep);

    EXPECT_EQ(seL4_NoError, set_sched_params(f, thread.cap, 1, 2, ROOT, 0, 0).error);

    EXPECT_EQ(0, thread.tcb->sc);
    EXPECT_EQ(0, fixture_sched_context(f, thread.sc)->tcb);
    EXPECT_EQ(CAP_NULL, thread.tcb->slots[TCB_FAULT_HANDLER].cap.type);
    fixture_free(f);
}

TEST(set_sched_params_refuses_a_second_scheduling_context)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    cptr sc = fixture_make(f, seL4_SchedContextObject, 8);

    EXPECT_EQ(seL4_IllegalOperation, set_sched_params(f, thread.cap, 1, 2, ROOT, sc, 0).error);

    EXPECT_EQ(sc_address(f->k, fixture_sched_context(f, thread.sc)), thread.tcb->sc);
    fixture_free(f);
}

TEST(set_sched_params_refuses_another_threads_scheduling_context)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread owner = fixture_thread(f, 10, FIXTURE_ACTIVE);
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_PASSIVE);

    EXPECT_EQ(seL4_IllegalOperation,
              set_sched_params(f, thread.cap, 1, 2, ROOT, owner.sc, 0).error);

    EXPECT_EQ(0, thread.tcb->sc);
    fixture_free(f);
}

TEST(set_sched_params_refuses_time_without_budget_for_a_blocked_thread)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr reply = fixture_make(f, seL4_ReplyObject, 0);
    struct fixture_thread server = fixture_passive_server(f, 150, ep, reply);
    cptr unconfigured = fixture_make(f, seL4_SchedContextObject, 8);

    EXPECT_EQ(seL4_IllegalOperation,
              set_sched_params(f, server.cap, 1, 2, ROOT, unconfigured, 0).error);

    EXPECT_EQ(0, server.tcb->sc);
    EXPECT_EQ(150, server.tcb->priority);
    fixture_free(f);
}

TEST(set_sched_params_refuses_a_handler_that_cannot_be_called)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr no_grant = fixture_mint(f, ep, RIGHT_WRITE, 1);
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);

    struct result refused = set_sched_params(f, thread.cap, 1, 2, ROOT, thread.sc, no_grant);

    EXPECT_EQ(seL4_InvalidCapability, refused.error);
    EXPECT_EQ(3, refused.words[0]);
    EXPECT_EQ(10, thread.tcb->priority);
    fixture_free(f);
}
