/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What the fixture has to know of the classic kernel. */
#include "tests/kernel/fixture_ipc.h"

const struct abi_untyped_description *fixture_untyped_list(struct fixture *f, const void *frame,
                                                           struct abi_slot_region *slots)
{
    const struct abi_bootinfo_classic *bootinfo = frame;
    (void)f;
    *slots = bootinfo->untyped;
    return bootinfo->untyped_list;
}

void fixture_set_space(struct fixture *f, cptr thread, cptr vspace, cptr handler)
{
    EXPECT_EQ(seL4_NoError, CALL(f, thread, TCBSetSpace, ARGS(handler, 0, 0),
                                 CAPS(seL4_CapInitThreadCNode, vspace))
                                .error);
}

cptr fixture_new_reply(struct fixture *f)
{
    (void)f;
    return 0;
}

/* Who is ready has time. */
void fixture_give_time(struct fixture *f, struct fixture_thread *thread)
{
    (void)f;
    (void)thread;
}

void fixture_wait(struct fixture *f, cptr object)
{
    fixture_recv(f, object, 0);
}

void fixture_nbwait(struct fixture *f, cptr object)
{
    fixture_nbrecv(f, object, 0);
}
