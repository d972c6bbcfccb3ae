/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* From a system call that names a cap to the object that is received from. */
#include "kernel/receive.h"

#include "kernel/fault.h"
#include "kernel/lookup.h"
#include "kernel/notification.h"

void receive_raise_missing(struct kernel *k, cptr address, struct lookup_failure failure)
{
    fault_raise(
        k, current_tcb(k),
        (struct fault){.kind = CAP_FAULT,
                       .cap = {.address = address, .in_receive_phase = true, .failure = failure}});
}

static bool may_wait_on(struct kernel *k, struct cap cap)
{
    paddr bound = ntfn_at(k, cap_object(cap))->bound_tcb;
    return cap.notification.can_receive && (bound == 0 || bound == k->core.current);
}

void receive(struct kernel *k, struct receive how)
{
    struct tcb *receiver = current_tcb(k);
    cptr address = receiver->registers.r[SYSCALL_CAP];
    struct lookup lookup = lookup_slot(k, receiver, address);
    if (!lookup.slot) {
        receive_raise_missing(k, address, lookup.failure);
        return;
    }
    struct cap cap = lookup.slot->cap;
    if (cap_is(cap, CAP_ENDPOINT) && cap.endpoint.can_receive) {
        receive_from_endpoint(k, cap, how);
    } else if (cap_is(cap, CAP_NOTIFICATION) && may_wait_on(k, cap)) {
        ntfn_receive(k, receiver, cap, how.is_blocking ? NTFN_BLOCK : NTFN_POLL);
    } else {
        receive_raise_missing(k, address, (struct lookup_failure){.kind = seL4_MissingCapability});
    }
}
