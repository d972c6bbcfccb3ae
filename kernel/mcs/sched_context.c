/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Scheduling contexts: rights to time, which threads are bound to, lend and return. MCS. */
#include "kernel/mcs/sched_context.h"

#include "kernel/mcs/sched.h"
#include "kernel/message.h"

bool sc_is_released(struct kernel *k, struct sched_context *sc)
{
    return sc_is_active(sc) && refill_is_sufficient(k, sc, 0) && refill_is_ready(k, sc);
}

void sc_wake(struct kernel *k, struct sched_context *sc)
{
    if (sc_is_active(sc) && sc->sporadic && sc_address(k, sc) != k->core.current_sc) {
        refill_unblock_check(k, sc);
    }
}

void sc_resume(struct kernel *k, struct sched_context *sc)
{
    if (sc && sched_is_schedulable(k, tcb_at(k, sc->tcb)) && !sc_is_released(k, sc)) {
        sched_postpone(k, sc);
    }
}

/* Binding. */

static void link_tcb(struct kernel *k, struct sched_context *sc, struct tcb *tcb)
{
    sc->tcb = tcb_address(k, tcb);
    tcb->sc = sc_address(k, sc);
}

void sc_bind_tcb(struct kernel *k, struct sched_context *sc, struct tcb *tcb)
{
    ASSERT(sc->tcb == 0);
    ASSERT(tcb->sc == 0);
    link_tcb(k, sc, tcb);
    sc_wake(k, sc);
    sc_resume(k, sc);
    if (sched_is_schedulable(k, tcb)) {
        sched_enqueue(k, tcb);
        sched_reschedule(k);
    }
}

void sc_unbind_tcb(struct kernel *k, struct sched_context *sc)
{
    struct tcb *tcb = tcb_at(k, sc->tcb);
    ASSERT(tcb);
    if (tcb == current_tcb(k)) {
        sched_reschedule(k);
    }
    sched_dequeue(k, tcb);
    sched_release_remove(k, tcb);
    tcb->sc = 0;
    sc->tcb = 0;
}

static void bind_ntfn(struct kernel *k, struct sched_context *sc, struct notification *ntfn)
{
    ntfn->sc = sc_address(k, sc);
    sc->notification = ntfn_address(k, ntfn);
}

void sc_unbind_ntfn(struct kernel *k, struct sched_context *sc)
{
    if (sc->notification) {
        ntfn_at(k, sc->notification)->sc = 0;
        sc->notification = 0;
    }
}

/* Its call stack stays, but nobody gets the scheduling context back through it. */
static void unbind_reply(struct kernel *k, struct sched_context *sc)
{
    if (sc->reply) {
        struct reply *reply = reply_at(k, sc->reply);
        reply->next = 0;
        reply->is_head = false;
        sc->reply = 0;
    }
}

static void unbind_all(struct kernel *k, struct sched_context *sc)
{
    if (sc->tcb) {
        sc_unbind_tcb(k, sc);
    }
    sc_unbind_ntfn(k, sc);
    unbind_reply(k, sc);
}

void sc_finalise(struct kernel *k, struct sched_context *sc)
{
    unbind_all(k, sc);
    if (sc->yield_from) {
        sc_complete_yield_to(k, tcb_at(k, sc->yield_from));
    }
    sc->refills_max = 0;
    sc->sporadic = false;
}

/* Donation. */

void sc_donate(struct kernel *k, struct sched_context *sc, struct tcb *to)
{
    ASSERT(to->sc == 0);
    struct tcb *from = tcb_at(k, sc->tcb);
    if (from) {
        sched_dequeue(k, from);
        sched_release_remove(k, from);
        from->sc = 0;
        if (from == current_tcb(k) || k->core.action == tcb_address(k, from)) {
            sched_reschedule(k);
        }
    }
    link_tcb(k, sc, to);
}

