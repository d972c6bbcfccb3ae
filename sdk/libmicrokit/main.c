/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A PD's event loop: receives, calls the entry point that is meant, and replies.
 *
 * The badge of what comes says what it is:
 *
 *    63            62            61                       0
 *   | protected 1 | fault 1 |  channels that were notified  |
 *
 * With the first bit set, the lowest six say which channel; with the second, the lowest eight say
 * which child.
 */

#include <microkit.h>

#include <stdbool.h>
#include <stddef.h>

/* The tool puts these two caps here, and the IPC buffer into the last page of the VSpace. */
#define INPUT_CAP  1
#define REPLY_CAP  4
#define IPC_BUFFER (seL4_UserVSpaceTop & ~(LIBSEL4_BIT(seL4_PageBits) - 1))

#define BADGE_PROTECTED    (1ul << 63)
#define BADGE_FAULT        (1ul << 62)
#define BADGE_CHANNEL_MASK 0x3f
#define BADGE_CHILD_MASK   0xff

/* The tool sets these in the image, so they are not static, and no code here writes them. */
bool microkit_passive;
char microkit_name[MICROKIT_PD_NAME_LENGTH];
seL4_Word microkit_irqs;
seL4_Word microkit_notifications;
seL4_Word microkit_pps;
seL4_Word microkit_ioports;

seL4_Bool microkit_have_signal;
seL4_CPtr microkit_signal_cap;
seL4_MessageInfo_t microkit_signal_msg;

seL4_IPCBuffer *__sel4_ipc_buffer = (seL4_IPCBuffer *)IPC_BUFFER;

#ifdef CONFIG_VTX
struct microkit_x86_vcpu_state microkit_x86_vcpu_state;
#endif

/* From microkit.ld. */
extern void (*const __init_array_start[])(void);
extern void (*const __init_array_end[])(void);

static void crash_for_missing(const char *entry_point)
{
    microkit_dbg_puts(microkit_name);
    microkit_dbg_puts(" is missing the '");
    microkit_dbg_puts(entry_point);
    microkit_dbg_puts("' entry point\n");
    microkit_internal_crash(seL4_NoError);
}

__attribute__((weak)) microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    (void)ch;
    (void)msginfo;
    crash_for_missing("protected");
    return seL4_MessageInfo_new(0, 0, 0, 0);
}

__attribute__((weak)) seL4_Bool fault(microkit_child child, microkit_msginfo msginfo,
                                      microkit_msginfo *reply_msginfo)
{
    (void)child;
    (void)msginfo;
    (void)reply_msginfo;
    crash_for_missing("fault");
    return seL4_False;
}

static void run_constructors(void)
{
    size_t count = (size_t)(__init_array_end - __init_array_start);
    for (size_t i = 0; i < count; i++) {
        __init_array_start[i]();
    }
}

/* A kernel may have seen an interrupt before its handler was there: seL4 issue 1536. */
static void acknowledge_all_irqs(void)
{
    for (microkit_channel ch = 0; ch <= MICROKIT_MAX_CHANNEL_ID; ch++) {
        if ((microkit_irqs >> ch & 1) != 0) {
            microkit_irq_ack(ch);
        }
    }
}

static void send_deferred(void)
{
    if (microkit_have_signal) {
        seL4_Send(microkit_signal_cap, microkit_signal_msg);
        microkit_have_signal = seL4_False;
    }
}

#ifdef CONFIG_VTX
/* Runs the guest until it faults or something comes in. A fault is told as if a child had it. */
static seL4_MessageInfo_t run_guest(seL4_Word *badge)
{
    struct microkit_x86_vcpu_state *vcpu = &microkit_x86_vcpu_state;
    seL4_Word is_fault, reason = 0;

    send_deferred();
    x64_sys_send_recv(seL4_SysVMEnter, 0, badge, 0, &is_fault, &vcpu->rip, &vcpu->prim_proc_ctl,
                      &vcpu->irq_info, &reason, 0);
    microkit_mr_set(SEL4_VMENTER_CALL_EIP_MR, vcpu->rip);
    microkit_mr_set(SEL4_VMENTER_CALL_CONTROL_PPC_MR, vcpu->prim_proc_ctl);
    microkit_mr_set(SEL4_VMENTER_CALL_INTERRUPT_INFO_MR, vcpu->irq_info);
    if (!is_fault) {
        return seL4_MessageInfo_new(0, 0, 0, 0);
    }
    microkit_mr_set(SEL4_VMENTER_FAULT_REASON_MR, reason);
    *badge |= BADGE_FAULT;
    return seL4_MessageInfo_new(0, 0, 0, SEL4_VMENTER_NUM_FAULT_MSGS);
}
#endif

/* Sends *reply if there is one, and waits for what comes next. */
static seL4_MessageInfo_t receive(const seL4_MessageInfo_t *reply, seL4_Word *badge)
{
#ifdef CONFIG_VTX
    if (microkit_x86_vcpu_state.is_on) {
        return run_guest(badge);
    }
#endif
    if (reply != NULL) {
        send_deferred();
        return seL4_ReplyRecv(INPUT_CAP, *reply, badge, REPLY_CAP);
    }
    if (microkit_have_signal) {
        microkit_have_signal = seL4_False;
        return seL4_NBSendRecv(microkit_signal_cap, microkit_signal_msg, INPUT_CAP, badge,
                               REPLY_CAP);
    }
    return seL4_Recv(INPUT_CAP, badge, REPLY_CAP);
}

static void deliver_notifications(seL4_Word channels)
{
    for (microkit_channel ch = 0; channels != 0; ch++) {
        if ((channels & 1) != 0) {
            notified(ch);
        }
        channels >>= 1;
    }
}

/* Answers whether the child's fault is to be replied to. */
static bool deliver_fault(microkit_child child, seL4_MessageInfo_t info, seL4_MessageInfo_t *reply)
{
    bool resume = fault(child, info, reply);
#ifdef CONFIG_VTX
    /* It was the guest's: nobody waits for a reply, and a guest not resumed stays off. */
    if (!resume) {
        microkit_vcpu_x86_off();
    }
    return false;
#else
    return resume;
#endif
}

static void handle_events(void)
{
    seL4_MessageInfo_t reply = seL4_MessageInfo_new(0, 0, 0, 0);
    bool have_reply = false;

    for (;;) {
        seL4_Word badge;
        seL4_MessageInfo_t info = receive(have_reply ? &reply : NULL, &badge);

        have_reply = false;
        if ((badge & BADGE_FAULT) != 0) {
            have_reply = deliver_fault(badge & BADGE_CHILD_MASK, info, &reply);
        } else if ((badge & BADGE_PROTECTED) != 0) {
            reply = protected(badge & BADGE_CHANNEL_MASK, info);
            have_reply = true;
        } else {
            deliver_notifications(badge);
        }
    }
}

/* Called by crt0.S. */
void main(void);

void main(void)
{
    run_constructors();
    init();

    /* A passive PD is done with its own time now. The monitor takes it back when it hears this,
     * which it does when we wait, so that we never run on it again. */
    if (microkit_passive) {
        microkit_have_signal = seL4_True;
        microkit_signal_msg = seL4_MessageInfo_new(0, 0, 0, 0);
        microkit_signal_cap = MONITOR_EP;
    }

    acknowledge_all_irqs();
    handle_events();
}
