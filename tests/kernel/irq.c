/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Interrupts: handler caps, their notifications, and masking until they are acknowledged. */
#include "tests/kernel/fixture_ipc.h"

#include "kernel/irq.h"

#define CONTROL    seL4_CapIRQControl
#define ROOT       seL4_CapInitThreadCNode
#define ROOT_TCB   seL4_CapInitThreadTCB
#define VECTOR     5
#define IRQ        (16 + VECTOR) /* users' interrupts begin above the legacy ones */
#define BADGE      0x40
#define ROOT_DEPTH 64

static cptr make_ioapic_handler(struct fixture *f)
{
    cptr slot = fixture_slots(f, 1);
    EXPECT_EQ(seL4_NoError, CALL(f, CONTROL, X86IRQIssueIRQHandlerIOAPIC,
                                 ARGS(slot, ROOT_DEPTH, 0, 3, 1, 1, VECTOR), CAPS(ROOT))
                                .error);
    return slot;
}

static cptr make_msi_handler(struct fixture *f)
{
    cptr slot = fixture_slots(f, 1);
    EXPECT_EQ(seL4_NoError, CALL(f, CONTROL, X86IRQIssueIRQHandlerMSI,
                                 ARGS(slot, ROOT_DEPTH, 0, 0, 0, 0, VECTOR), CAPS(ROOT))
                                .error);
    return slot;
}

/* A badged cap to a new notification. */
static cptr make_badged(struct fixture *f)
{
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    return fixture_mint(f, ntfn, RIGHT_READ | RIGHT_WRITE, BADGE);
}

static cptr set_notification(struct fixture *f, cptr handler)
{
    cptr badged = make_badged(f);
    EXPECT_EQ(seL4_NoError, CALL(f, handler, IRQSetIRQHandler, CAPS(badged)).error);
    return badged;
}

static void raise(struct fixture *f, int irq)
{
    f->pending_irq = irq;
    fixture_interrupt(f);
}

TEST(an_interrupt_signals_its_notification_and_is_masked_until_acknowledged)
{
    struct fixture *f = fixture_new("sel4test");
    cptr handler = make_ioapic_handler(f);
    cptr ntfn = set_notification(f, handler);
    EXPECT_FALSE(f->irq_masked[IRQ]);

    raise(f, IRQ);
    EXPECT_EQ(NOTIFICATION_ACTIVE, fixture_notification(f, ntfn)->state);
    EXPECT_EQ(BADGE, fixture_notification(f, ntfn)->badge);
    EXPECT_TRUE(f->irq_masked[IRQ]);

    EXPECT_EQ(seL4_NoError, CALL(f, handler, IRQAckIRQ, .length = 0).error);
    EXPECT_FALSE(f->irq_masked[IRQ]);
    fixture_free(f);
}

TEST(a_message_signalled_interrupt_is_never_masked)
{
    struct fixture *f = fixture_new("sel4test");
    cptr handler = make_msi_handler(f);
    cptr ntfn = set_notification(f, handler);

    raise(f, IRQ);

    EXPECT_EQ(NOTIFICATION_ACTIVE, fixture_notification(f, ntfn)->state);
    EXPECT_FALSE(f->irq_masked[IRQ]);
    fixture_free(f);
}

TEST(an_interrupt_wakes_a_waiting_thread_at_once)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ntfn = set_notification(f, make_ioapic_handler(f));
    struct tcb *root = fixture_current(f);
    fixture_wait(f, ntfn);
    EXPECT_EQ(NEXT_IDLE, f->next.kind);

    raise(f, IRQ);

    EXPECT_EQ(root, fixture_current(f));
    EXPECT_EQ(BADGE, *fixture_register(f, SYSCALL_CAP));
    fixture_free(f);
}

TEST(an_interrupt_without_a_notification_is_masked_and_told_to_a_person)
{
    struct fixture *f = fixture_new("sel4test");
    make_ioapic_handler(f);

    raise(f, IRQ);

    EXPECT_TRUE(f->irq_masked[IRQ]);
    EXPECT_STR("Undelivered IRQ: 21", f->report);
    fixture_free(f);
}

TEST(an_interrupt_that_nobody_asked_for_is_dropped)
{
    struct fixture *f = fixture_new("sel4test");
    struct tcb *root = fixture_current(f);

    raise(f, IRQ);

    EXPECT_EQ(root, fixture_current(f));
    EXPECT_STR("Received disabled IRQ: 21", f->report);
    fixture_free(f);
}

TEST(an_interrupt_that_was_none_is_silent)
{
    struct fixture *f = fixture_new("sel4test");

    raise(f, -1);
    raise(f, IRQ_COUNT);

    EXPECT_EQ(0, f->report_count);
    fixture_free(f);
}

