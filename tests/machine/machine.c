/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The loop: what the machine does between kernel and platform, with doubles of both. */
#include "machine/machine.h"
#include "abi/x86/exceptions.h"
#include "machine/parts.h"
#include "tests/machine/fixture.h"
#include "tests/test.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

#define VSPACE 0x5000
#define TCB    0x6000
#define RIP    0x400000u

static struct x86_registers registers;
static const struct kernel_config config = {.name = "test"};

/* A root task of one page. */
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

static const struct kernel_config with_counters = {.name = "test", .export_pmc_user = true};

static struct machine *open_unbooted(const struct machine_options *changes)
{
    struct machine_options options = {
        .config = changes && changes->config ? changes->config : &config,
        .memory_bytes = changes && changes->memory_bytes ? changes->memory_bytes : 16 << 20,
        .timeout_ns = changes ? changes->timeout_ns : 0,
        .serial = "null",
        .quiet = true,
    };
    struct machine *machine = NULL;
    struct machine_error error;
    doubles_reset();
    memset(&registers, 0, sizeof(registers));
    registers.r[X86_RIP] = RIP;
    EXPECT_EQ(0, machine_open(&options, &machine, &error));
    return machine;
}

static void boot(struct machine *machine)
{
    struct machine_error error;
    EXPECT_EQ(0, machine_boot(machine, "root.elf", &root_task, sizeof(root_task), &error));
}

static struct machine *open_machine(const struct machine_options *changes)
{
    struct machine *machine = open_unbooted(changes);
    boot(machine);
    return machine;
}

static struct kernel_next run_answer(void)
{
    return (struct kernel_next){.kind = NEXT_RUN,
                                .deadline_ticks = NO_DEADLINE,
                                .tcb = TCB,
                                .vspace = VSPACE,
                                .registers = &registers,
                                .name = "guest"};
}

/* The kernel runs a guest once, hears of what stopped it, and halts. */
static void script_one_run(struct double_run run)
{
    doubles.next[0] = run_answer();
    doubles.next[1].kind = NEXT_HALT;
    doubles.runs[0] = run;
    doubles.run_count = 1;
}

static struct double_run page_fault(uint64_t address, uint64_t error)
{
    return (struct double_run){
        .result = RUN_FAULT,
        .fault = {.vector = X86_PAGE_FAULT, .error = error, .address = address}};
}

TEST(the_kernel_boots_with_the_board_and_the_reserved_ranges)
{
    struct machine *machine = open_machine(NULL);
    EXPECT_EQ(RIP, doubles.boot.entry);
    EXPECT_EQ(1, doubles.boot.reserved_count);
    EXPECT_EQ(0x1fff, doubles.boot.reserved[0].last);
    EXPECT_EQ(7, doubles.boot.region_count);
    EXPECT_EQ(16 << 20, doubles.boot.memory_bytes);
    EXPECT_TRUE(doubles.boot.ticks_per_us > 100);
    EXPECT_MEM("RSD PTR ", doubles.boot.acpi_rsdp, 8);
    machine_close(machine);
}

TEST(a_refused_boot_is_reported_in_the_kernels_words)
{
    struct machine *machine = open_machine(NULL);
    struct machine_error error;
    doubles.boot_refusal = "there is no room";
    EXPECT_EQ(-ENOSPC, machine_boot(machine, "root.elf", &root_task, sizeof(root_task), &error));
    EXPECT_STR("root.elf: cannot boot: there is no room", error.text);
    machine_close(machine);
}

#define HOUR_NS UINT64_C(3600000000000)

static void pass_ms(uint64_t ms)
{
    for (uint64_t until_ns = clock_host_now_ns() + ms * 1000000; clock_host_now_ns() < until_ns;) {
    }
}

TEST(its_time_begins_when_the_kernel_boots)
{
    struct machine *machine = open_unbooted(NULL);
    doubles.stolen_ns = HOUR_NS;
    pass_ms(100);
    boot(machine);
    EXPECT_TRUE(clock_ns_of_ticks(&machine->clock, doubles.boot_ticks) < 50000000);
    machine_close(machine);
}

static uint64_t ticks_at_start, ticks_at_end;

static void note_ticks(struct kernel_port *port, unsigned enter)
{
    if (enter == 0) {
        ticks_at_start = port->now_ticks(port->context);
    }
}

static void note_second_ticks(struct kernel_port *port, unsigned enter)
{
    if (enter == 1) {
        ticks_at_start = port->now_ticks(port->context);
    }
}