void sc_donate_from_ntfn(struct kernel *k, struct notification *ntfn, struct tcb *tcb)
{
    struct sched_context *sc = sc_at(k, ntfn->sc);
    if (!tcb->sc && sc && !sc->tcb) {
        sc_donate(k, sc, tcb);
        sc_resume(k, sc);
    }
}

void sc_return_to_ntfn(struct kernel *k, struct notification *ntfn, struct tcb *tcb)
{
    struct sched_context *sc = sc_at(k, ntfn->sc);
    if (!sc || tcb->sc != ntfn->sc) {
        return;
    }
    tcb->sc = 0;
    sc->tcb = 0;
    if (tcb == current_tcb(k)) {
        sched_reschedule(k);
    }
}

/* What was consumed. */

uint64_t sc_take_consumed_us(struct kernel *k, struct sched_context *sc)
{
    uint64_t consumed_us = sc->consumed_ticks / k->ticks_per_us;
    sc->consumed_ticks = 0;
    return consumed_us;
}

void sc_cancel_yield_to(struct kernel *k, struct tcb *tcb)
{
    if (tcb->yield_to) {
        sc_at(k, tcb->yield_to)->yield_from = 0;
        tcb->yield_to = 0;
    }
}

void sc_complete_yield_to(struct kernel *k, struct tcb *tcb)
{
    uint64_t consumed_us = sc_take_consumed_us(k, sc_at(k, tcb->yield_to));
    struct abi_ipc_buffer *buffer = message_buffer(k, tcb, BUFFER_WRITE);
    struct message_info info = {.length = message_set(tcb, buffer, 0, consumed_us)};
    tcb->registers.r[SYSCALL_CAP] = 0;
    tcb->registers.r[SYSCALL_INFO] = message_info_word(info);
    sc_cancel_yield_to(k, tcb);
}

/* Invocations. */

static struct sched_context *invoked(struct call *call)
{
    return sc_at(call->k, cap_object(call->cap));
}

static enum answer bind_thread(struct call *call, struct sched_context *sc, paddr tcb_of_cap)
{
    struct kernel *k = call->k;
    struct tcb *tcb = tcb_at(k, tcb_of_cap);
    if (sc->tcb) {
        return answer_illegal(call, WHY("the scheduling context is bound to %n", sc->tcb));
    }
    if (tcb->sc) {
        return answer_illegal(call, WHY("%n has a scheduling context", tcb_of_cap));
    }
    if (sched_is_blocked(tcb) && !sc_is_released(k, sc)) {
        return answer_illegal(
            call, WHY("%n is blocked and the scheduling context has no budget now", tcb_of_cap));
    }
    sc_bind_tcb(k, sc, tcb);
    return ANSWER_DONE;
}

static enum answer bind_notification(struct call *call, struct sched_context *sc,
                                     struct notification *ntfn)
{
    if (sc->notification) {
        return answer_illegal(call,
                              WHY("the scheduling context is bound to a notification already"));
    }
    if (ntfn->sc) {
        return answer_illegal(call, WHY("the notification has a scheduling context"));
    }
    bind_ntfn(call->k, sc, ntfn);
    return ANSWER_DONE;
}

static enum answer answer_not_bindable(struct call *call)
{
    return answer_invalid_cap(call, 1, WHY("the cap given is no TCB's and no notification's"));
}

static enum answer decode_bind(struct call *call)
{
    if (call->extra_count < 1) {
        return answer_truncated(call, 0, 1);
    }
    struct cap cap = call->extra[0]->cap;
    switch (cap_type(cap)) {
    case CAP_TCB:
        return bind_thread(call, invoked(call), cap_object(cap));
    case CAP_NOTIFICATION:
        return bind_notification(call, invoked(call), ntfn_at(call->k, cap_object(cap)));
    default:
        return answer_not_bindable(call);
    }
}

static enum answer answer_unbinds_itself(struct call *call)
{
    return answer_illegal(call, WHY("a thread cannot take its own scheduling context away"));
}

