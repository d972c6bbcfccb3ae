/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The MCS kernel: its table, its numbers, and the objects that only it has. */
#include "kernel/product.h"

#include "abi/syscalls.h"
#include "kernel/endpoint.h"
#include "kernel/mcs/reply.h"
#include "kernel/mcs/sched_context.h"

const struct kernel_product kernel_mcs = KERNEL_PRODUCT;

const struct product_numbers product_numbers = {
    .mcs = true,
    .last_syscall = SYSCALLS_MCS_LAST,
    .notification_bits = NOTIFICATION_BITS_MCS,
    .initial_sc_bytes = 1ul << seL4_MinSchedContextBits,
};
_Static_assert(sizeof(struct notification) <= 1u << NOTIFICATION_BITS_MCS, "a notification fits");

unsigned product_object_size_bits(enum object_type type, uint64_t user_size)
{
    return type == seL4_SchedContextObject ? (unsigned)user_size : seL4_ReplyBits;
}

struct cap product_object_create(enum object_type type, paddr base, uint64_t user_size)
{
    if (type == seL4_SchedContextObject) {
        return (struct cap){.sched_context = {.type = CAP_SCHED_CONTEXT,
                                              .object_16 = base >> 4,
                                              .size_bits = user_size & 63}};
    }
    return (struct cap){.reply = {.type = CAP_REPLY, .object_16 = base >> 4, .can_grant = true}};
}

struct cap product_derive(struct cap cap)
{
    return cap;
}

static void finalise_reply(struct kernel *k, struct reply *reply)
{
    struct tcb *tcb = tcb_at(k, reply->tcb);
    if (!tcb) {
        return;
    }
    if (tcb->state == THREAD_BLOCKED_ON_REPLY) {
        reply_remove(k, reply, tcb);
    } else {
        ep_cancel(k, tcb);
    }
}

void product_finalise(struct kernel *k, struct cap cap)
{
    if (cap_is(cap, CAP_REPLY)) {
        finalise_reply(k, reply_at(k, cap_object(cap)));
    } else if (cap_is(cap, CAP_SCHED_CONTEXT)) {
        sc_finalise(k, sc_at(k, cap_object(cap)));
    }
}
