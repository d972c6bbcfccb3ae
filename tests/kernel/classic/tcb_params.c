/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Threads of the classic kernel: Configure, SetSpace and SetSchedParams. */
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

/* Configure: fault handler, CSpace data, VSpace data, buffer's address; CSpace, VSpace, buffer. */

TEST(configure_installs_handler_cspace_vspace_and_ipc_buffer)
{
    struct fixture *f = fixture_new("sel4test-classic");
    struct fixture_thread thread = bare_thread(f);
    cptr cnode = fixture_make(f, seL4_CapTableObject, 4);
    cptr frame = fixture_make(f, seL4_X86_4K, 0);

    EXPECT_EQ(seL4_NoError, CALL(f, thread.cap, TCBConfigure, ARGS(77, 0x5 << 6 | 8, 0, 0x10000400),
                                 CAPS(cnode, VSPACE, frame))
                                .error);

    EXPECT_EQ(77, thread.tcb->fault_handler);
    EXPECT_EQ(CAP_CNODE, held(thread, TCB_CSPACE).type);
    EXPECT_EQ(5, held(thread, TCB_CSPACE).cnode.guard);
    EXPECT_EQ(CAP_PML4, held(thread, TCB_VSPACE).type);
    EXPECT_EQ(CAP_FRAME, held(thread, TCB_IPC_BUFFER).type);
    EXPECT_EQ(0x10000400, thread.tcb->ipc_buffer);
    fixture_expect_tree_sound(f);
    fixture_free(f);
}

TEST(configure_with_buffer_address_0_takes_the_buffer_away)
{
    struct fixture *f = fixture_new("sel4test-classic");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);

    EXPECT_EQ(seL4_NoError,
              CALL(f, thread.cap, TCBConfigure, ARGS(0, 0, 0, 0), CAPS(CNODE, VSPACE, 0)).error);

    EXPECT_EQ(CAP_NULL, held(thread, TCB_IPC_BUFFER).type);
    fixture_free(f);
}

TEST(configure_needs_four_words_and_three_caps)
{
    struct fixture *f = fixture_new("sel4test-classic");
    struct fixture_thread thread = bare_thread(f);

    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, thread.cap, TCBConfigure, ARGS(77, 0, 0), CAPS(CNODE, VSPACE, 0)).error);
    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, thread.cap, TCBConfigure, ARGS(77, 0, 0, 0), CAPS(CNODE, VSPACE)).error);

    EXPECT_EQ(0, thread.tcb->fault_handler);
    fixture_free(f);
}

static void expect_configure_refused(seL4_Error error, uint64_t address, cptr cspace, cptr vspace,
                                     enum object_type buffer)
{
    struct fixture *f = fixture_new("sel4test-classic");
    struct fixture_thread thread = bare_thread(f);
    cptr frame = fixture_make(f, buffer, 0);

    EXPECT_EQ(error, CALL(f, thread.cap, TCBConfigure, ARGS(77, 0, 0, address),
                          CAPS(cspace, vspace, frame))
                         .error);

    EXPECT_EQ(0, thread.tcb->fault_handler);
    EXPECT_EQ(CAP_NULL, held(thread, TCB_CSPACE).type);
    EXPECT_EQ(CAP_NULL, held(thread, TCB_VSPACE).type);
    fixture_free(f);
}

TEST(configure_refuses_what_is_no_space_and_no_buffer)
{
    expect_configure_refused(seL4_IllegalOperation, 0, ROOT, VSPACE, seL4_X86_4K);
    expect_configure_refused(seL4_IllegalOperation, 0, CNODE, ROOT, seL4_X86_4K);
    expect_configure_refused(seL4_IllegalOperation, 0x10000000, CNODE, VSPACE, seL4_EndpointObject);
    expect_configure_refused(seL4_AlignmentError, 0x10000008, CNODE, VSPACE, seL4_X86_4K);
}

/* SetSpace: fault handler, CSpace data, VSpace data; CSpace, VSpace. */

TEST(set_space_takes_any_address_for_a_handler)
{
    struct fixture *f = fixture_new("sel4test-classic");
    struct fixture_thread thread = bare_thread(f);

    EXPECT_EQ(seL4_NoError,
              CALL(f, thread.cap, TCBSetSpace, ARGS(~0ul, 0, 0), CAPS(CNODE, VSPACE)).error);

    EXPECT_EQ(~0ul, thread.tcb->fault_handler);
    EXPECT_EQ(CAP_CNODE, held(thread, TCB_CSPACE).type);
    EXPECT_EQ(CAP_PML4, held(thread, TCB_VSPACE).type);
    fixture_free(f);
}

