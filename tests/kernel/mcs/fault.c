/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Faults: what handlers are told, and what their replies do. */
#include "tests/kernel/fixture_ipc.h"

#include "abi/x86/exceptions.h"
#include "kernel/fault.h"

#define RIP 0x401000ul

/* A thread that runs, and the root task as its handler. */
struct scene {
    struct fixture *f;
    cptr ep;
    cptr reply;
    struct fixture_thread faulter;
    struct fixture_thread handler;
};

static struct scene scene_new(const char *config)
{
    struct fixture *f = fixture_new(config);
    fixture_root_steps_back(f);
    struct scene s = {.f = f,
                      .ep = fixture_make(f, seL4_EndpointObject, 0),
                      .reply = fixture_make(f, seL4_ReplyObject, 0),
                      .handler = fixture_root(f)};
    cptr badged = fixture_mint(f, s.ep, ALL_RIGHTS, 0xbad);
    s.faulter = fixture_thread(f, 150, FIXTURE_ACTIVE);
    fixture_handle_faults(f, s.faulter, badged);
    fixture_start(f, s.faulter);
    EXPECT_RUNS(f, s.faulter);
    for (unsigned i = 0; i < X86_REGISTERS; i++) {
        s.faulter.tcb->registers.r[i] = 0x100 + i;
    }
    s.faulter.tcb->registers.r[X86_RIP] = RIP;
    s.faulter.tcb->registers.r[X86_RFLAGS] = 0x202;
    return s;
}

static struct incoming hear(struct scene *s)
{
    EXPECT_RUNS(s->f, s->handler);
    fixture_recv(s->f, s->ep, s->reply);
    EXPECT_RUNS(s->f, s->handler);
    struct incoming message = fixture_received(s->f, s->handler.tcb);
    EXPECT_EQ(0xbad, message.badge);
    EXPECT_EQ(THREAD_BLOCKED_ON_REPLY, s->faulter.tcb->state);
    return message;
}

#define ANSWER(s, ...) SEND((s).f, (s).reply, __VA_ARGS__)

/* VM faults. */

TEST(a_vm_fault_tells_ip_address_and_status)
{
    struct scene s = scene_new("sel4test");

    fixture_exception(s.f, X86_PAGE_FAULT, X86_FAULT_USER | X86_FAULT_WRITE, 0xdead000);

    struct incoming message = hear(&s);
    EXPECT_EQ(FAULT_VM_MCS, message.label);
    EXPECT_EQ(FAULT_VM_LENGTH, message.length);
    EXPECT_EQ(RIP, message.words[0]);
    EXPECT_EQ(0xdead000, message.words[1]);
    EXPECT_EQ(0, message.words[2]);
    EXPECT_EQ(6, message.words[3]);
    fixture_free(s.f);
}

TEST(the_host_hears_of_a_vm_fault_with_the_registers)
{
    struct scene s = scene_new("sel4test");

    fixture_exception(s.f, X86_PAGE_FAULT, X86_FAULT_USER, 0xdead000);

    EXPECT_EQ(1, s.f->fault_count);
    EXPECT_EQ(FAULT_VM_MCS, s.f->last_fault.label);
    EXPECT_EQ(X86_PAGE_FAULT, s.f->last_fault.vector);
    EXPECT_EQ(4, s.f->last_fault.error);
    EXPECT_EQ(0xdead000, s.f->last_fault.address);
    EXPECT_TRUE(s.f->last_fault.handled);
    EXPECT_EQ(tcb_address(s.f->k, s.faulter.tcb), s.f->last_fault.tcb);
    EXPECT_EQ(RIP, s.f->last_fault_registers.r[X86_RIP]);
    fixture_free(s.f);
}

TEST(a_vm_fault_is_retried_after_any_reply)
{
    struct scene s = scene_new("sel4test");
    fixture_exception(s.f, X86_PAGE_FAULT, X86_FAULT_USER, 0xdead000);
    hear(&s);

    ANSWER(s, .label = 99, WORDS(1, 2, 3));

    EXPECT_RUNS(s.f, s.faulter);
    EXPECT_EQ(RIP, *fixture_register(s.f, X86_RIP));
    EXPECT_EQ(0x100 + X86_RAX, *fixture_register(s.f, X86_RAX));
    EXPECT_EQ(NO_FAULT, s.faulter.tcb->fault.kind);
    fixture_free(s.f);
}

