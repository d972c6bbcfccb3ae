/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* CNodes: the invocations on them, and how caps are deleted and revoked. */
#pragma once

#include "kernel/call.h"

/* The slot that `depth` bits of `index` below `root` lead to, as an argument of a call. Answers
 * FailedLookup or RangeError, with ANSWER_REFUSED. */
enum answer cnode_find(struct call *call, enum lookup_side side, struct cap root, uint64_t index,
                       uint64_t depth, struct slot **slot);

enum answer decode_cnode(struct call *call);

/* Delete the cap in a slot and, if it was the last to its object, the object: what takes long
 * leaves a zombie and can be preempted. */
enum answer cnode_delete(struct kernel *k, struct slot *slot);

/* Delete all caps derived from the one in this slot. */
enum answer cnode_revoke(struct kernel *k, struct slot *slot);

/* Delete a cap whose deletion is known to be short: no CNode, no TCB that is the last of its
 * object. */
void cnode_delete_one(struct kernel *k, struct slot *slot);

/* Whether the long operation that runs now should stop: an interrupt waits or the budget is
 * spent. To be asked once per unit of work. */
bool preemption_point(struct kernel *k);