TEST(set_space_needs_three_words_and_two_caps)
{
    struct fixture *f = fixture_new("sel4test-classic");
    struct fixture_thread thread = bare_thread(f);

    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, thread.cap, TCBSetSpace, ARGS(77, 0), CAPS(CNODE, VSPACE)).error);
    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, thread.cap, TCBSetSpace, ARGS(77, 0, 0), CAPS(CNODE)).error);

    EXPECT_EQ(0, thread.tcb->fault_handler);
    fixture_free(f);
}

TEST(set_space_refuses_what_is_no_space_and_changes_nothing)
{
    struct fixture *f = fixture_new("sel4test-classic");
    struct fixture_thread thread = bare_thread(f);

    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, thread.cap, TCBSetSpace, ARGS(77, 0, 0), CAPS(ROOT, VSPACE)).error);
    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, thread.cap, TCBSetSpace, ARGS(77, 0, 0), CAPS(CNODE, ROOT)).error);

    EXPECT_EQ(0, thread.tcb->fault_handler);
    EXPECT_EQ(CAP_NULL, held(thread, TCB_CSPACE).type);
    fixture_free(f);
}

TEST(set_space_refuses_to_replace_the_last_cap_to_a_cspace)
{
    struct fixture *f = fixture_new("sel4test-classic");
    struct fixture_thread thread = bare_thread(f);
    cptr cnode = fixture_make(f, seL4_CapTableObject, 4);
    CALL(f, thread.cap, TCBSetSpace, ARGS(0, 0, 0), CAPS(cnode, VSPACE));
    fixture_delete(f, cnode);

    EXPECT_EQ(seL4_IllegalOperation,
              CALL(f, thread.cap, TCBSetSpace, ARGS(77, 0, 0), CAPS(CNODE, VSPACE)).error);

    EXPECT_EQ(0, thread.tcb->fault_handler);
    fixture_free(f);
}

/* SetSchedParams: MCP, priority; authority. */

static struct result set_sched_params(struct fixture *f, cptr tcb, uint64_t mcp, uint64_t priority,
                                      cptr authority)
{
    return CALL(f, tcb, TCBSetSchedParams, ARGS(mcp, priority), CAPS(authority));
}

TEST(set_sched_params_sets_mcp_and_priority)
{
    struct fixture *f = fixture_new("sel4test-classic");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);

    EXPECT_EQ(seL4_NoError, set_sched_params(f, thread.cap, 70, 71, ROOT).error);

    EXPECT_EQ(70, thread.tcb->mcp);
    EXPECT_EQ(71, thread.tcb->priority);
    fixture_free(f);
}

TEST(set_sched_params_needs_two_words_and_one_cap)
{
    struct fixture *f = fixture_new("sel4test-classic");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);

    EXPECT_EQ(seL4_TruncatedMessage,
              CALL(f, thread.cap, TCBSetSchedParams, ARGS(1), CAPS(ROOT)).error);
    EXPECT_EQ(seL4_TruncatedMessage, CALL(f, thread.cap, TCBSetSchedParams, ARGS(1, 2)).error);
    EXPECT_EQ(10, thread.tcb->priority);
    fixture_free(f);
}

TEST(set_sched_params_checks_authority_mcp_and_priority)
{
    struct fixture *f = fixture_new("sel4test-classic");
    struct fixture_thread thread = fixture_thread(f, 10, FIXTURE_ACTIVE);
    EXPECT_EQ(seL4_NoError, CALL(f, thread.cap, TCBSetMCPriority, ARGS(60), CAPS(ROOT)).error);

    struct result refused = set_sched_params(f, thread.cap, 1, 2, CNODE);
    EXPECT_EQ(seL4_InvalidCapability, refused.error);
    EXPECT_EQ(1, refused.words[0]);
    refused = set_sched_params(f, thread.cap, 61, 2, thread.cap);
    EXPECT_EQ(seL4_RangeError, refused.error);
    EXPECT_EQ(60, refused.words[1]);
    refused = set_sched_params(f, thread.cap, 60, 61, thread.cap);
    EXPECT_EQ(seL4_RangeError, refused.error);
    EXPECT_EQ(60, thread.tcb->mcp);
    EXPECT_EQ(10, thread.tcb->priority);
    fixture_free(f);
}

TEST(a_label_that_only_mcs_has_means_another_object)
{
    struct fixture *f = fixture_new("sel4test-classic");
    for (unsigned label = 0; label < f->k->label_count; label++) {
        EXPECT_NE(TCBSetTimeoutEndpoint, f->k->invocation_of_label[label]);
        EXPECT_NE(SchedContextBind, f->k->invocation_of_label[label]);
    }
    EXPECT_EQ(seL4_IllegalOperation, CALL(f, ROOT, CNodeSaveCaller).error);
    fixture_free(f);
}
