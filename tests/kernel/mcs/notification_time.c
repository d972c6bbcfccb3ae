/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Notifications with MCS: they wake by priority, and can bring time along. */
#include "tests/kernel/fixture_ipc.h"

static void bind(struct fixture *f, struct fixture_thread thread, cptr ntfn)
{
    EXPECT_EQ(seL4_NoError,
              CALL(f, thread.cap, TCBBindNotification, .length = 0, CAPS(ntfn)).error);
}

TEST(a_signal_wakes_one_waiting_thread_the_most_important_first)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    cptr badged = fixture_mint(f, ntfn, ALL_RIGHTS, 6);
    struct fixture_thread low = fixture_running(f, 150);
    fixture_wait(f, ntfn);
    struct fixture_thread high = fixture_running(f, 160);
    fixture_wait(f, ntfn);
    EXPECT_EQ(NOTIFICATION_WAITING, fixture_notification(f, ntfn)->state);

    SEND(f, badged);

    EXPECT_RUNS(f, high);
    EXPECT_EQ(6, *fixture_register(f, SYSCALL_CAP));
    EXPECT_EQ(THREAD_BLOCKED_ON_NOTIFICATION, low.tcb->state);
    EXPECT_EQ(NOTIFICATION_WAITING, fixture_notification(f, ntfn)->state);
    fixture_free(f);
}

TEST(a_waiting_thread_whose_priority_is_set_takes_its_new_place)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    struct fixture_thread first = fixture_running(f, 150);
    fixture_wait(f, ntfn);
    struct fixture_thread second = fixture_running(f, 150);
    fixture_wait(f, ntfn);

    EXPECT_EQ(seL4_NoError,
              CALL(f, second.cap, TCBSetPriority, ARGS(151), CAPS(seL4_CapInitThreadTCB)).error);
    SEND(f, ntfn);

    EXPECT_RUNS(f, second);
    EXPECT_EQ(THREAD_BLOCKED_ON_NOTIFICATION, first.tcb->state);
    fixture_free(f);
}

TEST(a_signal_reaches_the_bound_thread_while_it_receives)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr reply = fixture_make(f, seL4_ReplyObject, 0);
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    cptr badged = fixture_mint(f, ntfn, ALL_RIGHTS, 9);
    struct fixture_thread server = fixture_running(f, 150);
    bind(f, server, ntfn);
    fixture_recv(f, ep, reply);

    SEND(f, badged);

    EXPECT_RUNS(f, server);
    EXPECT_EQ(9, *fixture_register(f, SYSCALL_CAP));
    EXPECT_EQ(ENDPOINT_IDLE, fixture_endpoint(f, ep)->state);
    EXPECT_EQ(0, fixture_reply(f, reply)->tcb);
    EXPECT_EQ(NOTIFICATION_IDLE, fixture_notification(f, ntfn)->state);
    fixture_free(f);
}

/* A passive thread whose notification brings time along. */
static struct fixture_thread passive_waiter(struct fixture *f, cptr ntfn)
{
    struct fixture_thread waiter = fixture_running(f, 150);
    fixture_wait(f, ntfn);
    EXPECT_EQ(seL4_NoError, CALL(f, waiter.sc, SchedContextUnbind).error);
    EXPECT_EQ(seL4_NoError, CALL(f, waiter.sc, SchedContextBind, .length = 0, CAPS(ntfn)).error);
    return waiter;
}

TEST(a_passive_thread_runs_on_the_notifications_time_and_gives_it_back)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    struct fixture_thread waiter = passive_waiter(f, ntfn);
    paddr sc = sc_address(f->k, fixture_sched_context(f, waiter.sc));

    SEND(f, ntfn);
    EXPECT_RUNS(f, waiter);
    EXPECT_EQ(sc, waiter.tcb->sc);
    fixture_wait(f, ntfn);

    EXPECT_RUNS(f, fixture_root(f));
    EXPECT_EQ(0, waiter.tcb->sc);
    EXPECT_EQ(0, fixture_sched_context(f, waiter.sc)->tcb);
    EXPECT_EQ(sc, fixture_notification(f, ntfn)->sc);
    fixture_free(f);
}

TEST(a_bound_passive_server_gives_the_notifications_time_back_when_it_receives)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr reply = fixture_make(f, seL4_ReplyObject, 0);
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    struct fixture_thread server = fixture_passive_server(f, 150, ep, reply);
    bind(f, server, ntfn);
    EXPECT_EQ(seL4_NoError, CALL(f, server.sc, SchedContextBind, .length = 0, CAPS(ntfn)).error);

    SEND(f, ntfn);
    EXPECT_RUNS(f, server);
    EXPECT_NE(0, server.tcb->sc);
    fixture_recv(f, ep, reply);

    EXPECT_RUNS(f, fixture_root(f));
    EXPECT_EQ(0, server.tcb->sc);
    EXPECT_EQ(THREAD_BLOCKED_ON_RECEIVE, server.tcb->state);
    fixture_free(f);
}

TEST(a_bound_server_that_polls_keeps_the_notifications_time)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr reply = fixture_make(f, seL4_ReplyObject, 0);
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    struct fixture_thread server = fixture_passive_server(f, 150, ep, reply);
    bind(f, server, ntfn);
    EXPECT_EQ(seL4_NoError, CALL(f, server.sc, SchedContextBind, .length = 0, CAPS(ntfn)).error);
    SEND(f, ntfn);

    fixture_nbrecv(f, ep, reply);

    EXPECT_RUNS(f, server);
    EXPECT_NE(0, server.tcb->sc);
    fixture_free(f);
}
