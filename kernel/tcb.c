/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Threads: what starts, stops and schedules them. */
#include "kernel/tcb.h"

#include "kernel/endpoint.h"
#include "kernel/notification.h"
#include "kernel/sched.h"
#include "kernel/tcb_params.h"
#include "kernel/x86/x86.h"

/* The list of all threads, the youngest first. */

static void link_to_all(struct kernel *k, struct tcb *tcb)
{
    struct tcb *next = tcb_at(k, k->threads.first);
    tcb->all = (struct tcb_link){.next = k->threads.first};
    if (next) {
        next->all.previous = tcb_address(k, tcb);
    }
    k->threads.first = tcb_address(k, tcb);
}

static void unlink_from_all(struct kernel *k, struct tcb *tcb)
{
    struct tcb *previous = tcb_at(k, tcb->all.previous);
    struct tcb *next = tcb_at(k, tcb->all.next);
    if (previous) {
        previous->all.next = tcb->all.next;
    } else {
        k->threads.first = tcb->all.next;
    }
    if (next) {
        next->all.previous = tcb->all.previous;
    }
    tcb->all = (struct tcb_link){0};
}

static enum thread_wait wait_of(const struct tcb *tcb)
{
    switch ((enum thread_state)tcb->state) {
    case THREAD_INACTIVE:
        return WAIT_STOPPED;
    case THREAD_BLOCKED_ON_RECEIVE:
    case THREAD_BLOCKED_ON_NOTIFICATION:
        return WAIT_RECEIVE;
    case THREAD_BLOCKED_ON_SEND:
        return WAIT_SEND;
    case THREAD_BLOCKED_ON_REPLY:
        return WAIT_REPLY;
    default:
        return WAIT_NONE;
    }
}

static struct kernel_thread describe(struct kernel *k, struct tcb *tcb)
{
    struct kernel_thread thread = {.tcb = tcb_address(k, tcb),
                                   .name = tcb->name,
                                   .wait = wait_of(tcb),
                                   .registers = &tcb->registers,
                                   .priority = tcb->priority,
                                   .vspace = x86_vspace_of(k, tcb)};
    if (sched_is_blocked(tcb) && tcb->state != THREAD_BLOCKED_ON_REPLY) {
        thread.object = tcb->wait.object;
    }
    tcb_describe(k, tcb, &thread);
    return thread;
}

void kernel_each_thread(struct kernel *kernel,
                        bool (*visit)(void *context, const struct kernel_thread *thread),
                        void *context)
{
    for (struct tcb *tcb = tcb_at(kernel, kernel->threads.first); tcb;
         tcb = tcb_at(kernel, tcb->all.next)) {
        struct kernel_thread thread = describe(kernel, tcb);
        if (!visit(context, &thread)) {
            return;
        }
    }
}

void kernel_set_register(struct kernel *kernel, paddr address, enum x86_register which,
                         uint64_t value)
{
    struct tcb *tcb = tcb_at(kernel, address);
    tcb->registers.r[which] = x86_sanitise_register(which, value);
    if (which == X86_RIP) {
        tcb_restart_syscall(tcb);
    }
}

/* Life. */

static void append_to_name(struct tcb *tcb, const char *text)
{
    size_t length = 0;
    while (tcb->name[length]) {
        length++;
    }
    while (*text && length + 1 < TCB_NAME_BYTES) {
        tcb->name[length++] = *text++;
    }
    tcb->name[length] = '\0';
}

void tcb_create(struct kernel *k, struct tcb *tcb)
{
    const struct tcb *parent = current_tcb(k);
    tcb->registers.r[X86_RFLAGS] = x86_sanitise_register(X86_RFLAGS, 0);
    tcb->domain = (uint8_t)k->domain;
    tcb->time_slice = k->config.time_slice_ticks;
    if (k->config.debug_build) {
        append_to_name(tcb, "child of: '");
        append_to_name(tcb, parent ? parent->name : "");
        append_to_name(tcb, "'");
    }
    link_to_all(k, tcb);
}

void tcb_suspend(struct kernel *k, struct tcb *tcb)
{
    ep_cancel(k, tcb);
    if (tcb->state == THREAD_RUNNING) {
        /* It has left its last instruction behind. */
        tcb->registers.r[X86_RIP] = tcb->next_rip;
    }
    sched_remove(k, tcb);
    sched_set_state(k, tcb, THREAD_INACTIVE);
}

void tcb_forget(struct kernel *k, struct tcb *tcb)
{
    unlink_from_all(k, tcb);
    k->port.release_thread(k->port.context, tcb_address(k, tcb));
}

/* Priorities. */

enum answer tcb_find_authority(struct call *call, const struct tcb **authority)
{
    struct cap cap = call->extra[0]->cap;
    if (!cap_is(cap, CAP_TCB)) {
        return answer_invalid_cap(call, 1, WHY("the authority, the first extra cap, is no TCB"));
    }
    *authority = tcb_at(call->k, cap_object(cap));
    return ANSWER_DONE;
}

enum answer tcb_check_priority(struct call *call, uint64_t priority, const struct tcb *authority)
{
    if (priority > authority->mcp) {
        return answer_range(
            call, 0, authority->mcp,
            WHY("priority %u is above the authority's MCP, %u", priority, authority->mcp));
    }
    return ANSWER_DONE;
}