static void stall_in_the_second(struct kernel_port *port, unsigned enter)
{
    if (enter == 0) {
        ticks_at_start = port->now_ticks(port->context);
    } else if (enter == 1) {
        port->now_ticks(port->context);
        pass_ms(100);
        ticks_at_end = port->now_ticks(port->context);
    }
}

/* A host that stalls, or fills pages in, does not make the kernel's work longer. */
TEST(an_entry_takes_no_longer_than_kernels_do)
{
    struct machine *machine = open_machine(NULL);
    doubles.on_enter = stall_in_the_second;
    doubles.next[0] = run_answer();
    doubles.next[1].kind = NEXT_HALT;
    doubles.runs[0].result = RUN_SYSCALL;
    doubles.run_count = 1;
    machine_run(machine);
    EXPECT_TRUE(ticks_at_end >= ticks_at_start);
    EXPECT_TRUE(ticks_at_end - ticks_at_start < 50000 * doubles.boot.ticks_per_us);
    machine_close(machine);
}

TEST(what_others_take_between_boot_and_start_is_not_the_machines)
{
    struct machine *machine = open_machine(NULL);
    doubles.on_enter = note_ticks;
    doubles.next[0].kind = NEXT_HALT;
    doubles.stolen_ns = HOUR_NS;
    machine_run(machine);
    EXPECT_EQ(doubles.boot_ticks, ticks_at_start);
    machine_close(machine);
}

/* However little there is left of its time: Linux takes the CPU from a guest when it gets to it. */
static void expect_lateness_is_nobodys(enum run_result result)
{
    struct machine *machine = open_machine(NULL);
    uint64_t ticks_per_us = doubles.boot.ticks_per_us;
    doubles.on_enter = note_second_ticks;
    doubles.next[0] = run_answer();
    doubles.next[0].deadline_ticks = clock_ticks(&machine->clock) + 2000 * ticks_per_us;
    doubles.next[1].kind = NEXT_HALT;
    doubles.runs[0].result = result;
    doubles.run_count = 1;
    doubles.run_late_ns = 100000000;
    while (clock_ticks(&machine->clock) + 50 * ticks_per_us < doubles.next[0].deadline_ticks) {
    }
    machine_run(machine);
    EXPECT_TRUE(ticks_at_start >= doubles.next[0].deadline_ticks);
    EXPECT_TRUE(ticks_at_start < doubles.next[0].deadline_ticks + 50000 * ticks_per_us);
    machine_close(machine);
}

TEST(what_a_guest_gets_beyond_its_time_is_not_the_machines)
{
    expect_lateness_is_nobodys(RUN_KICKED);
}

TEST(nor_is_it_where_the_guest_enters_the_kernel_before_it_is_stopped)
{
    expect_lateness_is_nobodys(RUN_SYSCALL);
}

TEST(a_halt_ends_it)
{
    struct machine *machine = open_machine(NULL);
    doubles.next[0].kind = NEXT_HALT;
    EXPECT_EQ(ENDING_HALTED, machine_run(machine)->kind);
    EXPECT_EQ(EVENT_START, doubles.events[0].kind);
    machine_close(machine);
}

TEST(a_system_call_goes_to_the_kernel)
{
    struct machine *machine = open_machine(NULL);
    script_one_run((struct double_run){.result = RUN_SYSCALL});
    machine_run(machine);
    EXPECT_EQ(EVENT_SYSCALL, doubles.events[1].kind);
    machine_close(machine);
}

TEST(a_page_that_the_kernel_maps_is_filled_in_and_the_kernel_never_hears_of_it)
{
    struct machine *machine = open_machine(NULL);
    script_one_run(page_fault(0x600123, X86_FAULT_USER));
    doubles.runs[1].result = RUN_SYSCALL;
    doubles.run_count = 2;
    doubles_add_page(0x600000, 0x200000, true);

    machine_run(machine);

    EXPECT_EQ(EVENT_SYSCALL, doubles.events[1].kind);
    EXPECT_EQ(1, doubles.maps);
    EXPECT_EQ(1, doubles.excused);
    EXPECT_EQ(0x600000, doubles.mapped.vaddr);
    EXPECT_EQ(0x200000, doubles.mapped.frame);
    EXPECT_TRUE(doubles.mapped.writable);
    machine_close(machine);
}

