/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Threads of the MCS kernel: they hold their handlers' caps, and run on scheduling contexts. */
#include "kernel/tcb.h"

#include "kernel/endpoint.h"
#include "kernel/mcs/reply.h"
#include "kernel/mcs/sched_context.h"
#include "kernel/notification.h"
#include "kernel/sched.h"
#include "kernel/tcb_params.h"

void tcb_describe(struct kernel *k, const struct tcb *tcb, struct kernel_thread *thread)
{
    thread->has_time = tcb->sc != 0;
    if (tcb->state == THREAD_BLOCKED_ON_REPLY) {
        thread->object = tcb->wait.reply;
        thread->partner = tcb_address(k, reply_holder(k, reply_at(k, tcb->wait.reply)));
    }
    if (tcb->fault.kind != NO_FAULT) {
        thread->wait = WAIT_FAULT;
    }
}

void tcb_restart(struct kernel *k, struct tcb *tcb)
{
    if (sched_is_runnable(tcb)) {
        return;
    }
    ep_cancel(k, tcb);
    sched_set_state(k, tcb, THREAD_RESTART);
    struct sched_context *sc = sc_at(k, tcb->sc);
    if (!sc) {
        return;
    }
    sc_wake(k, sc);
    sc_resume(k, sc);
    if (sched_is_schedulable(k, tcb)) {
        sched_possible_switch(k, tcb);
    }
}

void tcb_finalise(struct kernel *k, struct tcb *tcb)
{
    struct notification *bound = ntfn_at(k, tcb->bound_notification);
    if (bound) {
        ntfn_unbind(k, bound);
    }
    struct sched_context *sc = sc_at(k, tcb->sc);
    if (sc) {
        struct tcb *yielder = tcb_at(k, sc->yield_from);
        sc_unbind_tcb(k, sc);
        if (yielder) {
            sc_complete_yield_to(k, yielder);
        }
    }
    tcb_suspend(k, tcb);
    tcb_forget(k, tcb);
}

/* Handlers. */

/* A cap through which a thread's faults can be sent, or a null cap. */
static bool is_handler(struct cap cap)
{
    return cap_is_null(cap) || (cap_is(cap, CAP_ENDPOINT) && cap.endpoint.can_send &&
                                (cap.endpoint.can_grant || cap.endpoint.can_grant_reply));
}

static struct why why_no_handler(void)
{
    return WHY("the handler is no endpoint cap with Write and Grant or GrantReply");
}

/* Replace what `slot` holds by a copy of a handler's cap. */
static enum answer install_handler(struct call *call, struct tcb *tcb, enum tcb_slot slot,
                                   struct slot *source)
{
    return tcb_install(call, &tcb->slots[slot],
                       (struct tcb_install){.cap = source->cap, .source = source});
}

static enum answer decode_set_timeout_endpoint(struct call *call, struct tcb *tcb)
{
    if (call->extra_count < 1) {
        return answer_truncated(call, 0, 1);
    }
    struct slot *handler = call->extra[0];
    if (!is_handler(handler->cap)) {
        return answer_invalid_cap(call, 1, why_no_handler());
    }
    return install_handler(call, tcb, TCB_TIMEOUT_HANDLER, handler);
}

/* Spaces. */

