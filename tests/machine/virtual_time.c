/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* How virtual time passes in the loop, with doubles of the kernel and the platform. */
#include "abi/x86/exceptions.h"
#include "machine/machine.h"
#include "tests/machine/fixture.h"
#include "tests/test.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#define RIP   0x400000u
#define FRAME 0x200000u
#define S     UINT64_C(1000000000)

static struct x86_registers registers;
static const struct kernel_config config = {.name = "test"};

static const struct {
    Elf64_Ehdr header;
    Elf64_Phdr segment;
} root_task = {
    {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
     .e_type = ET_EXEC,
     .e_machine = EM_X86_64,
     .e_entry = RIP,
     .e_phoff = sizeof(Elf64_Ehdr),
     .e_phentsize = sizeof(Elf64_Phdr),
     .e_phnum = 1},
    {.p_type = PT_LOAD, .p_vaddr = RIP, .p_memsz = 0x1000},
};

static struct machine *open_machine(enum machine_time time)
{
    struct machine_options options = {
        .config = &config, .memory_bytes = 16 << 20, .serial = "null", .quiet = true, .time = time};
    struct machine *machine = NULL;
    struct machine_error error;
    doubles_reset();
    registers = (struct x86_registers){.r = {[X86_RIP] = RIP}};
    EXPECT_EQ(0, machine_open(&options, &machine, &error));
    EXPECT_EQ(0, machine_boot(machine, "root.elf", &root_task, sizeof(root_task), &error));
    doubles_add_page(RIP, FRAME, false);
    return machine;
}

static struct kernel_next run_until(uint64_t deadline_ticks)
{
    return (struct kernel_next){.kind = NEXT_RUN,
                                .deadline_ticks = deadline_ticks,
                                .tcb = 0x6000,
                                .vspace = 0x5000,
                                .registers = &registers,
                                .name = "guest"};
}

static void expect_stats(struct machine *machine, const char *expected)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *stream = open_memstream(&text, &bytes);
    machine_print_stats(machine, stream);
    fclose(stream);
    if (!strstr(text, expected)) {
        print_message("%s is not in:\n%s", expected, text);
    }
    EXPECT_TRUE(strstr(text, expected) != NULL);
    free(text);
}

static uint64_t ticks_at[DOUBLE_STEPS];

static void note_ticks(struct kernel_port *port, unsigned enter)
{
    ticks_at[enter] = port->now_ticks(port->context);
}

TEST(the_kernel_is_told_of_1000_ticks_per_microsecond)
{
    struct machine *machine = open_machine(TIME_VIRTUAL);
    EXPECT_EQ(1000, doubles.boot.ticks_per_us);
    machine_close(machine);
}

TEST(an_entry_takes_a_microsecond)
{
    struct machine *machine = open_machine(TIME_VIRTUAL);
    doubles.on_enter = note_ticks;
    doubles.next[0] = doubles.next[1] = run_until(NO_DEADLINE);
    doubles.next[2].kind = NEXT_HALT;
    doubles.runs[0].result = RUN_SYSCALL;
    doubles.run_count = 1;

    machine_run(machine);

    EXPECT_EQ(1000, ticks_at[1] - ticks_at[0]);
    EXPECT_EQ(1000, ticks_at[2] - ticks_at[1]);
    expect_stats(machine, "virtual, at 0.000003 s, repeatable");
    machine_close(machine);
}

static void work_long(struct kernel_port *port, unsigned enter)
{
    ticks_at[0] = port->now_ticks(port->context);
    ticks_at[1] = port->now_ticks(port->context);
    ticks_at[2] = port->now_ticks(port->context);
    (void)enter;
}

/* So that a timer can preempt a long revoke. */
TEST(each_further_look_at_the_clock_within_an_entry_takes_five)
{
    struct machine *machine = open_machine(TIME_VIRTUAL);
    doubles.on_enter = work_long;
    doubles.next[0].kind = NEXT_HALT;

    machine_run(machine);

    EXPECT_EQ(5000, ticks_at[1] - ticks_at[0]);
    EXPECT_EQ(5000, ticks_at[2] - ticks_at[1]);
    machine_close(machine);
}

