/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The MCS kernel's system calls: receiving takes a reply object, and one call can send first. */
#include "kernel/syscall.h"

#include "abi/syscalls.h"
#include "kernel/invoke.h"
#include "kernel/lookup.h"
#include "kernel/mcs/ipc.h"
#include "kernel/receive.h"
#include "kernel/sched.h"

#define SYSCALL_ENUMERATOR(name, number) SYSCALL_##name = (number),
enum { SYSCALLS_MCS(SYSCALL_ENUMERATOR) };
#undef SYSCALL_ENUMERATOR

static uint64_t current_register(struct kernel *k, enum x86_register which)
{
    return current_tcb(k)->registers.r[which];
}

/* Send to the cap that the caller named. */
static enum answer send(struct kernel *k, struct send how)
{
    how.destination = current_register(k, SYSCALL_CAP);
    return invoke(k, how);
}

/* The reply object that the caller named. False: it has faulted. */
static bool find_reply(struct kernel *k, struct cap *reply)
{
    cptr address = current_register(k, SYSCALL_REPLY);
    struct lookup lookup = lookup_slot(k, current_tcb(k), address);
    if (!lookup.slot) {
        receive_raise_missing(k, address, lookup.failure);
        return false;
    }
    if (!cap_is(lookup.slot->cap, CAP_REPLY)) {
        receive_raise_missing(k, address, (struct lookup_failure){.kind = seL4_MissingCapability});
        return false;
    }
    *reply = lookup.slot->cap;
    return true;
}

void receive_from_endpoint(struct kernel *k, struct cap cap, struct receive how)
{
    struct cap reply = cap_null();
    if (how.has_reply && !find_reply(k, &reply)) {
        return;
    }
    ep_receive(k, cap, current_tcb(k), how.is_blocking ? EP_BLOCK : EP_POLL, reply);
}

/* ReplyRecv, NBSendRecv and NBSendWait. */
static enum answer send_then_receive(struct kernel *k, cptr destination, struct receive how)
{
    enum answer answer = invoke(
        k, (struct send){.destination = destination, .can_donate = true, .is_first_phase = true});
    if (answer == ANSWER_DONE) {
        receive(k, how);
    }
    return answer;
}

enum answer syscall_perform(struct kernel *k, int64_t number)
{
    const struct receive recv = {.is_blocking = true, .has_reply = true};
    const struct receive wait = {.is_blocking = true};
    switch (number) {
    case SYSCALL_Call:
        return send(k, (struct send){.is_call = true, .is_blocking = true, .can_donate = true});
    case SYSCALL_Send:
        return send(k, (struct send){.is_blocking = true});
    case SYSCALL_NBSend:
        return send(k, (struct send){0});
    case SYSCALL_ReplyRecv:
        return send_then_receive(k, current_register(k, SYSCALL_REPLY), recv);
    case SYSCALL_NBSendRecv:
        return send_then_receive(k, current_register(k, SYSCALL_DESTINATION), recv);
    case SYSCALL_NBSendWait:
        return send_then_receive(k, current_register(k, SYSCALL_REPLY), wait);
    case SYSCALL_Recv:
        receive(k, recv);
        break;
    case SYSCALL_NBRecv:
        receive(k, (struct receive){.has_reply = true});
        break;
    case SYSCALL_Wait:
        receive(k, wait);
        break;
    case SYSCALL_NBWait:
        receive(k, (struct receive){0});
        break;
    case SYSCALL_Yield:
        sched_yield_turn(k);
        break;
    }
    return ANSWER_DONE;
}
