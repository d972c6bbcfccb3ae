/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The classic kernel's system calls: who receives a call holds the caller until it replies. */
#include "kernel/syscall.h"

#include "abi/syscalls.h"
#include "kernel/classic/ipc.h"
#include "kernel/classic/reply.h"
#include "kernel/invoke.h"
#include "kernel/receive.h"
#include "kernel/sched.h"

#define SYSCALL_ENUMERATOR(name, number) SYSCALL_##name = (number),
enum { SYSCALLS_CLASSIC(SYSCALL_ENUMERATOR) };
#undef SYSCALL_ENUMERATOR

/* Send to the cap that the caller named. */
static enum answer send(struct kernel *k, struct send how)
{
    how.destination = current_tcb(k)->registers.r[SYSCALL_CAP];
    return invoke(k, how);
}

/* Who receives anew cannot answer any more whom it received a call from before. */
void receive_from_endpoint(struct kernel *k, struct cap cap, struct receive how)
{
    reply_forget_caller(k, current_tcb(k));
    ep_receive(k, cap, current_tcb(k), how.is_blocking ? EP_BLOCK : EP_POLL);
}

enum answer syscall_perform(struct kernel *k, int64_t number)
{
    const struct receive recv = {.is_blocking = true};
    switch (number) {
    case SYSCALL_Call:
        return send(k, (struct send){.is_call = true, .is_blocking = true});
    case SYSCALL_Send:
        return send(k, (struct send){.is_blocking = true});
    case SYSCALL_NBSend:
        return send(k, (struct send){0});
    case SYSCALL_Reply:
        reply_to_caller(k, current_tcb(k));
        break;
    case SYSCALL_ReplyRecv:
        reply_to_caller(k, current_tcb(k));
        receive(k, recv);
        break;
    case SYSCALL_Recv:
        receive(k, recv);
        break;
    case SYSCALL_NBRecv:
        receive(k, (struct receive){0});
        break;
    case SYSCALL_Yield:
        sched_yield_turn(k);
        break;
    }
    return ANSWER_DONE;
}