static void read_ports(struct kernel_port *port, unsigned enter)
{
    ticks_at[0] = port->now_ticks(port->context);
    port->port_in(port->context, 0x61, 1);
    port->port_out(port->context, 0x61, 1, 0);
    ticks_at[1] = port->now_ticks(port->context);
    (void)enter;
}

TEST(an_access_to_a_port_takes_a_microsecond)
{
    struct machine *machine = open_machine(TIME_VIRTUAL);
    doubles.on_enter = read_ports;
    doubles.next[0].kind = NEXT_HALT;
    machine_run(machine);
    EXPECT_EQ(2 * 1000 + 5000, ticks_at[1] - ticks_at[0]);
    machine_close(machine);
}

TEST(idle_time_is_skipped_up_to_the_deadline)
{
    struct machine *machine = open_machine(TIME_VIRTUAL);
    doubles.on_enter = note_ticks;
    doubles.next[0] = (struct kernel_next){.kind = NEXT_IDLE, .deadline_ticks = 10 * S};
    doubles.next[1].kind = NEXT_HALT;
    doubles.timer_pending = true;

    machine_run(machine);

    EXPECT_EQ(EVENT_INTERRUPT, doubles.events[1].kind);
    EXPECT_EQ(10 * S + 1000, ticks_at[1]);
    EXPECT_EQ(0, doubles.idles);
    expect_stats(machine, "repeatable");
    machine_close(machine);
}

/* What the host gave to others is real time's business. */
TEST(the_host_takes_nothing_from_virtual_time)
{
    struct machine *machine = open_machine(TIME_VIRTUAL);
    doubles.on_enter = note_ticks;
    doubles.stolen_ns = 123456;
    doubles.next[0] = run_until(NO_DEADLINE);
    doubles.next[1].kind = NEXT_HALT;
    doubles.runs[0].result = RUN_SYSCALL;
    doubles.run_count = 1;
    machine_run(machine);
    EXPECT_EQ(1000, ticks_at[1] - ticks_at[0]);
    machine_close(machine);
}

static void guest_at(const uint8_t *code, size_t bytes)
{
    memcpy(doubles.boot.ram + FRAME, code, bytes);
    doubles.next[0] = run_until(NO_DEADLINE);
    doubles.next[1].kind = NEXT_HALT;
    doubles.runs[0] =
        (struct double_run){.result = RUN_FAULT, .fault = {.vector = X86_GENERAL_PROTECTION}};
    doubles.runs[1].result = RUN_SYSCALL;
    doubles.run_count = 2;
}

TEST(reading_the_tsc_answers_the_ticks_and_takes_a_microsecond)
{
    struct machine *machine = open_machine(TIME_VIRTUAL);
    registers.r[X86_RAX] = registers.r[X86_RDX] = registers.r[X86_RCX] = UINT64_MAX;
    guest_at((const uint8_t[]){0x0f, 0x31}, 2); /* rdtsc */

    machine_run(machine);

    EXPECT_EQ(EVENT_SYSCALL, doubles.events[1].kind);
    EXPECT_EQ(RIP + 2, registers.r[X86_RIP]);
    EXPECT_EQ(2000, registers.r[X86_RAX]); /* the first entry's, and its own */
    EXPECT_EQ(0, registers.r[X86_RDX]);
    EXPECT_EQ(UINT64_MAX, registers.r[X86_RCX]);
    machine_close(machine);
}

TEST(rdtscp_answers_the_core_number_too)
{
    struct machine *machine = open_machine(TIME_VIRTUAL);
    registers.r[X86_RCX] = UINT64_MAX;
    guest_at((const uint8_t[]){0x0f, 0x01, 0xf9}, 3);
    machine_run(machine);
    EXPECT_EQ(RIP + 3, registers.r[X86_RIP]);
    EXPECT_EQ(2000, registers.r[X86_RAX]);
    EXPECT_EQ(0, registers.r[X86_RCX]);
    machine_close(machine);
}

