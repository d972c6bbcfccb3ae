/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* I/O ports: ranges are issued once, and accesses stay within them. */
#include "tests/kernel/fixture_vspace.h"

#define ROOT    seL4_CapInitThreadCNode
#define CONTROL seL4_CapIOPortControl

static struct result issue(struct fixture *f, uint64_t first, uint64_t last, cptr slot)
{
    return CALL(f, CONTROL, X86IOPortControlIssue, ARGS(first, last, slot, 64), CAPS(ROOT));
}

static cptr issued(struct fixture *f, uint64_t first, uint64_t last)
{
    cptr slot = fixture_slots(f, 1);
    EXPECT_EQ(seL4_NoError, issue(f, first, last, slot).error);
    return slot;
}

static const struct {
    enum invocation in;
    enum invocation out;
    unsigned width;
    uint32_t mask;
} widths[] = {{X86IOPortIn8, X86IOPortOut8, 1, 0xff},
              {X86IOPortIn16, X86IOPortOut16, 2, 0xffff},
              {X86IOPortIn32, X86IOPortOut32, 4, 0xffffffff}};

TEST(a_range_of_ports_is_issued)
{
    struct fixture *f = fixture_new("microkit");
    cptr slot = issued(f, 0x3f8, 0x3ff);
    struct cap cap = fixture_slot(f, slot)->cap;
    EXPECT_EQ(CAP_IO_PORT, cap.type);
    EXPECT_EQ(0x3f8, cap.io_port.first);
    EXPECT_EQ(0x3ff, cap.io_port.last);
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

TEST(all_ports_can_be_issued_at_once)
{
    struct fixture *f = fixture_new("microkit");
    cptr slot = issued(f, 0, 0xffff);
    EXPECT_EQ(0xffff, fixture_slot(f, slot)->cap.io_port.last);
    EXPECT_EQ(seL4_RevokeFirst, issue(f, 0xffff, 0xffff, fixture_slots(f, 1)).error);
    fixture_free(f);
}

TEST(issue_needs_four_words_and_a_cap)
{
    struct fixture *f = fixture_new("microkit");
    cptr slot = fixture_slots(f, 1);
    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, CONTROL, X86IOPortControlIssue, ARGS(1, 2, slot), CAPS(ROOT)).error);
    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, CONTROL, X86IOPortControlIssue, ARGS(1, 2, slot, 64)).error);
    EXPECT_CAP(f, slot, CAP_NULL);
    fixture_free(f);
}

TEST(issue_refuses_a_range_that_ends_before_it_begins)
{
    struct fixture *f = fixture_new("microkit");
    struct result result = issue(f, 0x61, 0x60, fixture_slots(f, 1));
    EXPECT_EQ(seL4_InvalidArgument, result.error);
    EXPECT_EQ(1, result.words[0]);
    fixture_free(f);
}

TEST(issue_refuses_a_range_that_shares_a_port_with_another)
{
    static const struct {
        uint16_t first;
        uint16_t last;
    } overlapping[] = {{0x60, 0x60}, {0x50, 0x60}, {0x6f, 0x80}, {0x00, 0xff}, {0x64, 0x65}};
    struct fixture *f = fixture_new("microkit");
    issued(f, 0x60, 0x6f);
    cptr slot = fixture_slots(f, 1);
    for (unsigned i = 0; i < sizeof(overlapping) / sizeof(overlapping[0]); i++) {
        EXPECT_EQ(seL4_RevokeFirst,
                  issue(f, overlapping[i].first, overlapping[i].last, slot).error);
    }
    EXPECT_CAP(f, slot, CAP_NULL);
    issued(f, 0x5f, 0x5f);
    issued(f, 0x70, 0x70);
    fixture_free(f);
}

TEST(issue_looks_its_slot_up_after_it_has_looked_at_the_range)
{
    struct fixture *f = fixture_new("microkit");
    struct result result =
        CALL(f, CONTROL, X86IOPortControlIssue, ARGS(1, 2, 1, 64), CAPS(CONTROL));
    EXPECT_EQ(seL4_FailedLookup, result.error);
    EXPECT_EQ(seL4_InvalidRoot, result.words[1]);

    EXPECT_EQ(seL4_DeleteFirst, issue(f, 1, 2, seL4_CapInitThreadTCB).error);
    EXPECT_EQ(seL4_InvalidArgument, issue(f, 2, 1, seL4_CapInitThreadTCB).error);

    issued(f, 1, 2);
    EXPECT_EQ(seL4_RevokeFirst, issue(f, 1, 2, seL4_CapInitThreadTCB).error);
    fixture_free(f);
}

TEST(a_range_can_be_issued_again_when_its_last_cap_is_gone)
{
    struct fixture *f = fixture_new("microkit");
    cptr slot = issued(f, 0x3f8, 0x3ff);
    cptr copy = copy_slot(f, slot);

    EXPECT_EQ(seL4_NoError, delete_slot(f, slot).error);
    EXPECT_EQ(seL4_RevokeFirst, issue(f, 0x3f8, 0x3ff, slot).error);

    EXPECT_EQ(seL4_NoError, delete_slot(f, copy).error);
    EXPECT_EQ(seL4_NoError, issue(f, 0x3f8, 0x3ff, slot).error);
    fixture_free(f);
}

