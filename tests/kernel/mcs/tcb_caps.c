/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Threads: their CSpace, VSpace, IPC buffer and handlers. */
#include "tests/kernel/fixture_ipc.h"

#define ROOT   seL4_CapInitThreadTCB
#define CNODE  seL4_CapInitThreadCNode
#define VSPACE seL4_CapInitThreadVSpace

static struct cap held(struct fixture_thread thread, enum tcb_slot slot)
{
    return thread.tcb->slots[slot].cap;
}

static struct fixture_thread bare_thread(struct fixture *f)
{
    cptr cap = fixture_make(f, seL4_TCBObject, 0);
    return (struct fixture_thread){.cap = cap,
                                   .tcb = tcb_at(f->k, cap_object(fixture_slot(f, cap)->cap))};
}

/* Configure: CSpace data, VSpace data, buffer's address; CSpace, VSpace, buffer. */

TEST(configure_installs_cspace_vspace_and_ipc_buffer)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = bare_thread(f);
    cptr frame = fixture_make(f, seL4_X86_4K, 0);

    EXPECT_EQ(seL4_NoError,
              CALL(f, thread.cap, TCBConfigure, ARGS(0, 0, 0x10000400), CAPS(CNODE, VSPACE, frame))
                  .error);

    EXPECT_EQ(CAP_CNODE, held(thread, TCB_CSPACE).type);
    EXPECT_EQ(CAP_PML4, held(thread, TCB_VSPACE).type);
    EXPECT_EQ(CAP_FRAME, held(thread, TCB_IPC_BUFFER).type);
    EXPECT_EQ(0x10000400, thread.tcb->ipc_buffer);
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

TEST(configure_with_buffer_address_0_takes_the_buffer_away)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    EXPECT_EQ(CAP_FRAME, held(thread, TCB_IPC_BUFFER).type);

    EXPECT_EQ(seL4_NoError,
              CALL(f, thread.cap, TCBConfigure, ARGS(0, 0, 0), CAPS(CNODE, VSPACE, 0)).error);

    EXPECT_EQ(CAP_NULL, held(thread, TCB_IPC_BUFFER).type);
    EXPECT_EQ(0, thread.tcb->ipc_buffer);
    fixture_free(f);
}

TEST(configure_gives_the_cspace_a_new_guard)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = bare_thread(f);
    cptr cnode = fixture_make(f, seL4_CapTableObject, 4);

    EXPECT_EQ(
        seL4_NoError,
        CALL(f, thread.cap, TCBConfigure, ARGS(0x5 << 6 | 8, 0, 0), CAPS(cnode, VSPACE, 0)).error);

    EXPECT_EQ(8, held(thread, TCB_CSPACE).cnode.guard_bits);
    EXPECT_EQ(5, held(thread, TCB_CSPACE).cnode.guard);
    EXPECT_EQ(0, fixture_slot(f, cnode)->cap.cnode.guard_bits);
    fixture_free(f);
}

TEST(configure_needs_three_words_and_three_caps)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = bare_thread(f);

    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, thread.cap, TCBConfigure, ARGS(0, 0), CAPS(CNODE, VSPACE, 0)).error);
    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, thread.cap, TCBConfigure, ARGS(0, 0, 0), CAPS(CNODE, VSPACE)).error);
    EXPECT_EQ(CAP_NULL, held(thread, TCB_CSPACE).type);
    fixture_free(f);
}

TEST(configure_refuses_a_buffer_that_is_no_frame_before_it_looks_at_the_rest)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = bare_thread(f);

    EXPECT_EQ(
        seL4_IllegalOperation,
        CALL(f, thread.cap, TCBConfigure, ARGS(0, 0, 0x400), CAPS(VSPACE, CNODE, CNODE)).error);
    EXPECT_EQ(CAP_NULL, held(thread, TCB_CSPACE).type);
    fixture_free(f);
}

TEST(configure_refuses_a_buffer_address_that_is_not_aligned)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = bare_thread(f);
    cptr frame = fixture_make(f, seL4_X86_4K, 0);

    EXPECT_EQ(seL4_AlignmentError,
              CALL(f, thread.cap, TCBConfigure, ARGS(0, 0, 0x10000200), CAPS(CNODE, VSPACE, frame))
                  .error);

    EXPECT_EQ(CAP_NULL, held(thread, TCB_CSPACE).type);
    fixture_free(f);
}

TEST(configure_refuses_a_cspace_that_is_no_cnode)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = bare_thread(f);

    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, thread.cap, TCBConfigure, ARGS(0, 0, 0), CAPS(VSPACE, VSPACE, 0)).error);
    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, thread.cap, TCBConfigure, ARGS(0, 0, 0), CAPS(0, VSPACE, 0)).error);
    EXPECT_EQ(CAP_NULL, held(thread, TCB_VSPACE).type);
    fixture_free(f);
}