TEST(pages_around_it_are_filled_in_with_it)
{
    struct machine *machine = open_machine(NULL);
    script_one_run(page_fault(0x602000, X86_FAULT_USER));
    doubles.runs[1].result = RUN_SYSCALL;
    doubles.run_count = 2;
    doubles_add_page(0x5ff000, 0x203000, true); /* not around it any more */
    doubles_add_page(0x600000, 0x300000, true);
    doubles_add_page(0x602000, 0x202000, true);
    doubles_add_page(0x603000, 0xfed00000, true); /* a device */
    doubles_add_page(0x604000, 0x204000, false);

    machine_run(machine);

    EXPECT_EQ(1, doubles.maps);
    EXPECT_EQ(0x602000, doubles.mapped.vaddr);
    EXPECT_EQ(0x1000, doubles.mapped.bytes);
    EXPECT_EQ(2, doubles.fills);
    EXPECT_EQ(0x600000, doubles.filled[0]);
    EXPECT_TRUE(doubles.filled_writable[0]);
    EXPECT_EQ(0x604000, doubles.filled[1]);
    EXPECT_FALSE(doubles.filled_writable[1]);
    machine_close(machine);
}

/* The host had nothing there, so its error code says "not present"; seL4's guests see the truth. */
TEST(a_write_to_a_read_only_page_reaches_the_kernel_as_a_protection_fault)
{
    struct machine *machine = open_machine(NULL);
    script_one_run(page_fault(0x600000, X86_FAULT_USER | X86_FAULT_WRITE));
    doubles_add_page(0x600000, 0x200000, false);

    machine_run(machine);

    EXPECT_EQ(EVENT_EXCEPTION, doubles.events[1].kind);
    EXPECT_EQ(X86_PAGE_FAULT, doubles.events[1].vector);
    EXPECT_EQ(0x600000, doubles.events[1].address);
    EXPECT_EQ(X86_FAULT_USER | X86_FAULT_WRITE | X86_FAULT_PRESENT, doubles.events[1].error);
    EXPECT_EQ(0, doubles.maps);
    EXPECT_EQ(0, doubles.excused);
    machine_close(machine);
}

TEST(a_fault_that_mapping_does_not_cure_goes_to_the_kernel_in_the_end)
{
    struct machine *machine = open_machine(NULL);
    script_one_run(page_fault(0x600000, X86_FAULT_USER));
    doubles_add_page(0x600000, 0x200000, true);

    machine_run(machine);

    EXPECT_EQ(EVENT_EXCEPTION, doubles.events[1].kind);
    EXPECT_TRUE(doubles.maps > 1);
    EXPECT_TRUE(doubles.maps < 100);
    machine_close(machine);
}

TEST(a_device_register_is_emulated_and_never_mapped)
{
    struct machine *machine = open_machine(NULL);
    script_one_run(page_fault(0x700000, X86_FAULT_USER));
    doubles.runs[1].result = RUN_SYSCALL;
    doubles.run_count = 2;
    doubles_add_page(RIP, 0x200000, false);
    doubles_add_page(0x700000, 0xfed00000, true);
    memcpy(doubles.boot.ram + 0x200000, "\x8b\x03", 2); /* mov eax, [rbx] */
    registers.r[X86_RBX] = 0x700000;

    machine_run(machine);

    EXPECT_EQ(EVENT_SYSCALL, doubles.events[1].kind);
    EXPECT_EQ(0x8086a201, registers.r[X86_RAX]);
    EXPECT_EQ(0, doubles.maps);
    EXPECT_EQ(0, doubles.excused);
    machine_close(machine);
}

TEST(a_device_register_can_be_polled_for_ever)
{
    struct machine *machine = open_machine(NULL);
    script_one_run(page_fault(0x700000, X86_FAULT_USER));
    for (unsigned i = 0; i < DOUBLE_STEPS - 1; i++) {
        doubles.runs[i] = page_fault(0x700000, X86_FAULT_USER);
        doubles.runs[i].rip = RIP;
    }
    doubles.runs[DOUBLE_STEPS - 1].result = RUN_SYSCALL;
    doubles.run_count = DOUBLE_STEPS;
    doubles_add_page(RIP, 0x200000, false);
    doubles_add_page(0x700000, 0xfed00000, true);
    memcpy(doubles.boot.ram + 0x200000, "\x8b\x03", 2); /* mov eax, [rbx] */
    registers.r[X86_RBX] = 0x700000;

    machine_run(machine);

    EXPECT_EQ(EVENT_SYSCALL, doubles.events[1].kind);
    machine_close(machine);
}

