/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * What each product's Configure, SetSpace and SetSchedParams are made of: the parts that do not
 * differ. Those that find or check end in an answer, with ANSWER_REFUSED; the others cannot fail,
 * but for deletions that take long, and are preempted then.
 */
#pragma once

#include "kernel/call.h"

/* tcb.c: the TCB in the first extra cap, whose MCP bounds what its holder may give. */
enum answer tcb_find_authority(struct call *call, const struct tcb **authority);
enum answer tcb_check_priority(struct call *call, uint64_t priority, const struct tcb *authority);
enum answer tcb_check_mcp(struct call *call, uint64_t mcp, const struct tcb *authority);

/* tcb_caps.c: a cap that is to go into a slot of the TCB, and where it comes from. */
struct tcb_install {
    struct cap cap;
    struct slot *source; /* NULL: the slot is to be empty */
};

/* CSpace and VSpace. */
struct tcb_space {
    struct tcb_install cspace;
    struct tcb_install vspace;
};

/* The roots in these slots; args[data] and the one after it are what to change the caps by. */
enum answer tcb_find_space(struct call *call, const struct tcb *tcb, struct slot *cspace,
                           struct slot *vspace, unsigned data, struct tcb_space *space);
enum answer tcb_find_ipc_buffer(struct call *call, struct slot *source, uint64_t address,
                                struct tcb_install *buffer);

enum answer tcb_install(struct call *call, struct slot *target, struct tcb_install install);
enum answer tcb_set_space(struct call *call, struct tcb *tcb, const struct tcb_space *space);
enum answer tcb_set_ipc_buffer(struct call *call, struct tcb *tcb, uint64_t address,
                               struct tcb_install buffer);
