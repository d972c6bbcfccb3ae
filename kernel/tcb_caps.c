/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Threads: the caps that they hold, for CSpace, VSpace, IPC buffer and handlers. */
#include "kernel/cdt.h"
#include "kernel/cnode.h"
#include "kernel/message.h"
#include "kernel/object.h"
#include "kernel/sched.h"
#include "kernel/tcb.h"
#include "kernel/x86/x86.h"

/* A cap that is to go into a slot of the TCB, and where it comes from. */
struct install {
    struct cap cap;
    struct slot *source; /* NULL: the slot is to be empty */
};

/* Finding out what to install. */

static enum answer derive(struct call *call, struct install *install)
{
    struct derived derived = object_derive(call->k, install->source, install->cap);
    install->cap = derived.cap;
    switch (derived.error) {
    case seL4_NoError:
        return ANSWER_DONE;
    case seL4_RevokeFirst:
        return answer_revoke_first(call, WHY("the untyped has children and cannot be copied"));
    default:
        return answer_illegal(call, WHY("the cap cannot be copied: its object is not mapped"));
    }
}

/* The cap in `source` as a root, with new data unless that is 0: the guard of a CNode. */
static enum answer find_root(struct call *call, struct slot *source, uint64_t data,
                             struct install *install)
{
    *install = (struct install){.cap = source->cap, .source = source};
    if (data != 0) {
        install->cap = object_set_badge(install->cap, data, BADGE_NEW);
    }
    return derive(call, install);
}

/* CSpace and VSpace. */
struct space {
    struct install cspace;
    struct install vspace;
};

/* Deleting this cap destroys a CNode, and is done in steps. */
static bool takes_long_to_delete(struct kernel *k, const struct slot *slot)
{
    switch (cap_type(slot->cap)) {
    case CAP_TCB:
    case CAP_ZOMBIE:
    case CAP_CNODE:
        return cdt_is_final(k, slot);
    default:
        return false;
    }
}

static enum answer find_space(struct call *call, const struct tcb *tcb, struct slot *cspace,
                              struct slot *vspace, struct space *space)
{
    if (takes_long_to_delete(call->k, &tcb->slots[TCB_CSPACE]) ||
        takes_long_to_delete(call->k, &tcb->slots[TCB_VSPACE])) {
        return answer_illegal(call, WHY("%n holds the last cap to its CSpace or VSpace, or that is "
                                        "being deleted",
                                        tcb_address(call->k, tcb)));
    }
    if (find_root(call, cspace, call->args[0], &space->cspace) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    if (!cap_is(space->cspace.cap, CAP_CNODE)) {
        return answer_illegal(call,
                              WHY("the CSpace cap is no CNode, or has no room for the guard"));
    }
    if (find_root(call, vspace, call->args[1], &space->vspace) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    if (!x86_is_vspace_root(space->vspace.cap)) {
        return answer_illegal(call, WHY("the VSpace cap is no PML4 that has an ASID"));
    }
    return ANSWER_DONE;
}

static enum answer find_ipc_buffer(struct call *call, struct slot *source, uint64_t address,
                                   struct install *buffer)
{
    *buffer = (struct install){0};
    if (address == 0) {
        return ANSWER_DONE;
    }
    *buffer = (struct install){.cap = source->cap, .source = source};
    if (derive(call, buffer) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    if (!x86_ipc_buffer_frame_ok(buffer->cap)) {
        return answer_illegal(call, WHY("the IPC buffer cap is no frame of RAM"));
    }
    if (!x86_ipc_buffer_address_ok(address)) {
        return answer_alignment(
            call, WHY("the IPC buffer's address %x is no multiple of 1 KiB", address));
    }
    return ANSWER_DONE;
}

bool tcb_is_handler(struct cap cap)
{
    return cap_is_null(cap) || (cap_is(cap, CAP_ENDPOINT) && cap.endpoint.can_send &&
                                (cap.endpoint.can_grant || cap.endpoint.can_grant_reply));
}

static struct why why_no_handler(void)
{
    return WHY("the handler is no endpoint cap with Write and Grant or GrantReply");
}

/* Installing. */

/* Deleting the old cap takes no other along: it is never the last to a CNode (find_space). */
static enum answer perform_install(struct call *call, struct slot *target, struct install install)
{
    enum answer answer = cnode_delete(call->k, target);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    if (install.source && !cap_is_null(install.cap)) {
        cdt_insert(call->k, install.cap, install.source, target);
    }
    return ANSWER_DONE;
}

enum answer tcb_install_handler(struct call *call, struct tcb *tcb, enum tcb_slot slot,
                                struct slot *source)
{
    return perform_install(call, &tcb->slots[slot],
                           (struct install){.cap = source->cap, .source = source});
}

static enum answer perform_set_space(struct call *call, struct tcb *tcb, const struct space *space)
{
    enum answer answer = perform_install(call, &tcb->slots[TCB_CSPACE], space->cspace);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    return perform_install(call, &tcb->slots[TCB_VSPACE], space->vspace);
}

static enum answer perform_set_ipc_buffer(struct call *call, struct tcb *tcb, uint64_t address,
                                          struct install buffer)
{
    enum answer answer = perform_install(call, &tcb->slots[TCB_IPC_BUFFER], buffer);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    tcb->ipc_buffer = address;
    message_announce_buffer(call->k, tcb);
    if (tcb == call->caller) {
        sched_reschedule(call->k);
    }
    return ANSWER_DONE;
}

/* The invocations. */

enum answer decode_tcb_configure(struct call *call, struct tcb *tcb)
{
    if (call->length < 3 || call->extra_count < 3) {
        return answer_truncated(call, 3, 3);
    }
    uint64_t address = call->args[2];
    struct install buffer;
    struct space space;
    if (find_ipc_buffer(call, call->extra[2], address, &buffer) != ANSWER_DONE ||
        find_space(call, tcb, call->extra[0], call->extra[1], &space) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    enum answer answer = perform_set_space(call, tcb, &space);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    return perform_set_ipc_buffer(call, tcb, address, buffer);
}

enum answer decode_tcb_set_space(struct call *call, struct tcb *tcb)
{
    if (call->length < 2 || call->extra_count < 3) {
        return answer_truncated(call, 2, 3);
    }
    struct slot *handler = call->extra[0];
    struct space space;
    if (find_space(call, tcb, call->extra[1], call->extra[2], &space) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    if (!tcb_is_handler(handler->cap)) {
        return answer_invalid_cap(call, 1, why_no_handler());
    }
    enum answer answer = tcb_install_handler(call, tcb, TCB_FAULT_HANDLER, handler);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    return perform_set_space(call, tcb, &space);
}

enum answer decode_tcb_set_ipc_buffer(struct call *call, struct tcb *tcb)
{
    if (call->length < 1 || call->extra_count < 1) {
        return answer_truncated(call, 1, 1);
    }
    uint64_t address = call->args[0];
    struct install buffer;
    if (find_ipc_buffer(call, call->extra[0], address, &buffer) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    return perform_set_ipc_buffer(call, tcb, address, buffer);
}

enum answer decode_tcb_set_timeout_endpoint(struct call *call, struct tcb *tcb)
{
    if (call->extra_count < 1) {
        return answer_truncated(call, 0, 1);
    }
    struct slot *handler = call->extra[0];
    if (!tcb_is_handler(handler->cap)) {
        return answer_invalid_cap(call, 1, why_no_handler());
    }
    return tcb_install_handler(call, tcb, TCB_TIMEOUT_HANDLER, handler);
}
