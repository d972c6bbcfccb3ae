/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Threads of the classic kernel: faults go where a cptr leads, and time comes with priority. */
#include "kernel/tcb.h"

#include "kernel/classic/reply.h"
#include "kernel/endpoint.h"
#include "kernel/notification.h"
#include "kernel/sched.h"
#include "kernel/tcb_params.h"

/* A fault that has been cancelled before anybody heard of it is no reason to wait. */
static bool waits_for_fault(const struct tcb *tcb)
{
    switch (tcb->state) {
    case THREAD_BLOCKED_ON_SEND:
    case THREAD_BLOCKED_ON_REPLY:
        return tcb->fault.kind != NO_FAULT;
    case THREAD_INACTIVE:
        return tcb->is_stopped_by_fault;
    default:
        return false;
    }
}

void tcb_describe(struct kernel *k, const struct tcb *tcb, struct kernel_thread *thread)
{
    thread->has_time = true;
    if (tcb->state == THREAD_BLOCKED_ON_REPLY) {
        thread->partner = tcb_address(k, reply_holder(k, tcb));
    }
    if (waits_for_fault(tcb)) {
        thread->wait = WAIT_FAULT;
    }
}

void tcb_restart(struct kernel *k, struct tcb *tcb)
{
    if (sched_is_runnable(tcb)) {
        return;
    }
    ep_cancel(k, tcb);
    reply_make_master(k, tcb);
    tcb->is_stopped_by_fault = false;
    sched_set_state(k, tcb, THREAD_RESTART);
    /* In the queue first: who turns out not to run at once is ahead of its equals. */
    sched_enqueue(k, tcb);
    sched_possible_switch(k, tcb);
}

void tcb_finalise(struct kernel *k, struct tcb *tcb)
{
    struct notification *bound = ntfn_at(k, tcb->bound_notification);
    if (bound) {
        ntfn_unbind(k, bound);
    }
    tcb_suspend(k, tcb);
    tcb_forget(k, tcb);
}

/* Invocations. The first argument of Configure and SetSpace is where the fault handler is. */

static enum answer decode_configure(struct call *call, struct tcb *tcb)
{
    if (call->length < 4 || call->extra_count < 3) {
        return answer_truncated(call, 4, 3);
    }
    uint64_t address = call->args[3];
    struct tcb_install buffer;
    struct tcb_space space;
    if (tcb_find_ipc_buffer(call, call->extra[2], address, &buffer) != ANSWER_DONE ||
        tcb_find_space(call, tcb, call->extra[0], call->extra[1], 1, &space) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    tcb->fault_handler = call->args[0];
    enum answer answer = tcb_set_space(call, tcb, &space);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    return tcb_set_ipc_buffer(call, tcb, address, buffer);
}

static enum answer decode_set_space(struct call *call, struct tcb *tcb)
{
    if (call->length < 3 || call->extra_count < 2) {
        return answer_truncated(call, 3, 2);
    }
    struct tcb_space space;
    if (tcb_find_space(call, tcb, call->extra[0], call->extra[1], 1, &space) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    tcb->fault_handler = call->args[0];
    return tcb_set_space(call, tcb, &space);
}

static enum answer decode_set_sched_params(struct call *call, struct tcb *tcb)
{
    if (call->length < 2 || call->extra_count < 1) {
        return answer_truncated(call, 2, 1);
    }
    uint64_t mcp = call->args[0];
    uint64_t priority = call->args[1];
    const struct tcb *authority;
    if (tcb_find_authority(call, &authority) != ANSWER_DONE ||
        tcb_check_mcp(call, mcp, authority) != ANSWER_DONE ||
        tcb_check_priority(call, priority, authority) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    sched_set_mcp(call->k, tcb, (uint8_t)mcp);
    sched_set_priority(call->k, tcb, (uint8_t)priority);
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
    default:
        return answer_unknown_label(call);
    }
}
