/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Reply objects: answers, call stacks, and time that comes back. */
#include "tests/kernel/fixture_ipc.h"

#include "kernel/mcs/reply.h"

/* The root task has called a passive server through a reply object. */
struct conversation {
    struct fixture *f;
    cptr ep;
    cptr reply;
    struct fixture_thread server;
    struct fixture_thread client;
};

static struct conversation conversation_new(void)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    struct conversation c = {.f = f,
                             .ep = fixture_make(f, seL4_EndpointObject, 0),
                             .reply = fixture_make(f, seL4_ReplyObject, 0),
                             .client = fixture_root(f)};
    c.server = fixture_passive_server(f, 150, c.ep, c.reply);
    return c;
}

static struct conversation conversation_called(void)
{
    struct conversation c = conversation_new();
    CALL_EP(c.f, c.ep, WORDS(1));
    EXPECT_RUNS(c.f, c.server);
    return c;
}

TEST(an_answer_returns_the_message_and_the_time)
{
    struct conversation c = conversation_called();
    paddr sc = c.server.tcb->sc;

    REPLY_RECV(c.f, c.ep, c.reply, .label = 6, WORDS(10, 20));

    EXPECT_RUNS(c.f, c.client);
    struct incoming answer = fixture_received(c.f, c.client.tcb);
    EXPECT_EQ(0, answer.badge);
    EXPECT_EQ(6, answer.label);
    EXPECT_EQ(2, answer.length);
    EXPECT_EQ(20, answer.words[1]);
    EXPECT_EQ(sc, c.client.tcb->sc);
    EXPECT_EQ(0, c.server.tcb->sc);
    EXPECT_EQ(0, sc_at(c.f->k, sc)->reply);
    EXPECT_EQ(THREAD_BLOCKED_ON_RECEIVE, c.server.tcb->state);
    EXPECT_EQ(tcb_address(c.f->k, c.server.tcb), fixture_reply(c.f, c.reply)->tcb);
    fixture_free(c.f);
}

TEST(an_answer_to_nobody_is_no_error)
{
    struct fixture *f = fixture_new("sel4test");
    cptr reply = fixture_make(f, seL4_ReplyObject, 0);
    struct fixture_thread root = fixture_root(f);

    CALL_EP(f, reply, .label = 3, WORDS(1));

    EXPECT_RUNS(f, root);
    EXPECT_EQ(seL4_NoError, fixture_received(f, root.tcb).label);
    fixture_free(f);
}

TEST(an_answer_through_an_object_with_which_somebody_receives_does_nothing)
{
    struct conversation c = conversation_new();

    CALL_EP(c.f, c.reply, .label = 3, WORDS(1));

    EXPECT_RUNS(c.f, c.client);
    EXPECT_EQ(THREAD_BLOCKED_ON_RECEIVE, c.server.tcb->state);
    EXPECT_EQ(seL4_NoError, fixture_received(c.f, c.client.tcb).label);
    fixture_free(c.f);
}

/* The server sends one cap along. */
static struct incoming answer_with_cap(struct conversation *c, cptr reply)
{
    cptr ntfn = fixture_make(c->f, seL4_NotificationObject, 0);
    SEND(c->f, reply, CARRY(ntfn));
    return fixture_received(c->f, c->client.tcb);
}

TEST(a_cap_in_an_answer_needs_grant_of_the_reply_cap)
{
    struct conversation c = conversation_new();
    cptr no_grant = fixture_mint(c.f, c.reply, RIGHT_WRITE, 0);
    cptr target = fixture_slots(c.f, 1);
    fixture_receive_into(c.f, c.client.tcb, target);
    CALL_EP(c.f, c.ep, WORDS(1));

    EXPECT_EQ(0, answer_with_cap(&c, no_grant).extra);

    EXPECT_EQ(THREAD_RUNNING, c.client.tcb->state);
    fixture_free(c.f);
}

TEST(a_cap_in_an_answer_does_not_need_grant_of_the_endpoint_cap)
{
    struct conversation c = conversation_new();
    cptr limited = fixture_mint(c.f, c.ep, RIGHT_WRITE | RIGHT_GRANT_REPLY, 0);
    cptr target = fixture_slots(c.f, 1);
    fixture_receive_into(c.f, c.client.tcb, target);
    CALL_EP(c.f, limited, WORDS(1));

    EXPECT_EQ(1, answer_with_cap(&c, c.reply).extra);

    EXPECT_RUNS(c.f, c.client);
    EXPECT_CAP(c.f, target, CAP_NOTIFICATION);
    fixture_free(c.f);
}

TEST(deleting_the_reply_object_strands_the_caller_and_returns_its_time)
{
    struct conversation c = conversation_called();
    paddr sc = c.server.tcb->sc;

    /* The server cuts off its own branch. */
    CALL_EP(c.f, seL4_CapInitThreadCNode, .label = fixture_label(c.f, CNodeDelete),
            WORDS(c.reply, 64));

    EXPECT_EQ(THREAD_INACTIVE, c.client.tcb->state);
    EXPECT_EQ(sc, c.client.tcb->sc);
    EXPECT_EQ(0, c.server.tcb->sc);
    EXPECT_EQ(0, sc_at(c.f->k, sc)->reply);
    fixture_free(c.f);
}

/* client -> middle -> last, all on the client's time. */
struct chain {
    struct conversation first;
    cptr second_ep;
    cptr second_reply;
    struct fixture_thread last;
};

