/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Reply caps: who holds a caller, how it is answered, and what strands it. */
#include "tests/kernel/fixture_ipc.h"

#define CNODE seL4_CapInitThreadCNode

/* The root task, at priority 100, calls a server at 150. */
struct conversation {
    struct fixture *f;
    cptr ep;
    struct fixture_thread server;
    struct fixture_thread client;
};

static struct conversation conversation_through(uint64_t servers_rights)
{
    struct fixture *f = fixture_new("sel4test-classic");
    fixture_root_steps_back(f);
    struct conversation c = {
        .f = f, .ep = fixture_make(f, seL4_EndpointObject, 0), .client = fixture_root(f)};
    cptr servers = fixture_mint(f, c.ep, servers_rights, 0);
    c.server = fixture_running(f, 150);
    fixture_recv(f, servers, 0);
    EXPECT_RUNS(f, c.client);
    return c;
}

static struct conversation conversation_called(void)
{
    struct conversation c = conversation_through(ALL_RIGHTS);
    CALL_EP(c.f, c.ep, WORDS(1));
    EXPECT_RUNS(c.f, c.server);
    return c;
}

static enum cap_type held(const struct conversation *c)
{
    return cap_type(c->server.tcb->slots[TCB_CALLER].cap);
}

/* The running thread replies. */
#define REPLY(f, ...) fixture_send((f), SYS_Reply, 0, (struct outgoing){__VA_ARGS__})

static cptr save_caller(struct fixture *f)
{
    cptr slot = fixture_slots(f, 1);
    EXPECT_EQ(seL4_NoError, CALL(f, CNODE, CNodeSaveCaller, ARGS(slot, 64)).error);
    return slot;
}

TEST(who_receives_a_call_holds_the_caller)
{
    struct conversation c = conversation_called();

    EXPECT_EQ(CAP_REPLY, held(&c));
    EXPECT_EQ(THREAD_BLOCKED_ON_REPLY, c.client.tcb->state);
    fixture_expect_tree_sound(c.f);
    fixture_free(c.f);
}

TEST(a_call_that_waited_for_a_receiver_is_held_as_well)
{
    struct fixture *f = fixture_new("sel4test-classic");
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    fixture_root_steps_back(f);
    struct fixture_thread client = fixture_running(f, 150);
    CALL_EP(f, ep, .label = 4, WORDS(7));
    EXPECT_RUNS(f, fixture_root(f));

    fixture_recv(f, ep, 0);

    struct incoming call = fixture_received(f, fixture_root(f).tcb);
    EXPECT_EQ(4, call.label);
    EXPECT_EQ(7, call.words[0]);
    EXPECT_EQ(THREAD_BLOCKED_ON_REPLY, client.tcb->state);
    REPLY(f, WORDS(8));
    EXPECT_RUNS(f, client);
    EXPECT_EQ(8, fixture_received(f, client.tcb).words[0]);
    fixture_free(f);
}

TEST(a_reply_returns_the_message_and_uses_the_right_up)
{
    struct conversation c = conversation_called();

    REPLY(c.f, .label = 6, WORDS(10, 20));

    struct incoming answer = fixture_received(c.f, c.client.tcb);
    EXPECT_EQ(0, answer.badge);
    EXPECT_EQ(6, answer.label);
    EXPECT_EQ(2, answer.length);
    EXPECT_EQ(20, answer.words[1]);
    EXPECT_EQ(THREAD_RUNNING, c.client.tcb->state);
    EXPECT_EQ(CAP_NULL, held(&c));
    EXPECT_RUNS(c.f, c.server);
    fixture_expect_tree_sound(c.f);
    fixture_free(c.f);
}

TEST(a_reply_to_nobody_does_nothing)
{
    struct fixture *f = fixture_new("sel4test-classic");

    REPLY(f, .label = 3, WORDS(1));

    EXPECT_RUNS(f, fixture_root(f));
    fixture_free(f);
}