static enum answer decode_configure(struct call *call, struct tcb *tcb)
{
    if (call->length < 3 || call->extra_count < 3) {
        return answer_truncated(call, 3, 3);
    }
    uint64_t address = call->args[2];
    struct tcb_install buffer;
    struct tcb_space space;
    if (tcb_find_ipc_buffer(call, call->extra[2], address, &buffer) != ANSWER_DONE ||
        tcb_find_space(call, tcb, call->extra[0], call->extra[1], 0, &space) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    enum answer answer = tcb_set_space(call, tcb, &space);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    return tcb_set_ipc_buffer(call, tcb, address, buffer);
}

static enum answer decode_set_space(struct call *call, struct tcb *tcb)
{
    if (call->length < 2 || call->extra_count < 3) {
        return answer_truncated(call, 2, 3);
    }
    struct slot *handler = call->extra[0];
    struct tcb_space space;
    if (tcb_find_space(call, tcb, call->extra[1], call->extra[2], 0, &space) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    if (!is_handler(handler->cap)) {
        return answer_invalid_cap(call, 1, why_no_handler());
    }
    enum answer answer = install_handler(call, tcb, TCB_FAULT_HANDLER, handler);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    return tcb_set_space(call, tcb, &space);
}

/* Time. */

/* The scheduling context that the thread is to have, or NULL for none. */
static enum answer find_sched_context(struct call *call, const struct tcb *tcb,
                                      struct sched_context **sc)
{
    struct kernel *k = call->k;
    struct cap cap = call->extra[1]->cap;
    *sc = NULL;
    if (cap_is_null(cap)) {
        if (tcb == call->caller) {
            return answer_illegal(call,
                                  WHY("a thread cannot take its own scheduling context away"));
        }
        return ANSWER_DONE;
    }
    if (!cap_is(cap, CAP_SCHED_CONTEXT)) {
        return answer_invalid_cap(
            call, 2, WHY("the second extra cap is no scheduling context and not empty"));
    }
    *sc = sc_at(k, cap_object(cap));
    if (tcb->sc != cap_object(cap) && tcb->sc) {
        return answer_illegal(call, WHY("%n has another scheduling context", tcb_address(k, tcb)));
    }
    if (tcb->sc != cap_object(cap) && (*sc)->tcb) {
        return answer_illegal(call, WHY("the scheduling context is bound to %n", (*sc)->tcb));
    }
    if (sched_is_blocked(tcb) && !sc_is_released(k, *sc)) {
        return answer_illegal(
            call,
            WHY("%n is blocked and the scheduling context has no budget now", tcb_address(k, tcb)));
    }
    return ANSWER_DONE;
}

static void perform_set_sched_context(struct kernel *k, struct tcb *tcb, struct sched_context *sc)
{
    struct sched_context *old = sc_at(k, tcb->sc);
    if (old == sc) {
        return;
    }
    if (sc) {
        sc_bind_tcb(k, sc, tcb);
    } else {
        sc_unbind_tcb(k, old);
    }
}

static enum answer decode_set_sched_params(struct call *call, struct tcb *tcb)
{
    if (call->length < 2 || call->extra_count < 3) {
        return answer_truncated(call, 2, 3);
    }
    uint64_t mcp = call->args[0];
    uint64_t priority = call->args[1];
    const struct tcb *authority;
    struct sched_context *sc;
    if (tcb_find_authority(call, &authority) != ANSWER_DONE ||
        tcb_check_mcp(call, mcp, authority) != ANSWER_DONE ||
        tcb_check_priority(call, priority, authority) != ANSWER_DONE ||
        find_sched_context(call, tcb, &sc) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    struct slot *handler = call->extra[2];
    if (!is_handler(handler->cap)) {
        return answer_invalid_cap(
            call, 3,
            WHY("the fault handler is no endpoint cap with Write and Grant or GrantReply"));
    }

    enum answer answer = install_handler(call, tcb, TCB_FAULT_HANDLER, handler);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    sched_set_mcp(call->k, tcb, (uint8_t)mcp);
    sched_set_priority(call->k, tcb, (uint8_t)priority);
    perform_set_sched_context(call->k, tcb, sc);
    return ANSWER_DONE;
}

enum answer decode_tcb_own(struct call *call, struct tcb *tcb)
{
    switch (call->label) {
    case TCBConfigure:
        return decode_configure(call, tcb);
    case TCBSetSpace:
        return decode_set_space(call, tcb);
    case TCBSetSchedParams:
        return decode_set_sched_params(call, tcb);
    case TCBSetTimeoutEndpoint:
        return decode_set_timeout_endpoint(call, tcb);
    default:
        return answer_unknown_label(call);
    }
}
