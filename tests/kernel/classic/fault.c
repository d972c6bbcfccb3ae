/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Fault handlers of the classic kernel: what a thread's own CSpace has at an address. */
#include "tests/kernel/fixture_ipc.h"

#include "abi/x86/exceptions.h"

#define CNODE  seL4_CapInitThreadCNode
#define VSPACE seL4_CapInitThreadVSpace

/* The root task at 100 will receive on `ep`; a thread at 150 runs, whose faults go to `handler`. */
struct faulting {
    struct fixture *f;
    cptr ep;
    cptr handler;
    struct fixture_thread faulter;
};

static struct faulting faulting_with(uint64_t rights)
{
    struct fixture *f = fixture_new("sel4test-classic");
    fixture_root_steps_back(f);
    struct faulting s = {.f = f, .ep = fixture_make(f, seL4_EndpointObject, 0)};
    s.handler = fixture_mint(f, s.ep, rights, 9);
    s.faulter = fixture_thread(f, 150, FIXTURE_ACTIVE);
    fixture_handle_faults(f, s.faulter, s.handler);
    fixture_start(f, s.faulter);
    EXPECT_RUNS(f, s.faulter);
    s.faulter.tcb->registers.r[X86_RIP] = 0x401000;
    return s;
}

/* It reads an address that is not mapped. */
static void fault(struct faulting *s)
{
    fixture_exception(s->f, X86_PAGE_FAULT, X86_FAULT_USER, 0x5000);
}

static struct incoming handled(struct faulting *s)
{
    EXPECT_RUNS(s->f, fixture_root(s->f));
    fixture_recv(s->f, s->ep, 0);
    EXPECT_RUNS(s->f, fixture_root(s->f));
    return fixture_received(s->f, fixture_root(s->f).tcb);
}

#define REPLY(f, ...) fixture_send((f), SYS_Reply, 0, (struct outgoing){__VA_ARGS__})

TEST(a_vm_fault_has_label_5_and_the_handlers_badge)
{
    struct faulting s = faulting_with(RIGHT_WRITE | RIGHT_GRANT);
    fault(&s);

    struct incoming message = handled(&s);

    EXPECT_EQ(5, message.label);
    EXPECT_EQ(9, message.badge);
    EXPECT_EQ(FAULT_VM_LENGTH, message.length);
    EXPECT_EQ(0x401000, message.words[0]);
    EXPECT_EQ(0x5000, message.words[1]);
    EXPECT_EQ(THREAD_BLOCKED_ON_REPLY, s.faulter.tcb->state);
    EXPECT_EQ(FAULT_VM_CLASSIC, s.f->last_fault.label);
    EXPECT_TRUE(s.f->last_fault.handled);
    fixture_free(s.f);
}

TEST(a_faulter_that_is_answered_executes_its_instruction_again)
{
    struct faulting s = faulting_with(RIGHT_WRITE | RIGHT_GRANT_REPLY);
    fault(&s);
    handled(&s);

    REPLY(s.f, .label = 0);

    EXPECT_RUNS(s.f, s.faulter);
    EXPECT_EQ(0x401000, *fixture_register(s.f, X86_RIP));
    EXPECT_EQ(NO_FAULT, s.faulter.tcb->fault.kind);
    fixture_free(s.f);
}

TEST(an_exception_that_is_answered_with_a_label_stops_the_faulter)
{
    struct faulting s = faulting_with(RIGHT_WRITE | RIGHT_GRANT);
    fixture_exception(s.f, X86_INVALID_OPCODE, 0, 0);
    EXPECT_EQ(FAULT_USER_EXCEPTION, handled(&s).label);

    REPLY(s.f, .label = 1);

    EXPECT_EQ(THREAD_INACTIVE, s.faulter.tcb->state);
    fixture_free(s.f);
}

TEST(a_saved_fault_is_answered_through_its_cap)
{
    struct faulting s = faulting_with(RIGHT_WRITE | RIGHT_GRANT);
    fixture_exception(s.f, X86_INVALID_OPCODE, 0, 0);
    handled(&s);
    cptr slot = fixture_slots(s.f, 1);
    EXPECT_EQ(seL4_NoError, CALL(s.f, CNODE, CNodeSaveCaller, ARGS(slot, 64)).error);

    SEND(s.f, slot, WORDS(0x402000));

    EXPECT_RUNS(s.f, s.faulter);
    EXPECT_EQ(0x402000, *fixture_register(s.f, X86_RIP));
    EXPECT_CAP(s.f, slot, CAP_NULL);
    fixture_free(s.f);
}