/* Cap faults. */

TEST(a_cap_fault_tells_where_the_lookup_failed)
{
    struct scene s = scene_new("sel4test");

    SEND(s.f, 1ul << 40);

    struct incoming message = hear(&s);
    EXPECT_EQ(FAULT_CAP, message.label);
    EXPECT_EQ(7, message.length);
    EXPECT_EQ(RIP, message.words[0]);
    EXPECT_EQ(1ul << 40, message.words[1]);
    EXPECT_EQ(0, message.words[2]);
    EXPECT_EQ(seL4_GuardMismatch, message.words[3]);
    EXPECT_EQ(64, message.words[4]);
    fixture_free(s.f);
}

TEST(a_cap_fault_while_receiving_says_so)
{
    struct scene s = scene_new("sel4test");
    cptr empty = fixture_slots(s.f, 1);

    fixture_wait(s.f, empty);

    struct incoming message = hear(&s);
    EXPECT_EQ(5, message.length);
    EXPECT_EQ(empty, message.words[1]);
    EXPECT_EQ(1, message.words[2]);
    EXPECT_EQ(seL4_MissingCapability, message.words[3]);
    EXPECT_EQ(0, message.words[4]);
    fixture_free(s.f);
}

TEST(a_cap_fault_is_retried_after_any_reply)
{
    struct scene s = scene_new("sel4test");
    fixture_wait(s.f, fixture_slots(s.f, 1));
    hear(&s);

    ANSWER(s, .label = 1);

    EXPECT_RUNS(s.f, s.faulter);
    EXPECT_EQ(RIP, *fixture_register(s.f, X86_RIP));
    fixture_free(s.f);
}

TEST(nbsend_to_a_cap_that_is_not_found_is_no_fault)
{
    struct scene s = scene_new("sel4test");

    NBSEND(s.f, 1ul << 40);

    EXPECT_RUNS(s.f, s.faulter);
    EXPECT_EQ(0, s.f->fault_count);
    fixture_free(s.f);
}

/* Unknown system calls. */

#define UNKNOWN 1234

/* seL4 does not keep rsp, rcx and r11 of a system call, and tells stale ones. */
TEST(an_unknown_system_call_tells_all_registers_and_its_number)
{
    struct scene s = scene_new("sel4test");

    fixture_syscall(s.f, UNKNOWN);

    struct incoming message = hear(&s);
    EXPECT_EQ(FAULT_UNKNOWN_SYSCALL, message.label);
    EXPECT_EQ(UNKNOWN_SYSCALL_LENGTH, message.length);
    EXPECT_EQ(0x100 + X86_RAX, message.words[0]);
    EXPECT_EQ(0x100 + X86_R15, message.words[14]);
    EXPECT_EQ(RIP, message.words[15]);
    EXPECT_EQ(0x100 + X86_RSP, message.words[16]);
    EXPECT_EQ(0x202, message.words[17]);
    EXPECT_EQ(UNKNOWN, message.words[18]);
    fixture_free(s.f);
}

TEST(the_reply_to_an_unknown_system_call_sets_the_registers_it_has_words_for)
{
    struct scene s = scene_new("sel4test");
    fixture_syscall(s.f, UNKNOWN);
    hear(&s);

    ANSWER(s, WORDS(70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 0x402000));

    EXPECT_RUNS(s.f, s.faulter);
    EXPECT_EQ(70, *fixture_register(s.f, X86_RAX));
    EXPECT_EQ(84, *fixture_register(s.f, X86_R15));
    EXPECT_EQ(0x402000, *fixture_register(s.f, X86_RIP));
    EXPECT_EQ(0x100 + X86_RSP, *fixture_register(s.f, X86_RSP));
    fixture_free(s.f);
}