enum answer tcb_check_mcp(struct call *call, uint64_t mcp, const struct tcb *authority)
{
    if (mcp > authority->mcp) {
        return answer_range(call, 0, authority->mcp,
                            WHY("MCP %u is above the authority's own, %u", mcp, authority->mcp));
    }
    return ANSWER_DONE;
}

static enum answer decode_set_priority(struct call *call, struct tcb *tcb)
{
    if (call->length < 1 || call->extra_count < 1) {
        return answer_truncated(call, 1, 1);
    }
    uint64_t priority = call->args[0];
    const struct tcb *authority;
    if (tcb_find_authority(call, &authority) != ANSWER_DONE ||
        tcb_check_priority(call, priority, authority) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    sched_set_priority(call->k, tcb, (uint8_t)priority);
    return ANSWER_DONE;
}

static enum answer decode_set_mcpriority(struct call *call, struct tcb *tcb)
{
    if (call->length < 1 || call->extra_count < 1) {
        return answer_truncated(call, 1, 1);
    }
    uint64_t mcp = call->args[0];
    const struct tcb *authority;
    if (tcb_find_authority(call, &authority) != ANSWER_DONE ||
        tcb_check_mcp(call, mcp, authority) != ANSWER_DONE) {
        return ANSWER_REFUSED;
    }
    sched_set_mcp(call->k, tcb, (uint8_t)mcp);
    return ANSWER_DONE;
}

/* Notifications. */

static enum answer decode_bind_notification(struct call *call, struct tcb *tcb)
{
    if (call->extra_count < 1) {
        return answer_truncated(call, 0, 1);
    }
    if (tcb->bound_notification) {
        return answer_illegal(call, WHY("%n has a bound notification", tcb_address(call->k, tcb)));
    }
    struct cap cap = call->extra[0]->cap;
    if (!cap_is(cap, CAP_NOTIFICATION)) {
        return answer_illegal(call, WHY("the extra cap is no notification"));
    }
    if (!cap.notification.can_receive) {
        return answer_illegal(call, WHY("the notification cap has no right to receive"));
    }
    struct notification *ntfn = ntfn_at(call->k, cap_object(cap));
    if (ntfn_first(ntfn)) {
        return answer_illegal(call, WHY("%n waits on the notification", ntfn_first(ntfn)));
    }
    if (ntfn->bound_tcb) {
        return answer_illegal(call, WHY("the notification is bound to %n", ntfn->bound_tcb));
    }
    ntfn_bind(call->k, ntfn, tcb);
    return ANSWER_DONE;
}

static enum answer decode_unbind_notification(struct call *call, struct tcb *tcb)
{
    struct notification *bound = ntfn_at(call->k, tcb->bound_notification);
    if (!bound) {
        return answer_illegal(call, WHY("%n has no bound notification", tcb_address(call->k, tcb)));
    }
    ntfn_unbind(call->k, bound);
    return ANSWER_DONE;
}

/* The rest. */

static enum answer decode_set_tls_base(struct call *call, struct tcb *tcb)
{
    if (call->length < 1) {
        return answer_truncated(call, 1, 0);
    }
    tcb->registers.r[X86_FS_BASE] = x86_sanitise_register(X86_FS_BASE, call->args[0]);
    if (tcb == call->caller) {
        sched_reschedule(call->k);
    }
    return ANSWER_DONE;
}

static enum answer decode_set_flags(struct call *call, struct tcb *tcb)
{
    if (call->length < 2) {
        return answer_truncated(call, 2, 0);
    }
    uint64_t clear = call->args[0];
    uint64_t set = call->args[1];
    tcb->flags = (tcb->flags & ~clear) | (set & TCB_FLAG_FPU_DISABLED);
    call_result(call, tcb->flags);
    return ANSWER_DONE;
}

enum answer decode_tcb(struct call *call)
{
    struct tcb *tcb = tcb_at(call->k, cap_object(call->cap));
    switch (call->label) {
    case TCBReadRegisters:
        return decode_tcb_read_registers(call, tcb);
    case TCBWriteRegisters:
        return decode_tcb_write_registers(call, tcb);
    case TCBCopyRegisters:
        return decode_tcb_copy_registers(call, tcb);
    case TCBSuspend:
        tcb_suspend(call->k, tcb);
        return ANSWER_DONE;
    case TCBResume:
        tcb_restart(call->k, tcb);
        return ANSWER_DONE;
    case TCBSetPriority:
        return decode_set_priority(call, tcb);
    case TCBSetMCPriority:
        return decode_set_mcpriority(call, tcb);
    case TCBSetIPCBuffer:
        return decode_tcb_set_ipc_buffer(call, tcb);
    case TCBBindNotification:
        return decode_bind_notification(call, tcb);
    case TCBUnbindNotification:
        return decode_unbind_notification(call, tcb);
    case TCBSetBreakpoint:
        return decode_tcb_set_breakpoint(call, tcb);
    case TCBGetBreakpoint:
        return decode_tcb_get_breakpoint(call, tcb);
    case TCBUnsetBreakpoint:
        return decode_tcb_unset_breakpoint(call, tcb);
    case TCBConfigureSingleStepping:
        return decode_tcb_configure_single_stepping(call, tcb);
    case TCBSetTLSBase:
        return decode_set_tls_base(call, tcb);
    case TCBSetFlags:
        return decode_set_flags(call, tcb);
    default:
        return decode_tcb_own(call, tcb);
    }
}