TEST(configure_refuses_a_cspace_that_cannot_be_copied)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = bare_thread(f);

    EXPECT_EQ(seL4_RevokeFirst,
              CALL(f, thread.cap, TCBConfigure, ARGS(0, 0, 0), CAPS(f->untyped, VSPACE, 0)).error);

    EXPECT_EQ(CAP_NULL, held(thread, TCB_CSPACE).type);
    fixture_free(f);
}

TEST(configure_refuses_a_guard_that_does_not_fit)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = bare_thread(f);
    cptr cnode = fixture_make(f, seL4_CapTableObject, 4);

    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, thread.cap, TCBConfigure, ARGS(61, 0, 0), CAPS(cnode, VSPACE, 0)).error);

    EXPECT_EQ(CAP_NULL, held(thread, TCB_CSPACE).type);
    fixture_free(f);
}

TEST(configure_refuses_a_vspace_without_an_asid)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = bare_thread(f);
    cptr pml4 = fixture_make(f, seL4_X64_PML4Object, 0);

    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, thread.cap, TCBConfigure, ARGS(0, 0, 0), CAPS(CNODE, pml4, 0)).error);
    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, thread.cap, TCBConfigure, ARGS(0, 0, 0), CAPS(CNODE, CNODE, 0)).error);
    EXPECT_EQ(CAP_NULL, held(thread, TCB_CSPACE).type);
    fixture_free(f);
}

TEST(a_thread_that_holds_the_last_cap_to_its_cspace_keeps_it)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = bare_thread(f);
    cptr cnode = fixture_make(f, seL4_CapTableObject, 4);
    EXPECT_EQ(seL4_NoError,
              CALL(f, thread.cap, TCBConfigure, ARGS(0, 0, 0), CAPS(cnode, VSPACE, 0)).error);
    fixture_delete(f, cnode);

    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, thread.cap, TCBConfigure, ARGS(0, 0, 0), CAPS(CNODE, VSPACE, 0)).error);
    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, thread.cap, TCBSetSpace, ARGS(0, 0), CAPS(0, CNODE, VSPACE)).error);

    EXPECT_EQ(4, held(thread, TCB_CSPACE).cnode.radix);
    fixture_free(f);
}

/* SetSpace: CSpace data, VSpace data; fault handler, CSpace, VSpace. */

TEST(set_space_installs_handler_cspace_and_vspace)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = bare_thread(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr handler = fixture_mint(f, ep, RIGHT_WRITE | RIGHT_GRANT_REPLY, 5);

    EXPECT_EQ(seL4_NoError,
              CALL(f, thread.cap, TCBSetSpace, ARGS(0, 0), CAPS(handler, CNODE, VSPACE)).error);

    EXPECT_EQ(5, held(thread, TCB_FAULT_HANDLER).endpoint.badge);
    EXPECT_EQ(CAP_CNODE, held(thread, TCB_CSPACE).type);
    EXPECT_EQ(CAP_PML4, held(thread, TCB_VSPACE).type);
    fixture_free(f);
}

TEST(set_space_needs_two_words_and_three_caps)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = bare_thread(f);

    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, thread.cap, TCBSetSpace, ARGS(0), CAPS(0, CNODE, VSPACE)).error);
    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, thread.cap, TCBSetSpace, ARGS(0, 0), CAPS(0, CNODE)).error);
    EXPECT_EQ(CAP_NULL, held(thread, TCB_CSPACE).type);
    fixture_free(f);
}

TEST(set_space_refuses_bad_roots_before_a_bad_handler)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = bare_thread(f);

    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, thread.cap, TCBSetSpace, ARGS(0, 0), CAPS(CNODE, VSPACE, VSPACE)).error);
    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, thread.cap, TCBSetSpace, ARGS(0, 0), CAPS(CNODE, CNODE, CNODE)).error);
    struct result refused =
        CALL(f, thread.cap, TCBSetSpace, ARGS(0, 0), CAPS(CNODE, CNODE, VSPACE));
    EXPECT_EQ(seL4_InvalidCapability, refused.error);
    EXPECT_EQ(1, refused.words[0]);
    EXPECT_EQ(CAP_NULL, held(thread, TCB_CSPACE).type);
    fixture_free(f);
}

TEST(a_handler_needs_write_and_grant_or_grant_reply)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = bare_thread(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    static const struct {
        uint64_t rights;
        seL4_Error error;
    } cases[] = {
        {RIGHT_WRITE, seL4_InvalidCapability},
        {RIGHT_GRANT | RIGHT_GRANT_REPLY | RIGHT_READ, seL4_InvalidCapability},
        {RIGHT_WRITE | RIGHT_GRANT, seL4_NoError},
        {RIGHT_WRITE | RIGHT_GRANT_REPLY, seL4_NoError},
    };

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cptr handler = fixture_mint(f, ep, cases[i].rights, i + 1);
        EXPECT_EQ(cases[i].error,
                  CALL(f, thread.cap, TCBSetSpace, ARGS(0, 0), CAPS(handler, CNODE, VSPACE)).error);
        EXPECT_EQ(cases[i].error,
                  CALL(f, thread.cap, TCBSetTimeoutEndpoint, .length = 0, CAPS(handler)).error);
    }
    fixture_free(f);
}

