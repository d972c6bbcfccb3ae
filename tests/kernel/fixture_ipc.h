/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Threads that talk, for tests of IPC: what they send, what they got, whose turn it is. */
#pragma once

#include "tests/kernel/fixture.h"

#include "kernel/tcb.h"

/* What a thread sends: words go into message registers, caps into the IPC buffer. */
struct outgoing {
    uint64_t label;
    unsigned length;
    uint64_t words[FIXTURE_ARGS_MAX];
    unsigned caps_length;
    cptr caps[3];
};
#define WORDS(...) .length = COUNT_OF(uint64_t, __VA_ARGS__), .words = {__VA_ARGS__}
#define CARRY(...) .caps_length = COUNT_OF(cptr, __VA_ARGS__), .caps = {__VA_ARGS__}

/* What a thread has received last. */
struct incoming {
    uint64_t badge;
    uint64_t label;
    unsigned length;
    unsigned extra;
    unsigned unwrapped;
    uint64_t words[FIXTURE_ARGS_MAX];
};
struct incoming fixture_received(struct fixture *f, const struct tcb *tcb);

/* System calls of the running thread. SEND(f, ep, .label = 3, WORDS(1, 2)). */
void fixture_send(struct fixture *f, int64_t number, cptr cap, struct outgoing message);
#define SEND(f, cap, ...)    fixture_send((f), SYS_Send, (cap), (struct outgoing){__VA_ARGS__})
#define NBSEND(f, cap, ...)  fixture_send((f), SYS_NBSend, (cap), (struct outgoing){__VA_ARGS__})
#define CALL_EP(f, cap, ...) fixture_send((f), SYS_Call, (cap), (struct outgoing){__VA_ARGS__})
/* The reply object means nothing to the classic kernel. */
void fixture_recv(struct fixture *f, cptr ep, cptr reply);
void fixture_nbrecv(struct fixture *f, cptr ep, cptr reply);
/* Without a reply object; classic: Recv and NBRecv. */
void fixture_wait(struct fixture *f, cptr object);
void fixture_nbwait(struct fixture *f, cptr object);
void fixture_reply_recv(struct fixture *f, cptr ep, cptr reply, struct outgoing message);
#define REPLY_RECV(f, ep, reply, ...)                                                              \
    fixture_reply_recv((f), (ep), (reply), (struct outgoing){__VA_ARGS__})

/* The root task steps back to priority 100, so that threads which are started above that run at
 * once, and it runs again when they wait. */
void fixture_root_steps_back(struct fixture *f);
/* A thread that was started and runs. Needs a priority above the running thread's. */
struct fixture_thread fixture_running(struct fixture *f, uint8_t priority);
/* MCS: the same, passive, and waiting on `ep` already: it borrowed time to get there. */
struct fixture_thread fixture_passive_server(struct fixture *f, uint8_t priority, cptr ep,
                                             cptr reply);
#define EXPECT_RUNS(f, thread) EXPECT_EQ((uintptr_t)(thread).tcb, (uintptr_t)fixture_current(f))

/* The root task as one of the threads. */
struct fixture_thread fixture_root(struct fixture *f);

/* A copy of a cap with a badge and fewer rights (RIGHT_…). */
cptr fixture_mint(struct fixture *f, cptr source, uint64_t rights, uint64_t badge);
#define ALL_RIGHTS (RIGHT_READ | RIGHT_WRITE | RIGHT_GRANT | RIGHT_GRANT_REPLY)
void fixture_delete(struct fixture *f, cptr slot);

/* The objects that a cptr names. */
struct endpoint *fixture_endpoint(struct fixture *f, cptr address);
struct notification *fixture_notification(struct fixture *f, cptr address);
struct reply *fixture_reply(struct fixture *f, cptr address);
struct sched_context *fixture_sched_context(struct fixture *f, cptr address);

/* Where a thread wants to receive a cap: a slot of the root CNode. */
void fixture_receive_into(struct fixture *f, struct tcb *tcb, cptr slot);

/* Give a thread a fault handler. */
void fixture_handle_faults(struct fixture *f, struct fixture_thread thread, cptr handler);
