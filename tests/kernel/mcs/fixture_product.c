/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What the fixture has to know of the MCS kernel. */
#include "tests/kernel/fixture_ipc.h"

const struct abi_untyped_description *fixture_untyped_list(struct fixture *f, const void *frame,
                                                           struct abi_slot_region *slots)
{
    const struct abi_bootinfo_mcs *bootinfo = frame;
    f->sched_control = bootinfo->schedcontrol.start;
    *slots = bootinfo->untyped;
    return bootinfo->untyped_list;
}

void fixture_set_space(struct fixture *f, cptr thread, cptr vspace, cptr handler)
{
    EXPECT_EQ(seL4_NoError, CALL(f, thread, TCBSetSpace, ARGS(0, 0),
                                 CAPS(handler, seL4_CapInitThreadCNode, vspace))
                                .error);
}

cptr fixture_new_reply(struct fixture *f)
{
    return fixture_make(f, seL4_ReplyObject, 0);
}

void fixture_give_time(struct fixture *f, struct fixture_thread *thread)
{
    thread->sc = fixture_make(f, seL4_SchedContextObject, 8);
    EXPECT_EQ(seL4_NoError, CALL(f, f->sched_control, SchedControlConfigureFlags,
                                 ARGS(10000, 10000, 0, 0, 0), CAPS(thread->sc))
                                .error);
    EXPECT_EQ(seL4_NoError,
              CALL(f, thread->sc, SchedContextBind, .length = 0, CAPS(thread->cap)).error);
}

void fixture_wait(struct fixture *f, cptr object)
{
    *fixture_register(f, SYSCALL_CAP) = object;
    fixture_syscall(f, SYS_Wait);
}

void fixture_nbwait(struct fixture *f, cptr object)
{
    *fixture_register(f, SYSCALL_CAP) = object;
    fixture_syscall(f, SYS_NBWait);
}

struct fixture_thread fixture_passive_server(struct fixture *f, uint8_t priority, cptr ep,
                                             cptr reply)
{
    struct fixture_thread server = fixture_running(f, priority);
    fixture_recv(f, ep, reply);
    EXPECT_EQ(seL4_NoError, CALL(f, server.sc, SchedContextUnbind).error);
    EXPECT_EQ(THREAD_BLOCKED_ON_RECEIVE, server.tcb->state);
    EXPECT_EQ(0, server.tcb->sc);
    return server;
}