TEST(a_reply_with_a_receive_answers_one_and_waits_for_the_next)
{
    struct conversation c = conversation_called();

    fixture_reply_recv(c.f, c.ep, 0, (struct outgoing){.label = 6, WORDS(10)});

    EXPECT_RUNS(c.f, c.client);
    EXPECT_EQ(10, fixture_received(c.f, c.client.tcb).words[0]);
    EXPECT_EQ(THREAD_BLOCKED_ON_RECEIVE, c.server.tcb->state);
    fixture_free(c.f);
}

TEST(who_receives_anew_strands_its_caller)
{
    struct conversation c = conversation_called();

    fixture_nbrecv(c.f, c.ep, 0);

    EXPECT_EQ(CAP_NULL, held(&c));
    EXPECT_EQ(THREAD_BLOCKED_ON_REPLY, c.client.tcb->state);
    REPLY(c.f, WORDS(1));
    EXPECT_EQ(THREAD_BLOCKED_ON_REPLY, c.client.tcb->state);
    fixture_free(c.f);
}

TEST(a_signal_that_is_received_meanwhile_leaves_the_caller_held)
{
    struct conversation c = conversation_called();
    cptr ntfn = fixture_make(c.f, seL4_NotificationObject, 0);
    SEND(c.f, ntfn);

    fixture_wait(c.f, ntfn);

    EXPECT_EQ(CAP_REPLY, held(&c));
    REPLY(c.f, WORDS(1));
    EXPECT_EQ(THREAD_RUNNING, c.client.tcb->state);
    fixture_free(c.f);
}

TEST(a_saved_caller_can_be_answered_later_and_once)
{
    struct conversation c = conversation_called();
    cptr slot = save_caller(c.f);
    EXPECT_CAP(c.f, slot, CAP_REPLY);
    EXPECT_EQ(CAP_NULL, held(&c));
    fixture_nbrecv(c.f, c.ep, 0);

    SEND(c.f, slot, .label = 6, WORDS(10));

    EXPECT_EQ(THREAD_RUNNING, c.client.tcb->state);
    EXPECT_EQ(10, fixture_received(c.f, c.client.tcb).words[0]);
    EXPECT_CAP(c.f, slot, CAP_NULL);
    fixture_expect_tree_sound(c.f);
    fixture_free(c.f);
}

TEST(an_answer_by_a_call_returns_at_once)
{
    struct conversation c = conversation_called();
    cptr slot = save_caller(c.f);

    CALL_EP(c.f, slot, .label = 6, WORDS(10));

    EXPECT_RUNS(c.f, c.server);
    EXPECT_EQ(seL4_NoError, fixture_received(c.f, c.server.tcb).label);
    EXPECT_EQ(6, fixture_received(c.f, c.client.tcb).label);
    fixture_free(c.f);
}

TEST(saving_nobody_is_no_error_and_leaves_the_slot_empty)
{
    struct fixture *f = fixture_new("sel4test-classic");

    EXPECT_CAP(f, save_caller(f), CAP_NULL);

    fixture_free(f);
}

TEST(save_caller_refuses_short_messages_bad_depths_and_full_slots)
{
    struct conversation c = conversation_called();
    cptr full = fixture_make(c.f, seL4_EndpointObject, 0);
    cptr small = fixture_make(c.f, seL4_CapTableObject, 2);

    EXPECT_EQ(seL4_TruncatedMessage, CALL(c.f, CNODE, CNodeSaveCaller, ARGS(full)).error);
    struct result depth = CALL(c.f, CNODE, CNodeSaveCaller, ARGS(full, 65));
    EXPECT_EQ(seL4_RangeError, depth.error);
    EXPECT_EQ(1, depth.words[0]);
    EXPECT_EQ(64, depth.words[1]);
    EXPECT_EQ(seL4_FailedLookup, CALL(c.f, small, CNodeSaveCaller, ARGS(0, 1)).error);
    EXPECT_EQ(seL4_DeleteFirst, CALL(c.f, CNODE, CNodeSaveCaller, ARGS(full, 64)).error);

    EXPECT_EQ(CAP_REPLY, held(&c));
    EXPECT_CAP(c.f, full, CAP_ENDPOINT);
    fixture_free(c.f);
}

