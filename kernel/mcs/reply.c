/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Reply objects: the right to answer a call, and the call stack of a scheduling context. MCS. */
#include "kernel/mcs/reply.h"

#include "kernel/mcs/fault.h"
#include "kernel/mcs/sched_context.h"
#include "kernel/message.h"
#include "kernel/sched.h"

/* The call stack. */

/* The reply object above this one, or NULL at the top. */
static struct reply *reply_above(struct kernel *k, const struct reply *reply)
{
    return reply->is_head ? NULL : reply_at(k, reply->next);
}

/* The scheduling context that this object is the top for, or NULL. */
static struct sched_context *context_above(struct kernel *k, const struct reply *reply)
{
    return reply->is_head ? sc_at(k, reply->next) : NULL;
}

static void set_above(struct reply *reply, paddr next, bool is_head)
{
    reply->next = next;
    reply->is_head = is_head;
}

struct tcb *reply_holder(struct kernel *k, const struct reply *reply)
{
    const struct reply *above = reply_above(k, reply);
    const struct sched_context *sc = context_above(k, reply);
    if (above) {
        /* It has called in its turn. */
        return tcb_at(k, above->tcb);
    }
    return sc ? tcb_at(k, sc->tcb) : NULL;
}

/* Out of its stack, which breaks in two there. */
static void leave_stack(struct kernel *k, struct reply *reply)
{
    struct reply *above = reply_above(k, reply);
    struct reply *below = reply_at(k, reply->previous);
    if (above) {
        above->previous = 0;
    }
    if (below) {
        set_above(below, 0, false);
    }
    reply->previous = 0;
    set_above(reply, 0, false);
}

static void push_on_stack(struct kernel *k, struct sched_context *sc, struct reply *reply)
{
    struct reply *below = reply_at(k, sc->reply);
    if (below) {
        set_above(below, reply_address(k, reply), false);
    }
    reply->previous = sc->reply;
    set_above(reply, sc_address(k, sc), true);
    sc->reply = reply_address(k, reply);
}

void reply_push(struct kernel *k, struct tcb *caller, struct tcb *callee, struct reply *reply,
                bool can_donate)
{
    ASSERT(reply->tcb == 0);
    ASSERT(reply->previous == 0);
    ASSERT(reply->next == 0);

    struct sched_context *sc = sc_at(k, caller->sc);
    reply->tcb = tcb_address(k, caller);
    caller->wait.reply = reply_address(k, reply);
    sched_set_state(k, caller, THREAD_BLOCKED_ON_REPLY);
    if (sc && can_donate && !callee->sc) {
        push_on_stack(k, sc, reply);
        sc_donate(k, sc, callee);
    }
}

void reply_unlink(struct kernel *k, struct reply *reply, struct tcb *tcb)
{
    ASSERT(reply->tcb == tcb_address(k, tcb));
    reply->tcb = 0;
    tcb->wait.reply = 0;
    sched_set_state(k, tcb, THREAD_INACTIVE);
}

void reply_pop(struct kernel *k, struct reply *reply, struct tcb *caller)
{
    struct sched_context *sc = context_above(k, reply);
    struct reply *below = reply_at(k, reply->previous);
    ASSERT(sc);

    sc->reply = reply->previous;
    if (below) {
        set_above(below, sc_address(k, sc), true);
    }
    reply->previous = 0;
    set_above(reply, 0, false);

    /* Unless it was given another one while it waited. */
    if (!caller->sc) {
        sc_donate(k, sc, caller);
    }
    reply_unlink(k, reply, caller);
}

void reply_remove(struct kernel *k, struct reply *reply, struct tcb *caller)
{
    if (context_above(k, reply)) {
        reply_pop(k, reply, caller);
        return;
    }
    leave_stack(k, reply);
    reply_unlink(k, reply, caller);
}

void reply_remove_tcb(struct kernel *k, struct tcb *caller)
{
    struct reply *reply = reply_at(k, caller->wait.reply);
    struct sched_context *sc = context_above(k, reply);
    if (sc) {
        sc->reply = 0;
    }
    leave_stack(k, reply);
    reply_unlink(k, reply, caller);
}

/* Replying. */

/* Apply the answer to a fault. */
static void answer_fault(struct kernel *k, struct tcb *handler, struct tcb *faulter)
{
    bool restart = fault_reply(k, faulter, handler);
    faulter->fault.kind = NO_FAULT;
    sched_set_state(k, faulter, restart ? THREAD_RESTART : THREAD_INACTIVE);
}

/* The answered thread runs on, hears that its time is up, or waits for more time. */
static void resume(struct kernel *k, struct tcb *tcb, enum fault_kind answered)
{
    struct sched_context *sc = sc_at(k, tcb->sc);
    if (!sc || !sched_is_runnable(tcb)) {
        return;
    }
    if (sc_is_released(k, sc)) {
        sched_possible_switch(k, tcb);
    } else if (fault_wants_timeout(tcb) && answered != TIMEOUT_FAULT) {
        fault_timeout(k, tcb);
    } else {
        sc_resume(k, sc);
    }
}

static void perform_reply(struct kernel *k, struct tcb *sender, struct reply *reply, bool can_grant)
{
    struct tcb *waiter = tcb_at(k, reply->tcb);
    enum fault_kind fault = (enum fault_kind)waiter->fault.kind;

    reply_remove(k, reply, waiter);
    sc_wake(k, sc_at(k, waiter->sc));
    if (fault == NO_FAULT) {
        message_transfer(k, sender, waiter, (struct transfer){.can_grant = can_grant});
        sched_set_state(k, waiter, THREAD_RUNNING);
    } else {
        answer_fault(k, sender, waiter);
    }
    resume(k, waiter, fault);
}

enum answer decode_reply(struct call *call)
{
    struct reply *reply = reply_at(call->k, cap_object(call->cap));
    const struct tcb *waiter = tcb_at(call->k, reply->tcb);
    /* With nobody to answer this is no error. */
    if (waiter && waiter->state == THREAD_BLOCKED_ON_REPLY) {
        perform_reply(call->k, call->caller, reply, call->cap.reply.can_grant);
    }
    return ANSWER_DONE;
}