TEST(another_general_protection_fault_goes_to_the_kernel)
{
    struct machine *machine = open_machine(TIME_VIRTUAL);
    guest_at((const uint8_t[]){0xf4, 0x0f, 0x31}, 3); /* hlt */
    machine_run(machine);
    EXPECT_EQ(EVENT_EXCEPTION, doubles.events[1].kind);
    EXPECT_EQ(X86_GENERAL_PROTECTION, doubles.events[1].vector);
    EXPECT_EQ(RIP, registers.r[X86_RIP]);
    machine_close(machine);
}

/* There rdtsc raises none: a fault at one is made up. */
TEST(in_real_time_so_does_every_one)
{
    struct machine *machine = open_machine(TIME_REAL);
    guest_at((const uint8_t[]){0x0f, 0x31}, 2);
    machine_run(machine);
    EXPECT_EQ(EVENT_EXCEPTION, doubles.events[1].kind);
    machine_close(machine);
}

/* Nobody has been late when nobody was waited for. */
TEST(in_real_time_a_kick_without_a_deadline_costs_nothing)
{
    struct machine *machine = open_machine(TIME_REAL);
    doubles.on_enter = note_ticks;
    doubles.next[0] = doubles.next[1] = run_until(NO_DEADLINE);
    doubles.next[2].kind = NEXT_HALT;
    doubles.runs[0].result = RUN_KICKED;
    doubles.runs[1].result = RUN_SYSCALL;
    doubles.run_count = 2;
    machine_run(machine);
    EXPECT_TRUE(ticks_at[2] > ticks_at[1]);
    machine_close(machine);
}

#define LATE_NS UINT64_C(200000000)

static void idle_for_a_millisecond(struct kernel_port *port, unsigned enter)
{
    note_ticks(port, enter);
    if (enter == 0) {
        uint64_t ticks_per_ms = doubles.boot.ticks_per_us * 1000;
        doubles.next[0].deadline_ticks = ticks_at[0] + ticks_per_ms;
    }
}

/* As a processor's timer comes in time. */
TEST(in_real_time_nobody_notices_that_the_host_woke_an_idle_machine_late)
{
    struct machine *machine = open_machine(TIME_REAL);
    doubles.on_enter = idle_for_a_millisecond;
    doubles.next[0].kind = NEXT_IDLE;
    doubles.next[1].kind = NEXT_HALT;
    doubles.timer_pending = true;
    doubles.idle_late_ns = LATE_NS;
    machine_run(machine);
    EXPECT_TRUE(ticks_at[1] >= doubles.next[0].deadline_ticks);
    EXPECT_TRUE(ticks_at[1] - ticks_at[0] < doubles.boot.ticks_per_us * (LATE_NS / 1000 / 2));
    machine_close(machine);
}

TEST(a_guest_that_only_computes_is_preempted_at_its_deadline_and_the_run_is_not_repeatable)
{
    struct machine *machine = open_machine(TIME_VIRTUAL);
    doubles.on_enter = note_ticks;
    doubles.next[0] = run_until(7 * S);
    doubles.next[1].kind = NEXT_HALT;
    doubles.runs[0].result = RUN_KICKED;
    doubles.run_count = 1;

    machine_run(machine);

    EXPECT_EQ(EVENT_INTERRUPT, doubles.events[1].kind);
    EXPECT_EQ(7 * S + 1000, ticks_at[1]);
    expect_stats(machine, "not repeatable: 'guest' computed for 50 ms of CPU time without "
                          "entering the kernel");
    machine_close(machine);
}

TEST(a_cell_that_was_lost_makes_the_run_not_repeatable)
{
    struct machine *machine = open_machine(TIME_VIRTUAL);
    doubles.next[0] = run_until(NO_DEADLINE);
    doubles.next[1].kind = NEXT_HALT;
    doubles.runs[0].result = RUN_LOST;
    doubles.run_count = 1;
    machine_run(machine);
    expect_stats(machine, "not repeatable: the process of 'guest' was lost");
    machine_close(machine);
}

TEST(in_real_time_nobody_asks)
{
    struct machine *machine = open_machine(TIME_REAL);
    doubles.next[0].kind = NEXT_HALT;
    machine_run(machine);
    expect_stats(machine, "ticks per us; real, at ");
    machine_close(machine);
}
