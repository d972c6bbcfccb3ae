/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Reply caps: the right to answer one call, or one fault. Classic. */
#include "kernel/classic/reply.h"

#include "kernel/cdt.h"
#include "kernel/cnode.h"
#include "kernel/fault.h"
#include "kernel/message.h"
#include "kernel/sched.h"

static struct cap reply_cap(struct kernel *k, const struct tcb *caller)
{
    return (struct cap){.reply = {.type = CAP_REPLY, .object_16 = tcb_address(k, caller) >> 4}};
}

void reply_make_master(struct kernel *k, struct tcb *tcb)
{
    struct slot *slot = &tcb->slots[TCB_REPLY];
    if (cap_is_null(slot->cap)) {
        struct cap cap = reply_cap(k, tcb);
        cap.reply.is_master = true;
        cap.reply.can_grant = true;
        *slot = (struct slot){.cap = cap, .is_revocable = true, .is_first_badged = true};
    }
}

void reply_hold_caller(struct kernel *k, struct tcb *caller, struct tcb *receiver, bool can_grant)
{
    struct slot *master = &caller->slots[TCB_REPLY];
    ASSERT(cap_is(master->cap, CAP_REPLY));
    sched_set_state(k, caller, THREAD_BLOCKED_ON_REPLY);
    struct cap cap = reply_cap(k, caller);
    cap.reply.can_grant = can_grant;
    cdt_insert(k, cap, master, &receiver->slots[TCB_CALLER]);
}

void reply_forget_caller(struct kernel *k, struct tcb *receiver)
{
    cnode_delete_one(k, &receiver->slots[TCB_CALLER]);
}

void reply_cancel(struct kernel *k, struct tcb *caller)
{
    struct slot *held = cdt_first_child(k, &caller->slots[TCB_REPLY]);
    if (held) {
        cnode_delete_one(k, held);
    }
}

struct tcb *reply_holder(struct kernel *k, const struct tcb *caller)
{
    const struct slot *held = cdt_first_child(k, &caller->slots[TCB_REPLY]);
    struct tcb *tcb = tcb_at(k, k->threads.first);
    while (held && tcb && held != &tcb->slots[TCB_CALLER]) {
        tcb = tcb_at(k, tcb->all.next);
    }
    return held ? tcb : NULL;
}

/* Replying. */

static void answer_fault(struct kernel *k, struct tcb *handler, struct tcb *faulter)
{
    bool restart = fault_reply(k, faulter, handler);
    faulter->fault.kind = NO_FAULT;
    if (restart) {
        sched_set_state(k, faulter, THREAD_RESTART);
        sched_possible_switch(k, faulter);
    } else {
        sched_set_state(k, faulter, THREAD_INACTIVE);
    }
}

/* Use up the reply cap in `slot`. A message is carried while the cap is still there, so that no cap
 * of the message can take its place. */
static void perform_reply(struct kernel *k, struct tcb *replier, struct slot *slot)
{
    struct tcb *waiter = tcb_at(k, cap_object(slot->cap));
    ASSERT(waiter->state == THREAD_BLOCKED_ON_REPLY);
    if (waiter->fault.kind != NO_FAULT) {
        cnode_delete_one(k, slot);
        answer_fault(k, replier, waiter);
        return;
    }
    message_transfer(k, replier, waiter, (struct transfer){.can_grant = slot->cap.reply.can_grant});
    cnode_delete_one(k, slot);
    sched_set_state(k, waiter, THREAD_RUNNING);
    sched_possible_switch(k, waiter);
}

void reply_to_caller(struct kernel *k, struct tcb *replier)
{
    struct slot *slot = &replier->slots[TCB_CALLER];
    if (!cap_is_null(slot->cap)) {
        perform_reply(k, replier, slot);
    }
}

enum answer decode_reply(struct call *call)
{
    if (call->cap.reply.is_master) {
        return answer_invalid_cap(call, 0, WHY("a master reply cap cannot be invoked"));
    }
    perform_reply(call->k, call->caller, call->slot);
    return ANSWER_DONE;
}

/* With nobody to answer this is no error, and the slot stays empty. */
static void perform_save_caller(struct call *call, struct slot *target)
{
    struct slot *source = &call->caller->slots[TCB_CALLER];
    if (!cap_is_null(source->cap)) {
        cdt_move(call->k, source->cap, source, target);
    }
}

enum answer decode_save_caller(struct call *call)
{
    if (call->length < 2) {
        return answer_truncated(call, 2, 0);
    }
    struct slot *target = NULL;
    enum answer answer =
        cnode_find(call, LOOKUP_DESTINATION, call->cap, call->args[0], call->args[1], &target);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    if (!cap_is_null(target->cap)) {
        return answer_delete_first(call, WHY("the destination slot is not empty"));
    }
    perform_save_caller(call, target);
    return ANSWER_DONE;
}
