/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* From a system call that names a cap to the object's decode function, and the answer back. */
#include "kernel/invoke.h"

#include "abi/message.h"
#include "kernel/cnode.h"
#include "kernel/domain.h"
#include "kernel/endpoint.h"
#include "kernel/fault.h"
#include "kernel/irq.h"
#include "kernel/lookup.h"
#include "kernel/message.h"
#include "kernel/notification.h"
#include "kernel/say.h"
#include "kernel/sched.h"
#include "kernel/tcb.h"
#include "kernel/untyped.h"
#include "kernel/x86/x86.h"

static enum answer perform_send(struct call *call)
{
    struct cap cap = call->cap;
    ep_send(call->k, ep_at(call->k, cap_object(cap)), call->caller,
            (struct ep_send){.is_blocking = call->is_blocking,
                             .is_call = call->is_call,
                             .can_grant = cap.endpoint.can_grant,
                             .can_grant_reply = cap.endpoint.can_grant_reply,
                             .can_donate = call->can_donate,
                             .badge = cap.endpoint.badge});
    return ANSWER_DONE;
}

static enum answer perform_signal(struct call *call)
{
    struct cap cap = call->cap;
    ntfn_signal(call->k, ntfn_at(call->k, cap_object(cap)), cap.notification.badge);
    return ANSWER_DONE;
}

static enum answer answer_no_send_right(struct call *call)
{
    return answer_invalid_cap(call, 0, WHY("this cap has no right to send"));
}

enum answer invoke_decode_shared(struct call *call)
{
    struct cap cap = call->cap;
    switch (cap_type(cap)) {
    case CAP_NULL:
        return answer_invalid_cap(call, 0, WHY("there is no cap in the slot"));
    case CAP_ZOMBIE:
        return answer_invalid_cap(call, 0, WHY("the object is being deleted"));
    case CAP_ENDPOINT:
        return cap.endpoint.can_send ? perform_send(call) : answer_no_send_right(call);
    case CAP_NOTIFICATION:
        return cap.notification.can_send ? perform_signal(call) : answer_no_send_right(call);
    case CAP_TCB:
        return decode_tcb(call);
    case CAP_DOMAIN:
        return decode_domain(call);
    case CAP_CNODE:
        return decode_cnode(call);
    case CAP_UNTYPED:
        return decode_untyped(call);
    case CAP_IRQ_CONTROL:
        return decode_irq_control(call);
    case CAP_IRQ_HANDLER:
        return decode_irq_handler(call);
    default:
        return decode_x86(call);
    }
}

static void copy_message(struct call *call, const struct abi_ipc_buffer *buffer, unsigned length)
{
    if (!buffer && length > MESSAGE_REGISTERS) {
        length = MESSAGE_REGISTERS;
    }
    call->length = length;
    for (unsigned i = 0; i < length && i < CALL_ARGS_MAX; i++) {
        call->args[i] = message_get(call->caller, buffer, i);
    }
}

/* The answer of the kernel itself, as the next message of the caller. */
static void reply(struct call *call, uint64_t label, const uint64_t *words, unsigned count)
{
    struct tcb *caller = call->caller;
    struct abi_ipc_buffer *buffer = message_buffer(call->k, caller, BUFFER_WRITE);
    unsigned length = 0;
    for (unsigned i = 0; i < count; i++) {
        length = message_set(caller, buffer, i, words[i]);
    }
    caller->registers.r[SYSCALL_CAP] = 0;
    caller->registers.r[SYSCALL_INFO] =
        message_info_word((struct message_info){.label = label, .length = length});
}

static enum answer finish(struct call *call, enum answer answer)
{
    struct tcb *caller = call->caller;
    if (answer == ANSWER_PREEMPTED) {
        return answer;
    }
    if (answer == ANSWER_REFUSED) {
        if (call->is_call) {
            reply(call, call->error, call->error_words, call->error_word_count);
        }
        sched_set_state(call->k, caller, THREAD_RUNNING);
        return ANSWER_DONE;
    }
    /* In any other state the caller waits, or was stopped by its own call. */
    if (caller->state == THREAD_RESTART) {
        if (call->is_call) {
            reply(call, seL4_NoError, call->results, call->result_count);
        }
        sched_set_state(call->k, caller, THREAD_RUNNING);
    }
    return ANSWER_DONE;
}

static enum invocation label_of_number(const struct kernel *k, uint64_t number)
{
    return number < k->label_count ? k->invocation_of_label[number] : InvalidInvocation;
}

/* A cap that the call needs is not there. Who does not wait for an answer is not stopped either. */
static enum answer raise_missing(struct call *call, cptr address, struct lookup_failure failure)
{
    if (call->is_blocking) {
        fault_raise(
            call->k, call->caller,
            (struct fault){.kind = CAP_FAULT, .cap = {.address = address, .failure = failure}});
    } else {
        say_why(call->k, WHY("a message of %n is dropped: cap %x cannot be looked up",
                             tcb_address(call->k, call->caller), address));
    }
    return ANSWER_DONE;
}

enum answer invoke(struct kernel *k, struct send send)
{
    struct tcb *caller = current_tcb(k);
    struct message_info info = message_info_read(caller->registers.r[SYSCALL_INFO]);
    struct call call = {.k = k,
                        .caller = caller,
                        .label = label_of_number(k, info.label),
                        .label_number = info.label,
                        .cptr = send.destination,
                        .is_call = send.is_call,
                        .is_blocking = send.is_blocking,
                        .can_donate = send.can_donate,
                        .is_first_phase = send.is_first_phase};

    struct lookup lookup = lookup_slot(k, caller, send.destination);
    if (!lookup.slot) {
        return raise_missing(&call, send.destination, lookup.failure);
    }
    call.slot = lookup.slot;
    call.cap = lookup.slot->cap;

    const struct abi_ipc_buffer *buffer = message_buffer(k, caller, BUFFER_READ);
    struct message_caps caps = message_find_caps(k, caller, buffer, info);
    if (caps.failure.kind != seL4_NoFailure) {
        return raise_missing(&call, caps.missing, caps.failure);
    }
    for (unsigned i = 0; i < caps.count; i++) {
        call.extra[call.extra_count++] = caps.slots[i];
    }
    copy_message(&call, buffer, info.length);

    /* Until it is done: who is preempted in the midst of the call executes it again. */
    sched_set_state(k, caller, THREAD_RESTART);
    return finish(&call, invoke_decode(&call));
}
