/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Endpoints: synchronous rendezvous between one sender and one receiver. */
#pragma once

#include "kernel/call.h"

/* How a thread sends to an endpoint. */
struct ep_send {
    bool is_blocking;
    bool is_call;
    bool can_grant;
    bool can_grant_reply;
    bool can_donate;
    uint64_t badge;
};

void ep_send(struct kernel *k, struct endpoint *ep, struct tcb *sender, struct ep_send how);

/* Receive on an endpoint cap, or poll its thread's bound notification first. `reply` is the reply
 * object's cap, or null. */
enum ep_blocking { EP_BLOCK, EP_POLL };
void ep_receive(struct kernel *k, struct cap cap, struct tcb *receiver, enum ep_blocking blocking,
                struct cap reply);

/* Take a thread off whatever it waits for, endpoint, notification or reply, and forget its fault.
 * If it was waiting it is inactive then. */
void ep_cancel(struct kernel *k, struct tcb *tcb);
/* Everyone who waits here does its system call again. */
void ep_cancel_all(struct kernel *k, struct endpoint *ep);
/* Senders with this badge go on as if their message had been received. */
void ep_cancel_badged(struct kernel *k, struct endpoint *ep, uint64_t badge);

/* The priority of a thread that waits here has changed: give it its new place. */
void ep_reorder(struct kernel *k, struct endpoint *ep, struct tcb *tcb);
