/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Threads: the caps that they hold, for CSpace, VSpace and IPC buffer. */
#include "kernel/tcb_params.h"

#include "kernel/cdt.h"
#include "kernel/cnode.h"
#include "kernel/message.h"
#include "kernel/object.h"
#include "kernel/sched.h"
#include "kernel/tcb.h"
#include "kernel/x86/x86.h"

/* Finding out what to install. */

static enum answer derive(struct call *call, struct tcb_install *install)
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
                             struct tcb_install *install)
{
    *install = (struct tcb_install){.cap = source->cap, .source = source};
    if (data != 0) {
        install->cap = object_set_badge(install->cap, data, BADGE_NEW);
    }
    return derive(call, install);
}

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

enum answer tcb_find_space(struct call *call, const struct tcb *tcb, struct slot *cspace,
                           struct slot *vspace, unsigned data, struct tcb_space *space)
{
    if (takes_long_to_delete(call->k, &tcb->slots[TCB_CSPACE]) ||
        takes_long_to_delete(call->k, &tcb->slots[TCB_VSPACE])) {
        return answer_illegal(call, WHY("%n holds the last cap to its CSpace or VSpace, or that is "
                                        "being deleted",
                                        tcb_address(call->k, tcb)));
    }
    if (find_root(call, cspace, call->args[data], &space->cspace) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    if (!cap_is(space->cspace.cap, CAP_CNODE)) {
        return answer_illegal(call,
                              WHY("the CSpace cap is no CNode, or has no room for the guard"));
    }
    if (find_root(call, vspace, call->args[data + 1], &space->vspace) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    if (!x86_is_vspace_root(space->vspace.cap)) {
        return answer_illegal(call, WHY("the VSpace cap is no PML4 that has an ASID"));
    }
    return ANSWER_DONE;
}

enum answer tcb_find_ipc_buffer(struct call *call, struct slot *source, uint64_t address,
                                struct tcb_install *buffer)
{
    *buffer = (struct tcb_install){0};
    if (address == 0) {
        return ANSWER_DONE;
    }
    *buffer = (struct tcb_install){.cap = source->cap, .source = source};
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

/* Installing. */

/* Deleting the old cap takes no other along: it is never the last to a CNode (tcb_find_space). */
enum answer tcb_install(struct call *call, struct slot *target, struct tcb_install install)
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

enum answer tcb_set_space(struct call *call, struct tcb *tcb, const struct tcb_space *space)
{
    enum answer answer = tcb_install(call, &tcb->slots[TCB_CSPACE], space->cspace);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    return tcb_install(call, &tcb->slots[TCB_VSPACE], space->vspace);
}

enum answer tcb_set_ipc_buffer(struct call *call, struct tcb *tcb, uint64_t address,
                               struct tcb_install buffer)
{
    enum answer answer = tcb_install(call, &tcb->slots[TCB_IPC_BUFFER], buffer);
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

enum answer decode_tcb_set_ipc_buffer(struct call *call, struct tcb *tcb)
{
    if (call->length < 1 || call->extra_count < 1) {
        return answer_truncated(call, 1, 1);
    }
    uint64_t address = call->args[0];
    struct tcb_install buffer;
    if (tcb_find_ipc_buffer(call, call->extra[0], address, &buffer) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    return tcb_set_ipc_buffer(call, tcb, address, buffer);
}