TEST(an_empty_reply_to_an_unknown_system_call_makes_it_again)
{
    struct scene s = scene_new("sel4test");
    fixture_syscall(s.f, UNKNOWN);
    hear(&s);

    ANSWER(s);

    EXPECT_RUNS(s.f, s.faulter);
    EXPECT_EQ(RIP, *fixture_register(s.f, X86_RIP));
    fixture_free(s.f);
}

TEST(a_reply_with_a_label_to_an_unknown_system_call_stops_the_thread)
{
    struct scene s = scene_new("sel4test");
    fixture_syscall(s.f, UNKNOWN);
    hear(&s);

    ANSWER(s, .label = 1, WORDS(70));

    EXPECT_RUNS(s.f, s.handler);
    EXPECT_EQ(THREAD_INACTIVE, s.faulter.tcb->state);
    EXPECT_EQ(70, s.faulter.tcb->registers.r[X86_RAX]);
    fixture_free(s.f);
}

TEST(the_reply_of_a_handler_without_an_ipc_buffer_sets_four_registers)
{
    struct scene s = scene_new("sel4test");
    fixture_syscall(s.f, UNKNOWN);
    hear(&s);
    struct cap frame = s.handler.tcb->slots[TCB_IPC_BUFFER].cap;
    s.handler.tcb->slots[TCB_IPC_BUFFER].cap = cap_null();

    ANSWER(s, WORDS(70, 71, 72, 73, 74, 75));

    s.handler.tcb->slots[TCB_IPC_BUFFER].cap = frame;
    EXPECT_RUNS(s.f, s.faulter);
    EXPECT_EQ(73, *fixture_register(s.f, X86_RDX));
    EXPECT_EQ(0x100 + X86_RSI, *fixture_register(s.f, X86_RSI));
    fixture_free(s.f);
}

/* User exceptions. */

TEST(an_illegal_instruction_tells_ip_sp_flags_vector_and_error)
{
    struct scene s = scene_new("sel4test");

    fixture_exception(s.f, X86_INVALID_OPCODE, 0, 0);

    struct incoming message = hear(&s);
    EXPECT_EQ(FAULT_USER_EXCEPTION, message.label);
    EXPECT_EQ(USER_EXCEPTION_LENGTH, message.length);
    EXPECT_EQ(RIP, message.words[0]);
    EXPECT_EQ(0x100 + X86_RSP, message.words[1]);
    EXPECT_EQ(0x202, message.words[2]);
    EXPECT_EQ(X86_INVALID_OPCODE, message.words[3]);
    EXPECT_EQ(0, message.words[4]);
    fixture_free(s.f);
}

TEST(the_reply_to_a_user_exception_moves_ip_and_makes_the_flags_harmless)
{
    struct scene s = scene_new("sel4test");
    fixture_exception(s.f, X86_INVALID_OPCODE, 0, 0);
    hear(&s);

    ANSWER(s, WORDS(RIP + 2, 0x7000, 0xffff));

    EXPECT_RUNS(s.f, s.faulter);
    EXPECT_EQ(RIP + 2, *fixture_register(s.f, X86_RIP));
    EXPECT_EQ(0x7000, *fixture_register(s.f, X86_RSP));
    EXPECT_EQ(0xed7, *fixture_register(s.f, X86_RFLAGS));
    fixture_free(s.f);
}

TEST(a_reply_that_moves_ip_to_no_canonical_address_moves_it_to_0)
{
    struct scene s = scene_new("sel4test");
    fixture_exception(s.f, X86_INVALID_OPCODE, 0, 0);
    hear(&s);

    ANSWER(s, WORDS(0x800000000000));

    EXPECT_RUNS(s.f, s.faulter);
    EXPECT_EQ(0, *fixture_register(s.f, X86_RIP));
    fixture_free(s.f);
}

TEST(a_reply_with_a_label_to_a_user_exception_stops_the_thread)
{
    struct scene s = scene_new("sel4test");
    fixture_exception(s.f, X86_INVALID_OPCODE, 0, 0);
    hear(&s);

    ANSWER(s, .label = 1);

    EXPECT_EQ(THREAD_INACTIVE, s.faulter.tcb->state);
    EXPECT_EQ(NO_FAULT, s.faulter.tcb->fault.kind);
    fixture_free(s.f);
}

