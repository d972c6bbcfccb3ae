/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* IRQControl on x86: handlers for I/O APIC pins and MSIs. */
#include "tests/kernel/fixture_vspace.h"

#include "kernel/x86/irq.h"

#define ROOT    seL4_CapInitThreadCNode
#define CONTROL seL4_CapIRQControl

/* Arguments in the order of the message, after the slot. */
struct source {
    uint64_t a; /* I/O APIC; PCI bus */
    uint64_t b; /* pin; PCI device */
    uint64_t c; /* level; PCI function */
    uint64_t d; /* polarity; handle */
    uint64_t irq;
};

static struct result get(struct fixture *f, enum invocation label, struct source s, cptr slot)
{
    return CALL(f, CONTROL, label, ARGS(slot, 64, s.a, s.b, s.c, s.d, s.irq), CAPS(ROOT));
}

static struct result get_ioapic(struct fixture *f, struct source source, cptr slot)
{
    return get(f, X86IRQIssueIRQHandlerIOAPIC, source, slot);
}

static struct result get_msi(struct fixture *f, struct source source, cptr slot)
{
    return get(f, X86IRQIssueIRQHandlerMSI, source, slot);
}

static void expect_range(struct result result, uint64_t least, uint64_t greatest)
{
    EXPECT_EQ(seL4_RangeError, result.error);
    EXPECT_EQ(least, result.words[0]);
    EXPECT_EQ(greatest, result.words[1]);
}

TEST(a_pin_of_the_io_apic_is_routed_and_unmasked)
{
    struct fixture *f = fixture_new("microkit");
    cptr slot = fixture_slots(f, 1);
    f->irq_masked[16 + 5] = true;

    EXPECT_EQ(seL4_NoError,
              get_ioapic(f, (struct source){.b = 4, .c = 1, .d = 1, .irq = 5}, slot).error);

    EXPECT_CAP(f, slot, CAP_IRQ_HANDLER);
    EXPECT_EQ(16 + 5, fixture_slot(f, slot)->cap.irq_handler.irq);
    EXPECT_EQ(1, f->route.count);
    EXPECT_EQ(0, f->route.ioapic);
    EXPECT_EQ(4, f->route.pin);
    EXPECT_TRUE(f->route.level);
    EXPECT_TRUE(f->route.low);
    EXPECT_EQ(16 + 5, f->route.irq);
    EXPECT_FALSE(f->irq_masked[16 + 5]);
    EXPECT_EQ(IRQ_SIGNAL, f->k->irqs[16 + 5].state);
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

TEST(a_message_signalled_interrupt_is_not_routed)
{
    struct fixture *f = fixture_new("microkit");
    cptr slot = fixture_slots(f, 1);

    EXPECT_EQ(
        seL4_NoError,
        get_msi(f, (struct source){.a = 255, .b = 31, .c = 7, .d = 99, .irq = 107}, slot).error);

    EXPECT_EQ(IRQ_USER_LAST, fixture_slot(f, slot)->cap.irq_handler.irq);
    EXPECT_EQ(0, f->route.count);
    EXPECT_EQ(IRQ_SIGNAL, f->k->irqs[IRQ_USER_LAST].state);
    fixture_free(f);
}

TEST(getting_a_handler_needs_seven_words_and_a_cap)
{
    struct fixture *f = fixture_new("microkit");
    cptr slot = fixture_slots(f, 1);
    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, CONTROL, X86IRQIssueIRQHandlerIOAPIC, ARGS(slot, 64, 0, 4, 0, 0), CAPS(ROOT))
                  .error);
    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, CONTROL, X86IRQIssueIRQHandlerIOAPIC, ARGS(slot, 64, 0, 4, 0, 0, 1)).error);
    EXPECT_CAP(f, slot, CAP_NULL);
    fixture_free(f);
}

TEST(an_interrupt_that_users_do_not_have_is_out_of_range)
{
    struct fixture *f = fixture_new("microkit");
    cptr slot = fixture_slots(f, 1);
    expect_range(get_ioapic(f, (struct source){.irq = 108}, slot), 0, 107);
    expect_range(get_msi(f, (struct source){.irq = UINT64_MAX}, slot), 0, 107);
    fixture_free(f);
}

TEST(an_interrupt_with_a_handler_is_not_given_again)
{
    struct fixture *f = fixture_new("microkit");
    cptr slot = fixture_slots(f, 2);
    EXPECT_EQ(seL4_NoError, get_ioapic(f, (struct source){.b = 4, .irq = 5}, slot).error);

    EXPECT_EQ(seL4_RevokeFirst, get_msi(f, (struct source){.irq = 5}, slot + 1).error);

    EXPECT_EQ(seL4_NoError, delete_slot(f, slot).error);
    EXPECT_TRUE(f->irq_masked[16 + 5]);
    EXPECT_EQ(seL4_NoError, get_msi(f, (struct source){.irq = 5}, slot + 1).error);
    fixture_free(f);
}

TEST(a_handler_goes_into_an_empty_slot)
{
    struct fixture *f = fixture_new("microkit");
    EXPECT_EQ(seL4_DeleteFirst,
              get_ioapic(f, (struct source){.b = 4, .irq = 5}, seL4_CapInitThreadTCB).error);
    struct result result = CALL(f, CONTROL, X86IRQIssueIRQHandlerMSI, ARGS(1, 64, 0, 0, 0, 0, 5),
                                CAPS(seL4_CapInitThreadTCB));
    EXPECT_EQ(seL4_FailedLookup, result.error);
    EXPECT_EQ(seL4_InvalidRoot, result.words[1]);
    EXPECT_EQ(IRQ_INACTIVE, f->k->irqs[16 + 5].state);
    EXPECT_EQ(0, f->route.count);
    fixture_free(f);
}

TEST(the_arguments_of_a_pin_have_ranges)
{
    struct fixture *f = fixture_new("microkit");
    cptr slot = fixture_slots(f, 1);
    expect_range(get_ioapic(f, (struct source){.a = 1}, slot), 0, 0);
    expect_range(get_ioapic(f, (struct source){.b = 24}, slot), 0, 23);
    expect_range(get_ioapic(f, (struct source){.c = 2}, slot), 0, 1);
    expect_range(get_ioapic(f, (struct source){.d = 2}, slot), 0, 1);
    EXPECT_CAP(f, slot, CAP_NULL);
    EXPECT_EQ(0, f->route.count);
    fixture_free(f);
}

TEST(the_arguments_of_a_message_have_ranges)
{
    struct fixture *f = fixture_new("microkit");
    cptr slot = fixture_slots(f, 1);
    expect_range(get_msi(f, (struct source){.a = 256}, slot), 0, 255);
    expect_range(get_msi(f, (struct source){.b = 32}, slot), 0, 31);
    expect_range(get_msi(f, (struct source){.c = 8}, slot), 0, 7);
    EXPECT_CAP(f, slot, CAP_NULL);
    EXPECT_EQ(IRQ_INACTIVE, f->k->irqs[16].state);
    fixture_free(f);
}

TEST(irq_control_refuses_labels_of_other_objects)
{
    struct fixture *f = fixture_new("microkit");
    EXPECT_EQ(seL4_IllegalOperation, CALL(f, CONTROL, X86IOPortIn8, ARGS(0)).error);
    fixture_free(f);
}
