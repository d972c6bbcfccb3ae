/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Who handles faults in the classic kernel: what the thread's own CSpace has at an address. */
#include "kernel/fault.h"

#include "kernel/endpoint.h"
#include "kernel/lookup.h"
#include "kernel/tcb.h"

unsigned fault_label(enum fault_kind kind)
{
    static const uint8_t labels[] = {
        [NO_FAULT] = FAULT_NULL,
        [CAP_FAULT] = FAULT_CAP,
        [UNKNOWN_SYSCALL] = FAULT_UNKNOWN_SYSCALL,
        [USER_EXCEPTION] = FAULT_USER_EXCEPTION,
        [DEBUG_EXCEPTION] = FAULT_DEBUG_EXCEPTION,
        [VM_FAULT] = FAULT_VM_CLASSIC,
    };
    return labels[kind];
}

static bool is_handler(struct cap cap)
{
    return cap_is(cap, CAP_ENDPOINT) && cap.endpoint.can_send &&
           (cap.endpoint.can_grant || cap.endpoint.can_grant_reply);
}

/* Faults are calls that the kernel makes in the faulter's name, and always can be answered. */
static void send_fault(struct kernel *k, struct tcb *tcb, struct cap handler)
{
    ep_send(k, ep_at(k, cap_object(handler)), tcb,
            (struct ep_send){.is_blocking = true,
                             .is_call = true,
                             .can_grant = handler.endpoint.can_grant,
                             .can_grant_reply = true,
                             .badge = handler.endpoint.badge});
}

static struct why why_unhandled(const struct tcb *tcb)
{
    return tcb->fault_handler == 0
               ? WHY("it has no fault handler")
               : WHY("its fault handler, cap %x, is no endpoint cap with Write and Grant or "
                     "GrantReply",
                     tcb->fault_handler);
}

/* Not to be told of one's fault is a fault too, and the end: tcb->fault stays what it was. */
void fault_raise(struct kernel *k, struct tcb *tcb, struct fault fault)
{
    struct lookup lookup = lookup_slot(k, tcb, tcb->fault_handler);
    struct cap handler = lookup.slot ? lookup.slot->cap : cap_null();
    bool handled = is_handler(handler);
    fault_report(k, tcb, &fault, handled);
    if (handled) {
        tcb->fault = fault;
        send_fault(k, tcb, handler);
    } else {
        fault_stop(k, tcb, &fault, why_unhandled(tcb));
        tcb->is_stopped_by_fault = true;
    }
}

unsigned fault_message(struct kernel *k, struct tcb *faulter, struct tcb *receiver,
                       struct abi_ipc_buffer *buffer, uint64_t *label)
{
    (void)k;
    *label = fault_label((enum fault_kind)faulter->fault.kind);
    return fault_words(faulter, receiver, buffer);
}