TEST(revoking_port_control_takes_all_ranges_back)
{
    struct fixture *f = fixture_new("microkit");
    cptr a = issued(f, 0x40, 0x43);
    cptr b = issued(f, 0x60, 0x64);

    EXPECT_EQ(seL4_NoError, CALL(f, ROOT, CNodeRevoke, ARGS(CONTROL, 64)).error);

    EXPECT_CAP(f, a, CAP_NULL);
    EXPECT_CAP(f, b, CAP_NULL);
    issued(f, 0x40, 0x64);
    fixture_free(f);
}

TEST(in_reads_a_port_in_each_width)
{
    struct fixture *f = fixture_new("microkit");
    cptr ports = issued(f, 0x3f8, 0x3ff);
    f->in_value = 0x89abcdef;
    for (unsigned i = 0; i < 3; i++) {
        struct result result = CALL(f, ports, widths[i].in, ARGS(0x3fc));
        EXPECT_EQ(seL4_NoError, result.error);
        EXPECT_EQ(1, result.length);
        EXPECT_EQ(0x89abcdef, result.words[0]);
        EXPECT_EQ(0x3fc, f->last_out.port);
        EXPECT_EQ(widths[i].width, f->last_out.width);
    }
    EXPECT_EQ(0, f->last_out.count);
    fixture_free(f);
}

TEST(out_writes_a_port_in_each_width)
{
    struct fixture *f = fixture_new("microkit");
    cptr ports = issued(f, 0x3f8, 0x3ff);
    for (unsigned i = 0; i < 3; i++) {
        EXPECT_EQ(seL4_NoError,
                  CALL(f, ports, widths[i].out, ARGS(0x3f8, 0x123456789abcdef0)).error);
        EXPECT_EQ(i + 1, f->last_out.count);
        EXPECT_EQ(0x3f8, f->last_out.port);
        EXPECT_EQ(widths[i].width, f->last_out.width);
        EXPECT_EQ(0x9abcdef0 & widths[i].mask, f->last_out.value);
    }
    fixture_free(f);
}

TEST(an_access_that_is_not_wholly_in_the_range_is_illegal)
{
    struct fixture *f = fixture_new("microkit");
    cptr ports = issued(f, 0x3f8, 0x3ff);
    for (unsigned i = 0; i < 3; i++) {
        EXPECT_EQ(seL4_IllegalOperation, CALL(f, ports, widths[i].in, ARGS(0x3f7)).error);
        EXPECT_EQ(seL4_IllegalOperation, CALL(f, ports, widths[i].out, ARGS(0x3f7, 0)).error);
        uint64_t beyond = 0x3ff - widths[i].width + 2;
        EXPECT_EQ(seL4_IllegalOperation, CALL(f, ports, widths[i].in, ARGS(beyond)).error);
        EXPECT_EQ(seL4_IllegalOperation, CALL(f, ports, widths[i].out, ARGS(beyond, 0)).error);
        EXPECT_EQ(seL4_NoError, CALL(f, ports, widths[i].in, ARGS(beyond - 1)).error);
    }
    EXPECT_EQ(0, f->last_out.count);
    fixture_free(f);
}

TEST(an_access_at_the_very_last_port_does_not_wrap)
{
    struct fixture *f = fixture_new("microkit");
    cptr ports = issued(f, 0, 0xffff);
    EXPECT_EQ(seL4_NoError, CALL(f, ports, X86IOPortIn8, ARGS(0xffff)).error);
    EXPECT_EQ(seL4_IllegalOperation, CALL(f, ports, X86IOPortIn16, ARGS(0xffff)).error);
    fixture_free(f);
}

TEST(in_needs_one_word_and_out_two)
{
    struct fixture *f = fixture_new("microkit");
    cptr ports = issued(f, 0x3f8, 0x3ff);
    for (unsigned i = 0; i < 3; i++) {
        EXPECT_EQ(seL4_TruncatedMessage, CALL(f, ports, widths[i].in).error);
        EXPECT_EQ(seL4_TruncatedMessage, CALL(f, ports, widths[i].out, ARGS(0x3f8)).error);
    }
    EXPECT_EQ(0, f->last_out.count);
    fixture_free(f);
}

TEST(ports_and_their_control_refuse_labels_of_other_objects)
{
    struct fixture *f = fixture_new("microkit");
    EXPECT_EQ(seL4_IllegalOperation, CALL(f, CONTROL, X86IOPortIn8, ARGS(0)).error);
    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, issued(f, 1, 2), X86IOPortControlIssue, ARGS(0)).error);
    fixture_free(f);
}

/* As for IRQControl: a copy of the control cap would be a null cap. */
TEST(port_control_is_not_copied)
{
    struct fixture *f = fixture_new("microkit");
    cptr copy = fixture_slots(f, 1);
    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, ROOT, CNodeCopy, ARGS(copy, 64, CONTROL, 64, 0xf), CAPS(ROOT)).error);
    EXPECT_CAP(f, copy, CAP_NULL);
    fixture_free(f);
}
