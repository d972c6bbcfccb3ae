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

enum ep_blocking { EP_BLOCK, EP_POLL };

/* The queue: threads that all wait for a receiver, or all for a sender. */
void ep_enter(struct kernel *k, struct endpoint *ep, struct tcb *tcb, enum endpoint_state state);
void ep_leave(struct kernel *k, struct endpoint *ep, struct tcb *tcb);
struct tcb *ep_first(struct kernel *k, const struct endpoint *ep); /* there is one */

/* Nobody receives: if it is to block, the sender queues up. */
void ep_wait_to_send(struct kernel *k, struct endpoint *ep, struct tcb *sender,
                     const struct ep_send *how);
/* How a thread that waits to send does it. */
struct ep_send ep_waiting_send(const struct tcb *sender);

/* Everyone who waits here does its system call again. */
void ep_cancel_all(struct kernel *k, struct endpoint *ep);
/* Senders with this badge do, too. */
void ep_cancel_badged(struct kernel *k, struct endpoint *ep, uint64_t badge);

/*
 * What follows is each product's own, and so is receiving: mcs/ipc.h, classic/ipc.h.
 */

void ep_send(struct kernel *k, struct endpoint *ep, struct tcb *sender, struct ep_send how);

/* Take a thread off whatever it waits for, endpoint, notification or reply. If it was waiting it
 * is inactive then, or about to be set to another state. */
void ep_cancel(struct kernel *k, struct tcb *tcb);

/* The endpoint, or this badge of it, is gone for a thread that waits here. */
void ep_retry(struct kernel *k, struct endpoint *ep, struct tcb *tcb);