TEST(a_fault_message_without_an_ipc_buffer_has_four_words)
{
    struct scene s = scene_new("sel4test");
    struct cap frame = s.handler.tcb->slots[TCB_IPC_BUFFER].cap;
    fixture_exception(s.f, X86_INVALID_OPCODE, 0, 0);
    s.handler.tcb->slots[TCB_IPC_BUFFER].cap = cap_null();

    struct incoming message = hear(&s);

    EXPECT_EQ(4, message.length);
    EXPECT_EQ(X86_INVALID_OPCODE, message.words[3]);
    s.handler.tcb->slots[TCB_IPC_BUFFER].cap = frame;
    fixture_free(s.f);
}

/* Software interrupts. */

TEST(an_int_of_a_high_vector_is_a_system_call_that_does_not_exist)
{
    struct scene s = scene_new("sel4test");
    s.faulter.tcb->registers.r[X86_RAX] = 0x123456789abcdef0;

    fixture_exception(s.f, X86_GENERAL_PROTECTION, X86_ERROR_OF_INT(0x9e), 0);

    struct incoming message = hear(&s);
    EXPECT_EQ(FAULT_UNKNOWN_SYSCALL, message.label);
    EXPECT_EQ(0xffffffff9ebcdef0, message.words[UNKNOWN_SYSCALL_LENGTH - 1]);
    EXPECT_EQ(RIP, s.faulter.tcb->registers.r[X86_RIP]);
    EXPECT_EQ(RIP + 2, s.faulter.tcb->next_rip);
    fixture_free(s.f);
}

TEST(an_int_of_a_vector_below_is_a_general_protection_fault)
{
    struct scene s = scene_new("sel4test");

    fixture_exception(s.f, X86_GENERAL_PROTECTION, X86_ERROR_OF_INT(0x9d), 0);

    struct incoming message = hear(&s);
    EXPECT_EQ(FAULT_USER_EXCEPTION, message.label);
    EXPECT_EQ(X86_ERROR_OF_INT(0x9d), message.words[4]);
    fixture_free(s.f);
}

TEST(an_int_of_the_spurious_vector_does_nothing)
{
    struct scene s = scene_new("sel4test");

    fixture_exception(s.f, X86_GENERAL_PROTECTION, X86_ERROR_OF_INT(0xff), 0);

    EXPECT_RUNS(s.f, s.faulter);
    EXPECT_EQ(RIP + 2, s.f->next.registers->r[X86_RIP]);
    EXPECT_EQ(NO_FAULT, s.faulter.tcb->fault.kind);
    fixture_free(s.f);
}

TEST(an_int_that_the_budget_does_not_cover_is_executed_again)
{
    struct scene s = scene_new("microkit");
    s.f->now_ticks += 1000 * 1000 * TICKS_PER_US;

    fixture_exception(s.f, X86_GENERAL_PROTECTION, X86_ERROR_OF_INT(0xa0), 0);

    EXPECT_RUNS(s.f, s.faulter);
    EXPECT_EQ(RIP, s.f->next.registers->r[X86_RIP]);
    fixture_free(s.f);
}

/* Debug exceptions. */

TEST(a_software_breakpoint_is_a_debug_exception_with_the_hardware_debug_api)
{
    struct scene s = scene_new("microkit");

    fixture_exception(s.f, X86_BREAKPOINT, 0, 0);

    struct incoming message = hear(&s);
    EXPECT_EQ(FAULT_DEBUG_EXCEPTION, message.label);
    EXPECT_EQ(2, message.length);
    EXPECT_EQ(RIP, message.words[0]);
    EXPECT_EQ(DEBUG_SOFTWARE_BREAK, message.words[1]);
    fixture_free(s.f);
}

TEST(a_software_breakpoint_is_not_lost_when_the_budget_is_spent)
{
    struct scene s = scene_new("microkit");
    s.f->now_ticks += 1000 * 1000 * TICKS_PER_US;

    fixture_exception(s.f, X86_BREAKPOINT, 0, 0);

    EXPECT_EQ(THREAD_BLOCKED_ON_SEND, s.faulter.tcb->state);
    EXPECT_EQ(DEBUG_EXCEPTION, s.faulter.tcb->fault.kind);
    fixture_free(s.f);
}