/* A step over it ends behind it, as over any other instruction. */
TEST(a_single_step_over_an_emulated_access_is_a_debug_exception)
{
    struct machine *machine = open_machine(NULL);
    script_one_run(page_fault(0x700000, X86_FAULT_USER));
    doubles.next[0].single_step = true;
    doubles_add_page(RIP, 0x200000, false);
    doubles_add_page(0x700000, 0xfed00000, true);
    memcpy(doubles.boot.ram + 0x200000, "\x8b\x03", 2); /* mov eax, [rbx] */
    registers.r[X86_RBX] = 0x700000;

    machine_run(machine);

    EXPECT_EQ(EVENT_EXCEPTION, doubles.events[1].kind);
    EXPECT_EQ(X86_DEBUG, doubles.events[1].vector);
    EXPECT_EQ(RIP + 2, registers.r[X86_RIP]);
    machine_close(machine);
}

TEST(an_access_that_reaches_beyond_a_device_faults_where_nothing_is_mapped)
{
    struct machine *machine = open_machine(NULL);
    script_one_run(page_fault(0x700ffc, X86_FAULT_USER | X86_FAULT_WRITE));
    doubles_add_page(RIP, 0x200000, false);
    doubles_add_page(0x700000, 0xfed00000, true);
    memcpy(doubles.boot.ram + 0x200000, "\x48\x89\x03", 3); /* mov [rbx], rax */
    registers.r[X86_RBX] = 0x700ffc;

    machine_run(machine);

    EXPECT_EQ(EVENT_EXCEPTION, doubles.events[1].kind);
    EXPECT_EQ(0x701000, doubles.events[1].address);
    EXPECT_EQ(X86_FAULT_USER | X86_FAULT_WRITE, doubles.events[1].error);
    machine_close(machine);
}

static struct double_run general_protection(void)
{
    return (struct double_run){.result = RUN_FAULT, .fault = {.vector = X86_GENERAL_PROTECTION}};
}

TEST(a_performance_counter_reads_0_where_guests_may_read_it)
{
    struct machine_options options = {.config = &with_counters};
    struct machine *machine = open_machine(&options);
    script_one_run(general_protection());
    doubles.runs[1].result = RUN_SYSCALL;
    doubles.run_count = 2;
    doubles_add_page(RIP, 0x200000, false);
    memcpy(doubles.boot.ram + 0x200000, "\x0f\x33", 2); /* rdpmc */
    registers.r[X86_RAX] = registers.r[X86_RDX] = UINT64_MAX;

    machine_run(machine);

    EXPECT_EQ(EVENT_SYSCALL, doubles.events[1].kind);
    EXPECT_EQ(0, registers.r[X86_RAX]);
    EXPECT_EQ(0, registers.r[X86_RDX]);
    EXPECT_EQ(RIP + 2, registers.r[X86_RIP]);
    machine_close(machine);
}

TEST(other_general_protection_faults_and_configurations_get_none)
{
    static const struct {
        const struct kernel_config *config;
        const char *code;
    } cases[] = {{&with_counters, "\x0f\x32"}, {&config, "\x0f\x33"}};
    for (size_t i = 0; i < 2; i++) {
        struct machine_options options = {.config = cases[i].config};
        struct machine *machine = open_machine(&options);
        script_one_run(general_protection());
        doubles_add_page(RIP, 0x200000, false);
        memcpy(doubles.boot.ram + 0x200000, cases[i].code, 2);
        machine_run(machine);
        EXPECT_EQ(EVENT_EXCEPTION, doubles.events[1].kind);
        EXPECT_EQ(X86_GENERAL_PROTECTION, doubles.events[1].vector);
        EXPECT_EQ(RIP, registers.r[X86_RIP]);
        machine_close(machine);
    }
}

TEST(rom_is_mapped_without_the_right_to_write)
{
    struct machine *machine = open_machine(NULL);
    script_one_run(page_fault(0x700000, X86_FAULT_USER));
    doubles.runs[1].result = RUN_SYSCALL;
    doubles.run_count = 2;
    doubles_add_page(0x700000, 0xf5000, true);

    machine_run(machine);

    EXPECT_EQ(1, doubles.maps);
    EXPECT_FALSE(doubles.mapped.writable);
    machine_close(machine);
}

TEST(the_kernel_may_map_ram_writable_and_devices_not_at_all)
{
    struct machine *machine = open_machine(NULL);
    struct kernel_port *port = &doubles.port;
    port->map(port->context, VSPACE, 0x600000, 0xfed00000, 0x1000, true);
    EXPECT_EQ(0, doubles.offers);
    port->map(port->context, VSPACE, 0x600000, 0x300000, 0x1000, true);
    EXPECT_EQ(1, doubles.offers);
    EXPECT_TRUE(doubles.mapped.writable);
    machine_close(machine);
}

TEST(a_lost_cell_is_told_to_the_kernel)
{
    struct machine *machine = open_machine(NULL);
    script_one_run((struct double_run){.result = RUN_LOST});
    machine_run(machine);
    EXPECT_EQ(EVENT_LOST, doubles.events[1].kind);
    machine_close(machine);
}

