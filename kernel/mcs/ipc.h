/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Receiving, and waiting by priority, as the MCS kernel does. */
#pragma once

#include "kernel/endpoint.h"
#include "kernel/notification.h"

/* Receive on an endpoint cap, or poll its thread's bound notification first. `reply` is the reply
 * object's cap, or null. */
void ep_receive(struct kernel *k, struct cap cap, struct tcb *receiver, enum ep_blocking blocking,
                struct cap reply);

/* The priority of a thread that waits here has changed: give it its new place. */
void ep_reorder(struct kernel *k, struct endpoint *ep, struct tcb *tcb);
void ntfn_reorder(struct kernel *k, struct notification *ntfn, struct tcb *tcb);