static struct chain chain_new(void)
{
    struct chain chain = {.first = conversation_new()};
    struct fixture *f = chain.first.f;
    chain.second_ep = fixture_make(f, seL4_EndpointObject, 0);
    chain.second_reply = fixture_make(f, seL4_ReplyObject, 0);
    chain.last = fixture_passive_server(f, 160, chain.second_ep, chain.second_reply);
    CALL_EP(f, chain.first.ep, WORDS(1));
    EXPECT_RUNS(f, chain.first.server);
    CALL_EP(f, chain.second_ep, WORDS(2));
    EXPECT_RUNS(f, chain.last);
    return chain;
}

TEST(time_goes_down_a_chain_of_calls_and_back_up)
{
    struct chain chain = chain_new();
    struct fixture *f = chain.first.f;
    paddr sc = chain.last.tcb->sc;
    struct reply *below = fixture_reply(f, chain.first.reply);
    struct reply *above = fixture_reply(f, chain.second_reply);
    EXPECT_EQ(reply_address(f->k, above), sc_at(f->k, sc)->reply);
    EXPECT_EQ(reply_address(f->k, below), above->previous);
    EXPECT_EQ(reply_address(f->k, above), below->next);
    EXPECT_FALSE(below->is_head);
    EXPECT_EQ((uintptr_t)chain.last.tcb, (uintptr_t)reply_holder(f->k, above));
    EXPECT_EQ((uintptr_t)chain.first.server.tcb, (uintptr_t)reply_holder(f->k, below));

    REPLY_RECV(f, chain.second_ep, chain.second_reply, .label = 1);
    EXPECT_RUNS(f, chain.first.server);
    EXPECT_EQ(sc, chain.first.server.tcb->sc);
    EXPECT_TRUE(below->is_head);
    REPLY_RECV(f, chain.first.ep, chain.first.reply, .label = 2);

    EXPECT_RUNS(f, chain.first.client);
    EXPECT_EQ(sc, chain.first.client.tcb->sc);
    EXPECT_EQ(0, sc_at(f->k, sc)->reply);
    fixture_free(f);
}

TEST(answering_in_the_middle_of_a_chain_returns_no_time)
{
    struct chain chain = chain_new();
    struct fixture *f = chain.first.f;
    paddr sc = chain.last.tcb->sc;

    /* The last server holds a cap to the first one's reply object as well. */
    SEND(f, chain.first.reply, .label = 4);

    EXPECT_RUNS(f, chain.last);
    EXPECT_EQ(THREAD_RUNNING, chain.first.client.tcb->state);
    EXPECT_EQ(0, chain.first.client.tcb->sc);
    EXPECT_EQ(sc, chain.last.tcb->sc);
    EXPECT_EQ(0, fixture_reply(f, chain.second_reply)->previous);
    EXPECT_EQ(0, fixture_reply(f, chain.first.reply)->next);
    fixture_free(f);
}

TEST(suspending_a_caller_breaks_the_chain_where_it_stood)
{
    struct chain chain = chain_new();
    struct fixture *f = chain.first.f;

    EXPECT_EQ(seL4_NoError, CALL(f, chain.first.server.cap, TCBSuspend).error);

    EXPECT_EQ(THREAD_INACTIVE, chain.first.server.tcb->state);
    EXPECT_EQ(0, fixture_reply(f, chain.second_reply)->tcb);
    EXPECT_EQ(0, sc_at(f->k, chain.last.tcb->sc)->reply);
    EXPECT_EQ(0, fixture_reply(f, chain.first.reply)->next);
    EXPECT_EQ(THREAD_BLOCKED_ON_REPLY, chain.first.client.tcb->state);
    fixture_free(f);
}

TEST(a_caller_that_was_given_other_time_meanwhile_does_not_get_the_lent_time_back)
{
    struct conversation c = conversation_called();
    paddr lent = c.server.tcb->sc;
    cptr sc = c.server.sc; /* the one it was started with, free now */
    EXPECT_EQ(seL4_NoError, CALL(c.f, sc, SchedContextBind, .length = 0, CAPS(c.client.cap)).error);

    REPLY_RECV(c.f, c.ep, c.reply, .label = 2);

    EXPECT_EQ(sc_address(c.f->k, fixture_sched_context(c.f, sc)), c.client.tcb->sc);
    EXPECT_EQ(lent, c.server.tcb->sc);
    EXPECT_EQ(0, sc_at(c.f->k, lent)->reply);
    fixture_free(c.f);
}

static bool find_client(void *context, const struct kernel_thread *thread)
{
    struct kernel_thread *wanted = context;
    if (thread->tcb != wanted->tcb) {
        return true;
    }
    *wanted = *thread;
    return false;
}

TEST(a_report_of_all_threads_says_who_has_a_callers_call)
{
    struct conversation c = conversation_called();
    struct kernel_thread client = {.tcb = tcb_address(c.f->k, c.client.tcb)};

    kernel_each_thread(c.f->k, find_client, &client);

    EXPECT_EQ(WAIT_REPLY, client.wait);
    EXPECT_EQ(tcb_address(c.f->k, c.server.tcb), client.partner);
    EXPECT_EQ(reply_address(c.f->k, fixture_reply(c.f, c.reply)), client.object);
    EXPECT_FALSE(client.has_time);
    fixture_free(c.f);
}