TEST(a_thread_without_a_vspace_faults_at_its_first_instruction)
{
    struct machine *machine = open_machine(NULL);
    script_one_run((struct double_run){.result = RUN_SYSCALL});
    doubles.next[0].vspace = 0;
    machine_run(machine);
    EXPECT_EQ(EVENT_EXCEPTION, doubles.events[1].kind);
    EXPECT_EQ(RIP, doubles.events[1].address);
    EXPECT_EQ(0, doubles.runs_done);
    machine_close(machine);
}

TEST(a_deadline_that_has_passed_is_an_interrupt_without_a_run)
{
    struct machine *machine = open_machine(NULL);
    script_one_run((struct double_run){.result = RUN_SYSCALL});
    doubles.next[0].deadline_ticks = 1;
    machine_run(machine);
    EXPECT_EQ(EVENT_INTERRUPT, doubles.events[1].kind);
    EXPECT_EQ(0, doubles.runs_done);
    machine_close(machine);
}

/* The kernel programs the PIT, and idles. */
static void program_pit(struct kernel_port *port, unsigned enter)
{
    if (enter == 0) {
        port->ioapic_route(port->context, 0, 2, false, false, 9);
        port->interrupt_mask(port->context, 9, false);
        port->port_out(port->context, 0x43, 1, 0x30);
        port->port_out(port->context, 0x40, 1, 100);
        port->port_out(port->context, 0x40, 1, 0);
    }
}

TEST(a_device_that_is_due_interrupts_an_idle_machine)
{
    struct machine *machine = open_machine(NULL);
    doubles.on_enter = program_pit;
    doubles.next[0] = (struct kernel_next){.kind = NEXT_IDLE, .deadline_ticks = NO_DEADLINE};
    doubles.next[1].kind = NEXT_HALT;

    EXPECT_EQ(ENDING_HALTED, machine_run(machine)->kind);

    EXPECT_EQ(EVENT_INTERRUPT, doubles.events[1].kind);
    EXPECT_EQ(9, doubles.port.interrupt_take(doubles.port.context));
    machine_close(machine);
}

TEST(idle_with_nothing_to_come_ends_it)
{
    struct machine *machine = open_machine(NULL);
    doubles.next[0] = (struct kernel_next){.kind = NEXT_IDLE, .deadline_ticks = NO_DEADLINE};
    EXPECT_EQ(ENDING_IDLE, machine_run(machine)->kind);
    EXPECT_EQ(0, doubles.idles);
    machine_close(machine);
}

TEST(a_time_out_ends_a_guest_that_never_stops)
{
    struct machine_options options = {.timeout_ns = 5000000};
    struct machine *machine = open_machine(&options);
    script_one_run((struct double_run){.result = RUN_KICKED});

    const struct ending *ending = machine_run(machine);

    EXPECT_EQ(ENDING_TIMEOUT, ending->kind);
    EXPECT_STR("time-out: it still ran after 0.005 s", ending->text);
    machine_close(machine);
}

TEST(a_signal_ends_it)
{
    struct machine *machine = open_machine(NULL);
    script_one_run((struct double_run){.result = RUN_KICKED});
    raise(SIGTERM);

    const struct ending *ending = machine_run(machine);

    EXPECT_EQ(ENDING_SIGNAL, ending->kind);
    EXPECT_EQ(128 + SIGTERM, ending_exit_status(ending));
    EXPECT_EQ(1, doubles.kicks);
    machine_close(machine);
}

TEST(an_impossible_memory_size_is_refused)
{
    static const uint64_t sizes[] = {0, 1 << 20, (16 << 20) + 1, UINT64_C(1) << 50};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct machine_options options = {
            .config = &config, .serial = "null", .memory_bytes = sizes[i]};
        struct machine *machine;
        struct machine_error error;
        EXPECT_EQ(-EINVAL, machine_open(&options, &machine, &error));
        EXPECT_TRUE(strstr(error.text, "from 16 MiB to 64 GiB") != NULL);
    }
}

TEST(an_unknown_serial_port_is_refused_with_the_ones_there_are)
{
    struct machine_options options = {
        .config = &config, .serial = "modem", .memory_bytes = 16 << 20};
    struct machine *machine;
    struct machine_error error;
    EXPECT_EQ(-EINVAL, machine_open(&options, &machine, &error));
    EXPECT_TRUE(strstr(error.text, "stdio, raw, null, pty, file:PATH or unix:PATH") != NULL);
}
