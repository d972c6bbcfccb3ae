/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Who handles faults in the MCS kernel: endpoint caps that the TCB holds. And timeouts. */
#include "kernel/mcs/fault.h"

#include "kernel/endpoint.h"
#include "kernel/mcs/sched_context.h"
#include "kernel/tcb.h"

unsigned fault_label(enum fault_kind kind)
{
    static const uint8_t labels[] = {
        [NO_FAULT] = FAULT_NULL,
        [CAP_FAULT] = FAULT_CAP,
        [UNKNOWN_SYSCALL] = FAULT_UNKNOWN_SYSCALL,
        [USER_EXCEPTION] = FAULT_USER_EXCEPTION,
        [DEBUG_EXCEPTION] = FAULT_DEBUG_EXCEPTION,
        [TIMEOUT_FAULT] = FAULT_TIMEOUT_MCS,
        [VM_FAULT] = FAULT_VM_MCS,
    };
    return labels[kind];
}

/* Faults are calls that the kernel makes in the faulter's name. */
static void send_fault(struct kernel *k, struct tcb *tcb, struct cap handler, bool can_donate)
{
    ep_send(k, ep_at(k, cap_object(handler)), tcb,
            (struct ep_send){.is_blocking = true,
                             .can_grant = handler.endpoint.can_grant,
                             .can_grant_reply = handler.endpoint.can_grant_reply,
                             .can_donate = can_donate,
                             .badge = handler.endpoint.badge});
}

void fault_raise(struct kernel *k, struct tcb *tcb, struct fault fault)
{
    struct cap handler = tcb_cap(tcb, TCB_FAULT_HANDLER);
    bool handled = cap_is(handler, CAP_ENDPOINT);
    fault_report(k, tcb, &fault, handled);
    tcb->fault = fault;
    if (handled) {
        send_fault(k, tcb, handler, tcb->sc != 0);
    } else {
        fault_stop(k, tcb, &fault, WHY("it has no fault handler"));
    }
}

bool fault_wants_timeout(const struct tcb *tcb)
{
    return cap_is(tcb_cap(tcb, TCB_TIMEOUT_HANDLER), CAP_ENDPOINT);
}

void fault_timeout(struct kernel *k, struct tcb *tcb)
{
    ASSERT(fault_wants_timeout(tcb));
    tcb->fault =
        (struct fault){.kind = TIMEOUT_FAULT, .timeout = {.badge = sc_at(k, tcb->sc)->badge}};
    /* Who ran out of time has none to lend. */
    send_fault(k, tcb, tcb_cap(tcb, TCB_TIMEOUT_HANDLER), false);
}

static unsigned timeout_words(struct kernel *k, const struct tcb *faulter, struct tcb *receiver,
                              struct abi_ipc_buffer *buffer)
{
    struct sched_context *sc = sc_at(k, faulter->sc);
    unsigned length = message_set(receiver, buffer, 0, faulter->fault.timeout.badge);
    return sc ? message_set(receiver, buffer, 1, sc_take_consumed_us(k, sc)) : length;
}

unsigned fault_message(struct kernel *k, struct tcb *faulter, struct tcb *receiver,
                       struct abi_ipc_buffer *buffer, uint64_t *label)
{
    *label = fault_label((enum fault_kind)faulter->fault.kind);
    return faulter->fault.kind == TIMEOUT_FAULT ? timeout_words(k, faulter, receiver, buffer)
                                                : fault_words(faulter, receiver, buffer);
}