/* SetIPCBuffer. */

TEST(set_ipc_buffer_installs_a_copy_of_the_frame)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = bare_thread(f);
    cptr frame = fixture_make(f, seL4_X86_4K, 0);

    EXPECT_EQ(seL4_NoError,
              CALL(f, thread.cap, TCBSetIPCBuffer, ARGS(0x10000c00), CAPS(frame)).error);

    EXPECT_EQ(fixture_slot(f, frame)->cap.object_16, held(thread, TCB_IPC_BUFFER).object_16);
    EXPECT_EQ(0x10000c00, thread.tcb->ipc_buffer);
    EXPECT_EQ(cap_object(fixture_slot(f, frame)->cap), f->last_written_page);
    EXPECT_TRUE(kernel_writes(f->k, f->last_written_page));
    EXPECT_FALSE(kernel_writes(f->k, f->last_written_page + 0x1000));
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

TEST(set_ipc_buffer_needs_a_word_and_a_cap)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = bare_thread(f);
    cptr frame = fixture_make(f, seL4_X86_4K, 0);

    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, thread.cap, TCBSetIPCBuffer, .length = 0, CAPS(frame)).error);
    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, thread.cap, TCBSetIPCBuffer, ARGS(0x400)).error);
    EXPECT_EQ(CAP_NULL, held(thread, TCB_IPC_BUFFER).type);
    fixture_free(f);
}

TEST(set_ipc_buffer_refuses_what_cannot_be_one)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = bare_thread(f);
    cptr frame = fixture_make(f, seL4_X86_4K, 0);
    cptr device = fixture_make(f, seL4_X86_4K, 0);
    fixture_slot(f, device)->cap.frame.is_device = true;

    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, thread.cap, TCBSetIPCBuffer, ARGS(0x400), CAPS(CNODE)).error);
    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, thread.cap, TCBSetIPCBuffer, ARGS(0x400), CAPS(device)).error);
    EXPECT_EQ(seL4_RevokeFirst,
              CALL(f, thread.cap, TCBSetIPCBuffer, ARGS(0x400), CAPS(f->untyped)).error);
    EXPECT_EQ(seL4_AlignmentError,
              CALL(f, thread.cap, TCBSetIPCBuffer, ARGS(0x3ff), CAPS(frame)).error);
    EXPECT_EQ(CAP_NULL, held(thread, TCB_IPC_BUFFER).type);
    EXPECT_EQ(0, thread.tcb->ipc_buffer);
    fixture_free(f);
}

/* SetTimeoutEndpoint. */

TEST(set_timeout_endpoint_installs_and_removes_the_handler)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = bare_thread(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);

    EXPECT_EQ(seL4_NoError,
              CALL(f, thread.cap, TCBSetTimeoutEndpoint, .length = 0, CAPS(ep)).error);
    EXPECT_EQ(CAP_ENDPOINT, held(thread, TCB_TIMEOUT_HANDLER).type);
    EXPECT_EQ(CAP_NULL, held(thread, TCB_FAULT_HANDLER).type);

    EXPECT_EQ(seL4_NoError, CALL(f, thread.cap, TCBSetTimeoutEndpoint, .length = 0, CAPS(0)).error);
    EXPECT_EQ(CAP_NULL, held(thread, TCB_TIMEOUT_HANDLER).type);
    fixture_free(f);
}

TEST(set_timeout_endpoint_needs_a_cap_to_an_endpoint)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = bare_thread(f);

    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, thread.cap, TCBSetTimeoutEndpoint).error);
    struct result refused = CALL(f, thread.cap, TCBSetTimeoutEndpoint, .length = 0, CAPS(CNODE));
    EXPECT_EQ(seL4_InvalidCapability, refused.error);
    EXPECT_EQ(1, refused.words[0]);
    fixture_free(f);
}

TEST(deleting_a_thread_deletes_the_caps_it_holds)
{
    struct fixture *f = fixture_new("sel4test");
    struct fixture_thread thread = bare_thread(f);
    cptr cnode = fixture_make(f, seL4_CapTableObject, 4);
    CALL(f, thread.cap, TCBConfigure, ARGS(0, 0, 0), CAPS(cnode, VSPACE, 0));

    fixture_delete(f, thread.cap);

    EXPECT_EQ(CAP_NULL, held(thread, TCB_CSPACE).type);
    EXPECT_EQ(CAP_NULL, held(thread, TCB_VSPACE).type);
    fixture_expect_tree_sound(f);
    fixture_free(f);
}