static void expect_stopped(struct faulting *s)
{
    s->f->report_count = 0;
    fault(s);
    EXPECT_RUNS(s->f, fixture_root(s->f));
    EXPECT_EQ(THREAD_INACTIVE, s->faulter.tcb->state);
    EXPECT_EQ(ENDPOINT_IDLE, fixture_endpoint(s->f, s->ep)->state);
    EXPECT_FALSE(s->f->last_fault.handled);
    EXPECT_EQ(NO_FAULT, s->faulter.tcb->fault.kind);
    /* The sentence, then four lines of registers. */
    EXPECT_EQ(5, s->f->report_count);
    fixture_free(s->f);
}

TEST(a_handler_needs_write)
{
    struct faulting s = faulting_with(RIGHT_READ | RIGHT_GRANT | RIGHT_GRANT_REPLY);
    expect_stopped(&s);
}

TEST(a_handler_needs_grant_or_grant_reply)
{
    struct faulting s = faulting_with(RIGHT_READ | RIGHT_WRITE);
    expect_stopped(&s);
}

TEST(the_handler_is_looked_up_when_the_fault_happens)
{
    struct faulting s = faulting_with(RIGHT_WRITE | RIGHT_GRANT);
    /* By somebody else, before it faults. */
    struct fixture_thread other = fixture_thread(s.f, 160, FIXTURE_ACTIVE);
    fixture_start(s.f, other);
    fixture_delete(s.f, s.handler);
    CALL_EP(s.f, other.cap, .label = fixture_label(s.f, TCBSuspend));
    EXPECT_RUNS(s.f, s.faulter);
    expect_stopped(&s);
}

TEST(a_thread_without_handler_stops)
{
    struct fixture *f = fixture_new("sel4test-classic");

    fixture_exception(f, X86_PAGE_FAULT, X86_FAULT_USER, 0x5000);

    EXPECT_EQ(NEXT_IDLE, f->next.kind);
    EXPECT_EQ(1, f->fault_count);
    EXPECT_FALSE(f->last_fault.handled);
    fixture_free(f);
}

static bool find_fault(void *context, const struct kernel_thread *thread)
{
    *(unsigned *)context += thread->wait == WAIT_FAULT;
    return true;
}

TEST(a_report_counts_faulters_with_and_without_handler)
{
    struct faulting s = faulting_with(RIGHT_WRITE | RIGHT_GRANT);
    fault(&s);
    unsigned waiting = 0;
    kernel_each_thread(s.f->k, find_fault, &waiting);
    EXPECT_EQ(1, waiting);

    fault(&s); /* of the root task, which has no handler */
    EXPECT_EQ(NEXT_IDLE, s.f->next.kind);
    waiting = 0;
    kernel_each_thread(s.f->k, find_fault, &waiting);
    EXPECT_EQ(2, waiting);
    fixture_free(s.f);
}

TEST(a_faulter_whose_handler_is_deleted_faults_again)
{
    struct faulting s = faulting_with(RIGHT_WRITE | RIGHT_GRANT);
    fault(&s);
    EXPECT_EQ(THREAD_BLOCKED_ON_SEND, s.faulter.tcb->state);

    EXPECT_EQ(seL4_NoError, CALL(s.f, CNODE, CNodeRevoke, ARGS(s.ep, 64)).error);
    fixture_delete(s.f, s.ep);

    EXPECT_RUNS(s.f, s.faulter);
    EXPECT_EQ(0x401000, *fixture_register(s.f, X86_RIP));
    fixture_free(s.f);
}

/* As on the real kernel: to suspend a thread does not take its fault back. */
TEST(a_fault_that_nobody_heard_of_is_the_threads_next_message)
{
    struct faulting s = faulting_with(RIGHT_WRITE | RIGHT_GRANT);
    cptr elsewhere = fixture_slots(s.f, 1);
    fault(&s);
    CALL(s.f, s.f->untyped, UntypedRetype,
         ARGS(fixture_type(s.f, seL4_EndpointObject), 0, 0, 0, elsewhere, 1), CAPS(CNODE));
    EXPECT_EQ(seL4_NoError, CALL(s.f, s.faulter.cap, TCBSuspend).error);
    EXPECT_EQ(seL4_NoError, CALL(s.f, s.faulter.cap, TCBResume).error);
    EXPECT_RUNS(s.f, s.faulter);

    SEND(s.f, elsewhere, .label = 77, WORDS(1));
    fixture_recv(s.f, elsewhere, 0);

    EXPECT_EQ(FAULT_VM_CLASSIC, fixture_received(s.f, fixture_root(s.f).tcb).label);
    fixture_free(s.f);
}

TEST(a_cap_fault_of_a_receive_says_so)
{
    struct faulting s = faulting_with(RIGHT_WRITE | RIGHT_GRANT);
    fixture_recv(s.f, VSPACE, 0);

    struct incoming message = handled(&s);

    EXPECT_EQ(FAULT_CAP, message.label);
    EXPECT_EQ(VSPACE, message.words[1]);
    EXPECT_EQ(1, message.words[2]);
    EXPECT_EQ(seL4_MissingCapability, message.words[3]);
    fixture_free(s.f);
}