TEST(a_user_exception_happens_again_when_the_budget_was_spent)
{
    struct scene s = scene_new("microkit");
    s.f->now_ticks += 1000 * 1000 * TICKS_PER_US;

    fixture_exception(s.f, X86_INVALID_OPCODE, 0, 0);

    EXPECT_RUNS(s.f, s.faulter);
    EXPECT_EQ(RIP, s.faulter.tcb->registers.r[X86_RIP]);
    EXPECT_EQ(NO_FAULT, s.faulter.tcb->fault.kind);
    fixture_free(s.f);
}

TEST(a_lost_cell_is_a_fault_even_when_the_budget_is_spent)
{
    struct scene s = scene_new("microkit");
    s.f->now_ticks += 1000 * 1000 * TICKS_PER_US;

    fixture_lost(s.f);

    EXPECT_EQ(THREAD_BLOCKED_ON_SEND, s.faulter.tcb->state);
    EXPECT_EQ(VM_FAULT, s.faulter.tcb->fault.kind);
    EXPECT_FALSE(s.faulter.tcb->in_ready_queue);
    EXPECT_FALSE(s.faulter.tcb->in_release_queue);
    fixture_free(s.f);
}

TEST(a_software_breakpoint_is_a_user_exception_without_the_hardware_debug_api)
{
    struct scene s = scene_new("sel4test");

    fixture_exception(s.f, X86_BREAKPOINT, 0, 0);

    struct incoming message = hear(&s);
    EXPECT_EQ(FAULT_USER_EXCEPTION, message.label);
    EXPECT_EQ(X86_BREAKPOINT, message.words[3]);
    fixture_free(s.f);
}

static void watch(struct scene *s, unsigned number, uint64_t address)
{
    s->faulter.tcb->breakpoints[number] = (struct x86_breakpoint){
        .address = address, .bytes = 4, .on = X86_BREAK_ON_WRITE, .enabled = true};
    s->faulter.tcb->breakpoints_used |= 1u << number;
}

TEST(a_breakpoints_message_tells_its_address_and_number)
{
    struct scene s = scene_new("microkit");
    watch(&s, 2, 0x5000);

    fixture_debug_exception(s.f, X86_DEBUG_HIT(2));

    struct incoming message = hear(&s);
    EXPECT_EQ(FAULT_DEBUG_EXCEPTION, message.label);
    EXPECT_EQ(FAULT_DEBUG_LENGTH, message.length);
    EXPECT_EQ(RIP, message.words[0]);
    EXPECT_EQ(DEBUG_DATA_BREAKPOINT, message.words[1]);
    EXPECT_EQ(0x5000, message.words[2]);
    EXPECT_EQ(2, message.words[3]);
    EXPECT_EQ(0, s.f->fault_count);
    fixture_free(s.f);
}

TEST(of_several_breakpoints_hit_at_once_the_first_is_told)
{
    struct scene s = scene_new("microkit");
    watch(&s, 1, 0x5000);
    watch(&s, 3, 0x5004);

    fixture_debug_exception(s.f, X86_DEBUG_HIT(1) | X86_DEBUG_HIT(3));

    EXPECT_EQ(1, hear(&s).words[3]);
    fixture_free(s.f);
}

TEST(a_breakpoint_that_is_hit_in_a_single_step_is_told_instead_of_the_step)
{
    struct scene s = scene_new("microkit");
    watch(&s, 0, 0x5000);
    tcb_single_step(s.faulter.tcb, 1);

    fixture_debug_exception(s.f, X86_DEBUG_HIT(0) | X86_DEBUG_STEP);

    EXPECT_EQ(DEBUG_DATA_BREAKPOINT, hear(&s).words[1]);
    EXPECT_EQ(1, s.faulter.tcb->single_step_left);
    fixture_free(s.f);
}

