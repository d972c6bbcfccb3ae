/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * What is to be done for each type of object when its caps are made, copied and deleted: one
 * switch per question, which leads to the file that owns the object.
 */
#pragma once

#include "kernel/call.h"

/* log2 of the bytes of an object, `user_size` being what Untyped_Retype was given (untyped, CNode,
 * scheduling context). */
unsigned object_size_bits(const struct kernel *k, enum object_type type, uint64_t user_size);

/* The first cap to a new object in zeroed memory at `base`. Initialises the object. */
struct cap object_create(struct kernel *k, enum object_type type, paddr base, uint64_t user_size,
                         bool is_device);

/* A cap to give away: a copy's cap, or a null cap, with *refusal filled in, when this cap cannot
 * be copied now. A mapped frame's copy is not mapped. */
struct derived {
    struct cap cap;
    seL4_Error error; /* seL4_NoError, seL4_IllegalOperation or seL4_RevokeFirst */
};
struct derived object_derive(struct kernel *k, struct slot *slot, struct cap cap);

/* Whether a cap can be the parent of caps with other badges, or of objects: the flag that a slot
 * gets when `derived` is put next to `source`. */
bool object_is_revocable(struct cap derived, struct cap source);

/* Lessen the rights of a cap to `rights` (RIGHT_…). */
struct cap object_mask_rights(struct cap cap, uint64_t rights);

/* Give a badge (endpoint, notification) or a guard (CNode). A null cap when that cannot be:
 * `preserve` says that the cap keeps its children, as Mutate, Rotate and Move do. */
enum badge_mode { BADGE_NEW, BADGE_PRESERVE };
struct cap object_set_badge(struct cap cap, uint64_t badge, enum badge_mode mode);

/* Same object, so that one revokes or finalises the other. */
bool object_same_region(struct cap a, struct cap b);
bool object_same(struct cap a, struct cap b);

/*
 * A cap is about to go; `is_final` when no other refers to the object.
 *
 * Returns   what is to stay in the slot: a null cap, or a zombie for a CNode or TCB that still has
 *           slots to be emptied. *cleanup gets a cap whose irq or port is freed once the slot is
 *           empty, or null.
 */
struct cap object_finalise(struct kernel *k, struct cap cap, bool is_final, struct cap *cleanup);

/* After the slot has been emptied. */
void object_clean_up(struct kernel *k, struct cap cleanup);