TEST(a_reply_cap_can_be_moved_and_not_copied)
{
    struct conversation c = conversation_called();
    cptr slot = save_caller(c.f);
    cptr target = fixture_slots(c.f, 2);

    EXPECT_EQ(
        seL4_IllegalOperation,
        CALL(c.f, CNODE, CNodeCopy, ARGS(target, 64, slot, 64, ALL_RIGHTS), CAPS(CNODE)).error);
    EXPECT_EQ(
        seL4_IllegalOperation,
        CALL(c.f, CNODE, CNodeMint, ARGS(target, 64, slot, 64, ALL_RIGHTS, 0), CAPS(CNODE)).error);
    EXPECT_CAP(c.f, target, CAP_NULL);

    EXPECT_EQ(seL4_NoError,
              CALL(c.f, CNODE, CNodeMove, ARGS(target, 64, slot, 64), CAPS(CNODE)).error);
    SEND(c.f, target, WORDS(1));
    EXPECT_EQ(THREAD_RUNNING, c.client.tcb->state);
    fixture_free(c.f);
}

TEST(deleting_a_saved_caller_strands_it)
{
    struct conversation c = conversation_called();
    cptr slot = save_caller(c.f);

    fixture_delete(c.f, slot);

    EXPECT_CAP(c.f, slot, CAP_NULL);
    EXPECT_EQ(THREAD_BLOCKED_ON_REPLY, c.client.tcb->state);
    fixture_expect_tree_sound(c.f);
    fixture_free(c.f);
}

TEST(a_caller_that_is_suspended_is_held_by_nobody)
{
    struct conversation c = conversation_called();

    EXPECT_EQ(seL4_NoError, CALL(c.f, c.client.cap, TCBSuspend).error);

    EXPECT_EQ(THREAD_INACTIVE, c.client.tcb->state);
    EXPECT_EQ(CAP_NULL, held(&c));
    fixture_expect_tree_sound(c.f);
    fixture_free(c.f);
}

TEST(a_caller_that_is_suspended_takes_its_saved_reply_cap_along)
{
    struct conversation c = conversation_called();
    cptr slot = save_caller(c.f);

    EXPECT_EQ(seL4_NoError, CALL(c.f, c.client.cap, TCBSuspend).error);

    EXPECT_CAP(c.f, slot, CAP_NULL);
    fixture_expect_tree_sound(c.f);
    fixture_free(c.f);
}

TEST(a_caller_that_is_resumed_calls_again)
{
    struct conversation c = conversation_called();
    uint64_t rip = c.client.tcb->registers.r[X86_RIP];

    EXPECT_EQ(seL4_NoError, CALL(c.f, c.client.cap, TCBResume).error);

    EXPECT_EQ(CAP_NULL, held(&c));
    EXPECT_EQ(THREAD_RESTART, c.client.tcb->state);
    EXPECT_EQ(rip, c.client.tcb->registers.r[X86_RIP]);
    fixture_free(c.f);
}

TEST(deleting_a_server_strands_its_caller)
{
    struct conversation c = conversation_called();
    struct fixture_thread other = fixture_thread(c.f, 160, FIXTURE_ACTIVE);
    fixture_start(c.f, other);
    EXPECT_RUNS(c.f, other);

    fixture_delete(c.f, c.server.cap);

    EXPECT_EQ(THREAD_BLOCKED_ON_REPLY, c.client.tcb->state);
    EXPECT_EQ(0, c.client.tcb->slots[TCB_REPLY].next_32);
    fixture_expect_tree_sound(c.f);
    fixture_free(c.f);
}