TEST(int1_is_nothing_with_the_hardware_debug_api)
{
    struct scene s = scene_new("microkit");

    fixture_debug_exception(s.f, 0);

    EXPECT_RUNS(s.f, s.faulter);
    EXPECT_EQ(NO_FAULT, s.faulter.tcb->fault.kind);
    fixture_free(s.f);
}

TEST(int1_is_a_user_exception_without_the_hardware_debug_api)
{
    struct scene s = scene_new("sel4test");

    fixture_debug_exception(s.f, 0);

    struct incoming message = hear(&s);
    EXPECT_EQ(FAULT_USER_EXCEPTION, message.label);
    EXPECT_EQ(X86_DEBUG, message.words[3]);
    fixture_free(s.f);
}

static void take_single_step(struct scene *s)
{
    s->faulter.tcb->single_step = true;
    s->faulter.tcb->single_step_left = 1;
    fixture_debug_exception(s->f, X86_DEBUG_STEP);
    struct incoming message = hear(s);
    EXPECT_EQ(FAULT_DEBUG_EXCEPTION, message.label);
    EXPECT_EQ(2, message.length);
    EXPECT_EQ(DEBUG_SINGLE_STEP, message.words[1]);
}

TEST(an_empty_reply_to_a_single_step_takes_one_more)
{
    struct scene s = scene_new("microkit");
    take_single_step(&s);

    ANSWER(s);

    EXPECT_RUNS(s.f, s.faulter);
    EXPECT_TRUE(s.f->next.single_step);
    EXPECT_EQ(1, s.faulter.tcb->single_step_left);
    EXPECT_EQ(0, s.f->fault_count);
    fixture_free(s.f);
}

TEST(a_reply_to_a_single_step_says_how_many_to_skip)
{
    struct scene s = scene_new("microkit");
    take_single_step(&s);
    ANSWER(s, WORDS(2));
    EXPECT_RUNS(s.f, s.faulter);

    fixture_debug_exception(s.f, X86_DEBUG_STEP);
    EXPECT_RUNS(s.f, s.faulter);
    fixture_debug_exception(s.f, X86_DEBUG_STEP);

    EXPECT_EQ(FAULT_DEBUG_EXCEPTION, hear(&s).label);
    fixture_free(s.f);
}

TEST(a_reply_of_0_to_a_single_step_ends_stepping)
{
    struct scene s = scene_new("microkit");
    take_single_step(&s);

    ANSWER(s, WORDS(0));

    EXPECT_RUNS(s.f, s.faulter);
    EXPECT_FALSE(s.f->next.single_step);
    fixture_free(s.f);
}

TEST(a_thread_that_single_steps_shows_the_trap_flag_and_after_a_step_the_resume_flag)
{
    struct scene s = scene_new("microkit");
    take_single_step(&s);
    ANSWER(s);
    EXPECT_EQ(X86_FLAG_TRAP | X86_FLAG_RESUME,
              s.f->next.registers->r[X86_RFLAGS] & (X86_FLAG_TRAP | X86_FLAG_RESUME));

    fixture_debug_exception(s.f, X86_DEBUG_STEP);
    hear(&s);
    ANSWER(s, WORDS(0));
    EXPECT_EQ(0, s.f->next.registers->r[X86_RFLAGS] & X86_FLAG_TRAP);
    fixture_free(s.f);
}

/* `sysret` sets the trap flag, and the CPU traps as if the `syscall` had been the instruction. */
TEST(a_single_step_over_a_system_call_ends_right_behind_it)
{
    struct scene s = scene_new("microkit");
    tcb_single_step(s.faulter.tcb, 1);

    fixture_syscall(s.f, SYS_Yield);

    struct incoming message = hear(&s);
    EXPECT_EQ(FAULT_DEBUG_EXCEPTION, message.label);
    EXPECT_EQ(RIP + 2, message.words[0]);
    EXPECT_EQ(DEBUG_SINGLE_STEP, message.words[1]);
    EXPECT_EQ(0, s.faulter.tcb->registers.r[X86_RSP]);
    fixture_free(s.f);
}