static enum answer unbind_thread(struct call *call, struct sched_context *sc, paddr tcb)
{
    if (sc->tcb != tcb) {
        return answer_illegal(call, WHY("the scheduling context is not bound to %n", tcb));
    }
    if (sc->tcb == call->k->core.current) {
        return answer_unbinds_itself(call);
    }
    sc_unbind_tcb(call->k, sc);
    return ANSWER_DONE;
}

static enum answer unbind_notification(struct call *call, struct sched_context *sc, paddr ntfn)
{
    if (sc->notification != ntfn) {
        return answer_illegal(call,
                              WHY("the scheduling context is not bound to this notification"));
    }
    sc_unbind_ntfn(call->k, sc);
    return ANSWER_DONE;
}

static enum answer decode_unbind_object(struct call *call)
{
    if (call->extra_count < 1) {
        return answer_truncated(call, 0, 1);
    }
    struct cap cap = call->extra[0]->cap;
    switch (cap_type(cap)) {
    case CAP_TCB:
        return unbind_thread(call, invoked(call), cap_object(cap));
    case CAP_NOTIFICATION:
        return unbind_notification(call, invoked(call), cap_object(cap));
    default:
        return answer_not_bindable(call);
    }
}

static enum answer decode_unbind(struct call *call)
{
    struct sched_context *sc = invoked(call);
    if (sc->tcb && sc->tcb == call->k->core.current) {
        return answer_unbinds_itself(call);
    }
    unbind_all(call->k, sc);
    return ANSWER_DONE;
}

static enum answer answer_consumed(struct call *call, struct sched_context *sc)
{
    call_result(call, sc_take_consumed_us(call->k, sc));
    return ANSWER_DONE;
}

/* The caller steps back behind the thread, and hears what that consumed when it runs again. */
static void step_back(struct kernel *k, struct tcb *caller, struct sched_context *sc,
                      struct tcb *tcb)
{
    caller->yield_to = sc_address(k, sc);
    sc->yield_from = tcb_address(k, caller);
    sched_dequeue(k, tcb);
    sched_enqueue(k, caller);
    sched_enqueue(k, tcb);
    sched_reschedule(k);
}

static enum answer perform_yield_to(struct call *call, struct sched_context *sc, struct tcb *tcb)
{
    struct kernel *k = call->k;
    if (sc->yield_from) {
        sc_complete_yield_to(k, tcb_at(k, sc->yield_from));
    }
    sc_resume(k, sc);
    if (!sched_is_schedulable(k, tcb)) {
        return answer_consumed(call, sc);
    }
    if (tcb->priority < call->caller->priority) {
        sched_dequeue(k, tcb);
        sched_enqueue(k, tcb);
        return answer_consumed(call, sc);
    }
    step_back(k, call->caller, sc, tcb);
    return ANSWER_DONE;
}

static enum answer decode_yield_to(struct call *call)
{
    struct sched_context *sc = invoked(call);
    struct tcb *tcb = tcb_at(call->k, sc->tcb);
    if (!tcb) {
        return answer_illegal(call, WHY("the scheduling context is bound to no thread"));
    }
    if (tcb == call->caller) {
        return answer_illegal(call, WHY("a thread cannot yield to itself"));
    }
    if (tcb->priority > call->caller->mcp) {
        return answer_illegal(call, WHY("the priority of %n, %u, is above the caller's MCP, %u",
                                        sc->tcb, tcb->priority, call->caller->mcp));
    }
    return perform_yield_to(call, sc, tcb);
}

enum answer decode_sched_context(struct call *call)
{
    switch (call->label) {
    case SchedContextConsumed:
        return answer_consumed(call, invoked(call));
    case SchedContextBind:
        return decode_bind(call);
    case SchedContextUnbindObject:
        return decode_unbind_object(call);
    case SchedContextUnbind:
        return decode_unbind(call);
    case SchedContextYieldTo:
        return decode_yield_to(call);
    default:
        return answer_unknown_label(call);
    }
}