/* The server replies with one cap. */
static unsigned caps_in_answer(struct conversation *c)
{
    cptr target = fixture_slots(c->f, 1);
    cptr ntfn = fixture_make(c->f, seL4_NotificationObject, 0);
    fixture_receive_into(c->f, c->client.tcb, target);
    CALL_EP(c->f, c->ep, WORDS(1));
    EXPECT_RUNS(c->f, c->server);
    REPLY(c->f, CARRY(ntfn));
    return fixture_received(c->f, c->client.tcb).extra;
}

TEST(a_reply_carries_caps_if_the_receivers_endpoint_cap_has_grant)
{
    struct conversation with = conversation_through(RIGHT_READ | RIGHT_GRANT);
    EXPECT_EQ(1, caps_in_answer(&with));
    fixture_free(with.f);

    struct conversation without = conversation_through(RIGHT_READ | RIGHT_WRITE);
    EXPECT_EQ(0, caps_in_answer(&without));
    EXPECT_EQ(THREAD_RUNNING, without.client.tcb->state);
    fixture_free(without.f);
}

/* The reply cap itself is no cap to send: the message arrives without it, and uses it up. */
TEST(a_reply_cap_cannot_be_sent)
{
    struct conversation c = conversation_called();
    cptr slot = save_caller(c.f);
    fixture_receive_into(c.f, c.client.tcb, fixture_slots(c.f, 1));

    SEND(c.f, slot, .label = 6, CARRY(slot));

    EXPECT_EQ(0, fixture_received(c.f, c.client.tcb).extra);
    EXPECT_CAP(c.f, slot, CAP_NULL);
    fixture_free(c.f);
}

/* The message is carried while the slot still holds the reply cap. */
TEST(a_cap_in_an_answer_cannot_take_the_reply_caps_place)
{
    struct conversation c = conversation_called();
    cptr slot = save_caller(c.f);
    cptr ntfn = fixture_make(c.f, seL4_NotificationObject, 0);
    fixture_receive_into(c.f, c.client.tcb, slot);

    SEND(c.f, slot, CARRY(ntfn));

    EXPECT_EQ(0, fixture_received(c.f, c.client.tcb).extra);
    EXPECT_CAP(c.f, slot, CAP_NULL);
    fixture_free(c.f);
}

TEST(a_call_that_may_not_be_answered_stops_the_caller)
{
    struct conversation c = conversation_through(ALL_RIGHTS);
    cptr write_only = fixture_mint(c.f, c.ep, RIGHT_WRITE, 3);

    CALL_EP(c.f, write_only, WORDS(1));

    EXPECT_RUNS(c.f, c.server);
    EXPECT_EQ(3, fixture_received(c.f, c.server.tcb).badge);
    EXPECT_EQ(THREAD_INACTIVE, c.client.tcb->state);
    EXPECT_EQ(CAP_NULL, held(&c));
    fixture_free(c.f);
}

/* For a person. */

struct report {
    paddr tcb; /* of whom */
    struct kernel_thread thread;
};

static bool find(void *context, const struct kernel_thread *thread)
{
    struct report *report = context;
    if (thread->tcb == report->tcb) {
        report->thread = *thread;
    }
    return true;
}

static struct kernel_thread reported(struct fixture *f, const struct tcb *tcb)
{
    struct report report = {.tcb = tcb_address(f->k, tcb)};
    kernel_each_thread(f->k, find, &report);
    return report.thread;
}

TEST(a_report_names_who_is_to_reply_until_the_caller_is_saved)
{
    struct conversation c = conversation_called();

    struct kernel_thread caller = reported(c.f, c.client.tcb);
    EXPECT_EQ(WAIT_REPLY, caller.wait);
    EXPECT_EQ(tcb_address(c.f->k, c.server.tcb), caller.partner);
    EXPECT_TRUE(caller.has_time);

    save_caller(c.f);
    EXPECT_EQ(0, reported(c.f, c.client.tcb).partner);
    fixture_free(c.f);
}