TEST(a_step_over_a_system_call_counts_among_those_to_skip)
{
    struct scene s = scene_new("microkit");
    tcb_single_step(s.faulter.tcb, 2);

    fixture_syscall(s.f, SYS_Yield);

    EXPECT_RUNS(s.f, s.faulter);
    EXPECT_EQ(RIP + 2, s.f->next.registers->r[X86_RIP]);
    EXPECT_EQ(1, s.faulter.tcb->single_step_left);
    fixture_debug_exception(s.f, X86_DEBUG_STEP);
    EXPECT_EQ(FAULT_DEBUG_EXCEPTION, hear(&s).label);
    fixture_free(s.f);
}

TEST(a_trap_flag_of_the_threads_own_traps_behind_a_system_call_as_well)
{
    struct scene s = scene_new("sel4test");
    s.faulter.tcb->registers.r[X86_RFLAGS] |= X86_FLAG_TRAP;

    fixture_syscall(s.f, SYS_Yield);

    struct incoming message = hear(&s);
    EXPECT_EQ(FAULT_USER_EXCEPTION, message.label);
    EXPECT_EQ(RIP + 2, message.words[0]);
    EXPECT_EQ(X86_DEBUG, message.words[3]);
    fixture_free(s.f);
}

TEST(a_reply_with_a_label_to_a_debug_exception_stops_the_thread)
{
    struct scene s = scene_new("microkit");
    fixture_exception(s.f, X86_BREAKPOINT, 0, 0);
    hear(&s);

    ANSWER(s, .label = 1);

    EXPECT_EQ(THREAD_INACTIVE, s.faulter.tcb->state);
    fixture_free(s.f);
}

/* Timeouts. */

#define BUDGET_US 1000

/* A thread with 1 ms in 100 ms that hears of its timeouts, and data 0x7e in its time. */
static struct scene timeout_scene(void)
{
    struct scene s = scene_new("sel4test");
    struct fixture *f = s.f;
    EXPECT_EQ(seL4_NoError, CALL(f, s.faulter.cap, TCBSetTimeoutEndpoint, .length = 0,
                                 CAPS(fixture_mint(f, s.ep, ALL_RIGHTS, 0xbad)))
                                .error);
    EXPECT_EQ(seL4_NoError, CALL(f, f->sched_control, SchedControlConfigureFlags,
                                 ARGS(BUDGET_US, 100 * BUDGET_US, 0, 0x7e, 0), CAPS(s.faulter.sc))
                                .error);
    EXPECT_RUNS(f, s.faulter);
    f->now_ticks += 2 * BUDGET_US * TICKS_PER_US;
    fixture_interrupt(f);
    return s;
}

TEST(a_timeout_tells_the_data_and_the_time_consumed)
{
    struct scene s = timeout_scene();

    struct incoming message = hear(&s);

    EXPECT_EQ(FAULT_TIMEOUT_MCS, message.label);
    EXPECT_EQ(FAULT_TIMEOUT_LENGTH, message.length);
    EXPECT_EQ(0x7e, message.words[0]);
    EXPECT_EQ(2 * BUDGET_US, message.words[1]);
    EXPECT_EQ(0, s.f->fault_count);
    EXPECT_EQ(0, sc_at(s.f->k, s.handler.tcb->sc)->reply);
    fixture_free(s.f);
}

TEST(a_reply_to_a_timeout_with_time_left_lets_the_thread_go_on_where_it_says)
{
    struct scene s = timeout_scene();
    hear(&s);
    s.f->now_ticks += 200 * BUDGET_US * TICKS_PER_US;
    fixture_interrupt(s.f); /* this much is charged to the handler, whose turn comes again */
    EXPECT_RUNS(s.f, s.handler);

    ANSWER(s, WORDS(0x402000, 0x7000));

    EXPECT_RUNS(s.f, s.faulter);
    EXPECT_EQ(0x402000, *fixture_register(s.f, X86_RIP));
    EXPECT_EQ(0x7000, *fixture_register(s.f, X86_RSP));
    fixture_free(s.f);
}

TEST(a_reply_to_a_timeout_without_time_left_lets_the_thread_wait_for_more)
{
    struct scene s = timeout_scene();
    hear(&s);

    ANSWER(s);

    EXPECT_RUNS(s.f, s.handler);
    EXPECT_EQ(THREAD_RESTART, s.faulter.tcb->state);
    EXPECT_TRUE(s.faulter.tcb->in_release_queue);
    fixture_free(s.f);
}

