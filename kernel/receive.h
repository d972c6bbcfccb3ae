/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* From a system call that names a cap to the object that is received from. */
#pragma once

#include "kernel/call.h"

/* How a system call receives. */
struct receive {
    bool is_blocking;
    bool has_reply; /* MCS: a reply object is given, so endpoints can be received from as calls */
};

/* Receive, as the current thread, from the cap that it named. */
void receive(struct kernel *k, struct receive how);

/* A cap that the current thread names to receive with is not there: it faults. */
void receive_raise_missing(struct kernel *k, cptr address, struct lookup_failure failure);

/* Each product's own: the cap allows to receive. */
void receive_from_endpoint(struct kernel *k, struct cap cap, struct receive how);