TEST(a_notification_cap_without_the_right_to_send_is_refused)
{
    struct fixture *f = fixture_new("sel4test");
    cptr handler = make_ioapic_handler(f);
    cptr ntfn = fixture_mint(f, fixture_make(f, seL4_NotificationObject, 0), RIGHT_READ, 0);

    struct result result = CALL(f, handler, IRQSetIRQHandler, CAPS(ntfn));

    EXPECT_EQ(seL4_InvalidCapability, result.error);
    EXPECT_EQ(0, result.words[0]);
    EXPECT_EQ(CAP_NULL, irq_slot(f->k, IRQ)->cap.type);
    fixture_free(f);
}

TEST(set_wants_a_notification_cap)
{
    struct fixture *f = fixture_new("sel4test");
    cptr handler = make_ioapic_handler(f);

    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, handler, IRQSetIRQHandler, .length = 0).error);
    struct result result = CALL(f, handler, IRQSetIRQHandler, CAPS(ROOT_TCB));
    EXPECT_EQ(seL4_InvalidCapability, result.error);
    EXPECT_EQ(0, result.words[0]);
    fixture_free(f);
}

TEST(setting_another_notification_replaces_the_first)
{
    struct fixture *f = fixture_new("sel4test");
    cptr handler = make_ioapic_handler(f);
    cptr first = set_notification(f, handler);
    cptr second = set_notification(f, handler);

    raise(f, IRQ);

    EXPECT_EQ(NOTIFICATION_IDLE, fixture_notification(f, first)->state);
    EXPECT_EQ(NOTIFICATION_ACTIVE, fixture_notification(f, second)->state);
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

TEST(clear_takes_the_notification_away)
{
    struct fixture *f = fixture_new("sel4test");
    cptr handler = make_ioapic_handler(f);
    cptr ntfn = set_notification(f, handler);

    EXPECT_EQ(seL4_NoError, CALL(f, handler, IRQClearIRQHandler, .length = 0).error);

    EXPECT_EQ(CAP_NULL, irq_slot(f->k, IRQ)->cap.type);
    raise(f, IRQ);
    EXPECT_EQ(NOTIFICATION_IDLE, fixture_notification(f, ntfn)->state);
    fixture_free(f);
}

TEST(deleting_the_handler_cap_masks_the_interrupt_and_sets_it_free)
{
    struct fixture *f = fixture_new("sel4test");
    cptr handler = make_ioapic_handler(f);
    set_notification(f, handler);

    EXPECT_EQ(seL4_NoError, CALL(f, ROOT, CNodeDelete, ARGS(handler, ROOT_DEPTH)).error);

    EXPECT_TRUE(f->irq_masked[IRQ]);
    EXPECT_EQ(IRQ_INACTIVE, f->k->irqs[IRQ].state);
    EXPECT_EQ(CAP_NULL, irq_slot(f->k, IRQ)->cap.type);
    make_ioapic_handler(f);
    fixture_free(f);
}

TEST(deleting_the_notification_takes_it_from_the_handler)
{
    struct fixture *f = fixture_new("sel4test");
    cptr handler = make_ioapic_handler(f);
    cptr ntfn = fixture_make(f, seL4_NotificationObject, 0);
    EXPECT_EQ(seL4_NoError, CALL(f, handler, IRQSetIRQHandler, CAPS(ntfn)).error);

    EXPECT_EQ(seL4_NoError, CALL(f, ROOT, CNodeRevoke, ARGS(ntfn, ROOT_DEPTH)).error);

    EXPECT_EQ(CAP_NULL, irq_slot(f->k, IRQ)->cap.type);
    fixture_free(f);
}

TEST(legacy_interrupts_and_unknown_labels_answer_illegal_operation)
{
    struct fixture *f = fixture_new("sel4test");
    cptr handler = make_ioapic_handler(f);

    EXPECT_EQ(seL4_IllegalOperation, CALL(f, CONTROL, IRQIssueIRQHandler,
                                          ARGS(4, fixture_slots(f, 1), ROOT_DEPTH), CAPS(ROOT))
                                         .error);
    EXPECT_EQ(seL4_IllegalOperation, CALL(f, handler, TCBSuspend, .length = 0).error);
    fixture_free(f);
}

TEST(a_legacy_request_with_too_little_answers_truncated_message)
{
    struct fixture *f = fixture_new("sel4test");

    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, CONTROL, IRQIssueIRQHandler, ARGS(4, 1), CAPS(ROOT)).error);
    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, CONTROL, IRQIssueIRQHandler, ARGS(4, 1, ROOT_DEPTH)).error);
    fixture_free(f);
}

/* The first interrupt's thread is switched to before the second is taken, as on the real CPU: so
 * of two equals the first runs first. */
TEST(interrupts_that_wait_are_taken_one_by_one)
{
    struct fixture *f = fixture_new("sel4test");
    cptr ntfn = set_notification(f, make_ioapic_handler(f));
    f->preempt_always = true;

    raise(f, IRQ);

    EXPECT_EQ(NOTIFICATION_ACTIVE, fixture_notification(f, ntfn)->state);
    EXPECT_EQ(f->now_ticks, f->next.deadline_ticks);
    fixture_free(f);
}