TEST(a_reply_with_a_label_to_a_timeout_stops_the_thread)
{
    struct scene s = timeout_scene();
    hear(&s);

    ANSWER(s, .label = 1);

    EXPECT_EQ(THREAD_INACTIVE, s.faulter.tcb->state);
    fixture_free(s.f);
}

TEST(a_timeout_lends_no_time_to_a_passive_handler)
{
    struct scene s = timeout_scene();
    struct fixture *f = s.f;
    /* A server that has given its client's time back finds the timeout when it receives again. */
    cptr work = fixture_make(f, seL4_EndpointObject, 0);
    cptr reply = fixture_make(f, seL4_ReplyObject, 0);
    struct fixture_thread server = fixture_passive_server(f, 140, work, reply);
    CALL_EP(f, work);
    EXPECT_RUNS(f, server);
    EXPECT_EQ(THREAD_BLOCKED_ON_SEND, s.faulter.tcb->state);
    paddr sc = s.faulter.tcb->sc;

    REPLY_RECV(f, s.ep, reply);

    EXPECT_RUNS(f, s.handler);
    EXPECT_EQ(THREAD_BLOCKED_ON_REPLY, s.faulter.tcb->state);
    EXPECT_EQ(sc, s.faulter.tcb->sc);
    EXPECT_EQ(0, server.tcb->sc);
    EXPECT_EQ(THREAD_RUNNING, server.tcb->state);
    fixture_free(f);
}

/* No handler. */

TEST(a_fault_that_nobody_handles_stops_the_thread_and_says_why)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    struct fixture_thread faulter = fixture_running(f, 150);
    unsigned before = f->report_count;

    fixture_exception(f, X86_PAGE_FAULT, X86_FAULT_USER | X86_FAULT_WRITE, 0x10);

    EXPECT_RUNS(f, fixture_root(f));
    EXPECT_EQ(THREAD_INACTIVE, faulter.tcb->state);
    EXPECT_FALSE(f->last_fault.handled);
    EXPECT_EQ(before + 5, f->report_count); /* one for the fault, four of registers */
    fixture_free(f);
}

TEST(a_configuration_without_printing_says_nothing_of_it)
{
    struct fixture *f = fixture_new("microkit-release");
    fixture_root_steps_back(f);
    struct fixture_thread faulter = fixture_running(f, 150);

    fixture_exception(f, X86_PAGE_FAULT, X86_FAULT_USER, 0x10);

    EXPECT_EQ(THREAD_INACTIVE, faulter.tcb->state);
    EXPECT_EQ(0, f->report_count);
    EXPECT_EQ(1, f->fault_count);
    fixture_free(f);
}

TEST(a_faulted_thread_without_a_handler_can_be_resumed)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    struct fixture_thread faulter = fixture_running(f, 150);
    fixture_exception(f, X86_INVALID_OPCODE, 0, 0);

    fixture_start(f, faulter);

    EXPECT_RUNS(f, faulter);
    EXPECT_EQ(NO_FAULT, faulter.tcb->fault.kind);
    fixture_free(f);
}

TEST(a_faulter_lends_its_time_to_a_passive_handler)
{
    struct fixture *f = fixture_new("sel4test");
    fixture_root_steps_back(f);
    cptr ep = fixture_make(f, seL4_EndpointObject, 0);
    cptr reply = fixture_make(f, seL4_ReplyObject, 0);
    struct fixture_thread handler = fixture_passive_server(f, 140, ep, reply);
    struct fixture_thread faulter = fixture_running(f, 150);
    fixture_handle_faults(f, faulter, ep);
    paddr sc = faulter.tcb->sc;

    fixture_exception(f, X86_INVALID_OPCODE, 0, 0);

    EXPECT_RUNS(f, handler);
    EXPECT_EQ(sc, handler.tcb->sc);
    EXPECT_EQ(0, faulter.tcb->sc);
    fixture_free(f);
}
