/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The capability derivation tree: which cap came from which.
 *
 * It is one doubly linked list in depth-first order. A slot's children are the slots right after
 * it for which cdt_is_parent() holds; a cap's depth is nowhere stored.
 */
#pragma once

#include "kernel/state.h"

/* `child` was derived from `parent`, as far as their caps and flags tell. */
bool cdt_is_parent(const struct slot *parent, const struct slot *child);

/* Put a new cap into an empty slot, as a child or sibling of the cap in `source`. */
void cdt_insert(struct kernel *k, struct cap cap, struct slot *source, struct slot *target);

/* Put the first cap of an object made from the untyped in `parent` into an empty slot. */
void cdt_insert_first(struct kernel *k, struct cap cap, struct slot *parent, struct slot *target);

/* Move `source` to the empty slot `target`, the cap becoming `cap` on the way. */
void cdt_move(struct kernel *k, struct cap cap, struct slot *source, struct slot *target);

/* Exchange two slots, the caps becoming a and b on the way. */
void cdt_swap(struct kernel *k, struct cap cap_a, struct slot *a, struct cap cap_b, struct slot *b);

/* Unlink a slot and make it empty. Its children become its parent's. */
void cdt_remove(struct kernel *k, struct slot *slot);

/* Some cap was derived from this one. */
bool cdt_has_children(struct kernel *k, const struct slot *slot);

/* The first of them in the list, or NULL. */
struct slot *cdt_first_child(struct kernel *k, const struct slot *slot);

/* No other cap refers to the same object. */
bool cdt_is_final(struct kernel *k, const struct slot *slot);
