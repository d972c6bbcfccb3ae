/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Sessions with gdb, against doubles of the kernel and the platform. A client says all it has to say
 * before the machine runs; what it was answered is looked at afterwards.
 */
#include "machine/gdb.h"
#include "abi/message.h"
#include "abi/x86/exceptions.h"
#include "machine/gdb_packet.h"
#include "machine/machine.h"
#include "tests/machine/fixture.h"
#include "tests/test.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define VSPACE 0x5000
#define OTHER  0x9000 /* another VSpace */
#define TCB    0x6000
#define THREAD "c" /* the number of that TCB */
#define RIP    0x400000u
#define FRAME  0x300000u /* of the page at RIP */
#define DATA   0x600000u
#define DEVICE 0x700000u

static struct x86_registers registers;
static const struct kernel_config config = {.name = "test"};
static struct machine *machine;
static int client;
static char path[108];
static struct gdb_packet packet;
static char replies[64][1024];
static unsigned reply_count;

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

static int connect_client(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    memcpy(address.sun_path, path, sizeof(address.sun_path));
    EXPECT_EQ(0, connect(fd, (struct sockaddr *)&address, sizeof(address)));
    return fd;
}

/* A machine whose kernel runs one thread for as long as the script goes, and then halts. */
static void open_machine(unsigned entries)
{
    struct machine_options options = {
        .config = &config, .memory_bytes = 16 << 20, .serial = "null", .quiet = true, .gdb = path};
    struct machine_error error;
    snprintf(path, sizeof(path), "/tmp/quoll-gdb-test-%d.sock", (int)getpid());
    doubles_reset();
    memset(&registers, 0, sizeof(registers));
    registers.r[X86_RIP] = RIP;
    EXPECT_EQ(0, machine_open(&options, &machine, &error));
    EXPECT_EQ(0, machine_boot(machine, "root.elf", &root_task, sizeof(root_task), &error));
    doubles.threads[0] = (struct kernel_thread){
        .tcb = TCB, .name = "guest", .registers = &registers, .vspace = VSPACE, .has_time = true};
    doubles.thread_count = 1;
    for (unsigned i = 0; i < entries; i++) {
        doubles.next[i] = (struct kernel_next){.kind = NEXT_RUN,
                                               .deadline_ticks = NO_DEADLINE,
                                               .tcb = TCB,
                                               .vspace = VSPACE,
                                               .registers = &registers,
                                               .name = "guest"};
    }
    doubles.next[entries].kind = NEXT_HALT;
    doubles.runs[0].result = RUN_SYSCALL;
    doubles.run_count = 1;
    doubles_add_page(RIP, FRAME, false);
    doubles_add_page(DATA, FRAME + 0x1000, true);
    doubles_add_page(DEVICE, 0xfed00000, true);
    client = connect_client();
}

static void say(const char *text)
{
    static char frame[GDB_FRAME_MAX];
    size_t length = gdb_packet_frame(frame, text, strlen(text));
    EXPECT_EQ(length, write(client, frame, length));
}

static void hear(void)
{
    char bytes[4096];
    ssize_t count;
    reply_count = 0;
    memset(&packet, 0, sizeof(packet));
    while ((count = read(client, bytes, sizeof(bytes))) > 0) {
        for (ssize_t i = 0; i < count; i++) {
            if (gdb_packet_take(&packet, (uint8_t)bytes[i]) == GDB_INPUT_PACKET &&
                reply_count < 64) {
                snprintf(replies[reply_count++], sizeof(replies[0]), "%.1000s", packet.payload);
            }
        }
    }
    close(client);
}

/* Let it run to its end, and listen to what the client was told. */
static enum ending_kind run(void)
{
    enum ending_kind kind = machine_run(machine)->kind;
    machine_close(machine);
    hear();
    return kind;
}

static struct double_run exception(uint8_t vector, uint64_t rip)
{
    return (struct double_run){.result = RUN_FAULT, .fault = {.vector = vector}, .rip = rip};
}

TEST(nothing_runs_before_a_client_lets_it_go_on)
{
    open_machine(1);
    say("?");
    say("qC");
    say("k");
    EXPECT_EQ(ENDING_SIGNAL, run());
    EXPECT_EQ(0, doubles.runs_done);
    EXPECT_STR("T05thread:" THREAD ";", replies[0]);
    EXPECT_STR("QC" THREAD, replies[1]);
}

TEST(a_client_that_lets_it_go_on_hears_of_its_end)
{
    open_machine(1);
    say("vCont;c");
    EXPECT_EQ(ENDING_HALTED, run());
    EXPECT_EQ(1, doubles.runs_done);
    EXPECT_STR("W00", replies[0]);
}

TEST(a_signal_ends_a_machine_that_waits_for_a_client)
{
    open_machine(1);
    close(client);
    client = -1;
    raise(SIGTERM);
    EXPECT_EQ(ENDING_SIGNAL, machine_run(machine)->kind);
    EXPECT_EQ(0, doubles.runs_done);
    machine_close(machine);
}

TEST(kill_ends_the_machine_with_the_status_of_sigkill)
{
    open_machine(1);
    say("vKill;1");
    const struct ending *ending = machine_run(machine);
    EXPECT_EQ(128 + 9, ending_exit_status(ending));
    EXPECT_STR("ended by gdb", ending->text);
    machine_close(machine);
    hear();
    EXPECT_STR("OK", replies[0]);
}

TEST(a_client_that_detaches_lets_it_go_on)
{
    open_machine(1);
    say("D");
    EXPECT_EQ(ENDING_HALTED, run());
    EXPECT_EQ(1, reply_count);
    EXPECT_STR("OK", replies[0]);
}

TEST(a_client_that_is_gone_leaves_a_held_machine_to_the_next)
{
    open_machine(1);
    close(client);
    client = connect_client();
    say("?");
    say("c");
    EXPECT_EQ(ENDING_HALTED, run());
    EXPECT_STR("T05thread:" THREAD ";", replies[0]);
}

TEST(threads_are_listed_with_their_names)
{
    open_machine(1);
    doubles.threads[1] = (struct kernel_thread){
        .tcb = 0x12345800, .name = "server", .registers = &registers, .wait = WAIT_RECEIVE};
    doubles.thread_count = 2;
    say("qfThreadInfo");
    say("qsThreadInfo");
    say("qThreadExtraInfo,2468b");
    say("Tc");
    say("Td");
    say("Hg2468b");
    say("Hgd");
    say("k");
    run();
    EXPECT_STR("m" THREAD ",2468b", replies[0]);
    EXPECT_STR("l", replies[1]);
    char text[64] = "";
    EXPECT_TRUE(gdb_hex_get(replies[2], text, strlen(replies[2]) / 2));
    EXPECT_STR("server: waits to receive, priority 0", text);
    EXPECT_STR("OK", replies[3]);
    EXPECT_STR("E03", replies[4]);
    EXPECT_STR("OK", replies[5]);
    EXPECT_STR("E03", replies[6]);
}

TEST(the_description_is_told_in_parts)
{
    open_machine(1);
    say("qXfer:features:read:target.xml:0,10");
    say("qXfer:features:read:target.xml:100000,10");
    say("qXfer:features:read:other.xml:0,10");
    say("k");
    run();
    EXPECT_STR("m<?xml version=\"1", replies[0]);
    EXPECT_STR("l", replies[1]);
    EXPECT_STR("", replies[2]);
}

TEST(registers_are_told_and_set_least_significant_byte_first)
{
    open_machine(1);
    registers.r[X86_RAX] = 0x1122334455667788;
    registers.r[X86_GS_BASE] = 0x7000;
    say("p0");
    say("P1=8877665544332211");
    say("p1");
    say("p18"); /* st0 */
    say("P18=00000000000000000000");
    say("p3a");
    say("p3b"); /* behind the last one */
    say("P0=00");
    say("g");
    say("k");
    run();
    EXPECT_STR("8877665544332211", replies[0]);
    EXPECT_STR("OK", replies[1]);
    EXPECT_EQ(0x1122334455667788, registers.r[X86_RBX]);
    EXPECT_STR("8877665544332211", replies[2]);
    EXPECT_STR("xxxxxxxxxxxxxxxxxxxx", replies[3]);
    EXPECT_STR("E16", replies[4]);
    EXPECT_STR("0070000000000000", replies[5]);
    EXPECT_STR("E16", replies[6]);
    EXPECT_STR("E16", replies[7]);
    EXPECT_EQ(0, strncmp(replies[8], "88776655443322118877665544332211", 32));
}

/* seL4 clears rsp; `mov %rbx,%rsp` is what its caller does next. */
TEST(a_thread_that_leaves_a_system_call_is_shown_with_its_stack)
{
    open_machine(1);
    memcpy(doubles.boot.ram + FRAME, "\x48\x89\xdc", 3);
    registers.r[X86_RBX] = 0x8000;
    say("p7");
    say("P7=0080000000000000");
    say("k");
    run();
    EXPECT_STR("0080000000000000", replies[0]);
    EXPECT_STR("OK", replies[1]);
    EXPECT_EQ(0, registers.r[X86_RSP]);
}

TEST(memory_is_read_through_the_vspace_and_devices_are_left_alone)
{
    open_machine(1);
    memcpy(doubles.boot.ram + FRAME + 0xffe, "abcd", 4);
    say("m400ffe,2");
    say("m400ffe,4"); /* nothing is mapped behind the page */
    say("m500000,1");
    say("m700000,4"); /* a device */
    say("mffffffffffffffff,8");
    say("m400000,0");
    say("m400000");
    say("k");
    run();
    EXPECT_STR("6162", replies[0]);
    EXPECT_STR("6162", replies[1]);
    EXPECT_STR("E0e", replies[2]);
    EXPECT_STR("E0e", replies[3]);
    EXPECT_STR("E0e", replies[4]);
    EXPECT_STR("", replies[5]);
    EXPECT_STR("E16", replies[6]);
}

TEST(memory_is_written_whole_or_not_at_all)
{
    open_machine(1);
    uint8_t *data = doubles.boot.ram + FRAME + 0x1000;
    say("M600000,2:6162");
    say("X600002,3:c}");
    say("M600ffe,4:61626364"); /* half of it is not mapped */
    say("M600010,2:61");
    say("M700000,4:00000000");
    say("M400000,1:90"); /* read-only for the guest */
    say("m600000,4");
    say("k");
    machine_run(machine);
    EXPECT_MEM("ab\0\0", data, 4);
    EXPECT_MEM("\0\0", data + 0xffe, 2);
    EXPECT_EQ(0x90, doubles.boot.ram[FRAME]);
    EXPECT_EQ(FRAME, doubles.written_page); /* a cell's copy of the page goes */
    machine_close(machine);
    hear();
    EXPECT_STR("OK", replies[0]);
    EXPECT_STR("E16", replies[1]); /* "c}" is one byte, and three were promised */
    EXPECT_STR("E0e", replies[2]);
    EXPECT_STR("E16", replies[3]);
    EXPECT_STR("E0e", replies[4]);
    EXPECT_STR("OK", replies[5]);
    EXPECT_STR("61620000", replies[6]);
}

TEST(a_breakpoint_is_in_a_copy_of_the_page_and_stops_where_it_is)
{
    open_machine(2);
    doubles.boot.ram[FRAME + 0x10] = 0x55;
    doubles.runs[0] = exception(X86_BREAKPOINT, RIP + 0x11);
    doubles.runs[1].result = RUN_SYSCALL;
    doubles.run_count = 2;
    say("qSupported:swbreak+");
    say("Z0,400010,1");
    say("c");
    say("m400010,1");
    say("z0,400010,1");
    say("c");
    EXPECT_EQ(ENDING_HALTED, machine_run(machine)->kind);
    EXPECT_EQ(RIP, doubles.mapped.vaddr);
    EXPECT_FALSE(doubles.mapped.writable);
    EXPECT_TRUE(doubles.mapped.frame >= doubles.boot.memory_bytes);
    EXPECT_EQ(0xcc, doubles.boot.ram[doubles.mapped.frame + 0x10]);
    EXPECT_EQ(0x55, doubles.boot.ram[FRAME + 0x10]);
    EXPECT_EQ(RIP + 0x10, registers.r[X86_RIP]);
    EXPECT_EQ(EVENT_SYSCALL, doubles.events[1].kind);
    machine_close(machine);
    hear();
    EXPECT_STR("OK", replies[1]);
    EXPECT_STR("T05thread:" THREAD ";swbreak:;", replies[2]);
    EXPECT_STR("55", replies[3]);
}

TEST(an_int3_of_the_programs_own_is_the_kernels)
{
    open_machine(1);
    doubles.runs[0] = exception(X86_BREAKPOINT, RIP + 0x12);
    say("Z0,400010,1");
    say("c");
    EXPECT_EQ(ENDING_HALTED, run());
    EXPECT_EQ(EVENT_EXCEPTION, doubles.events[1].kind);
    EXPECT_EQ(X86_BREAKPOINT, doubles.events[1].vector);
    EXPECT_EQ(RIP + 0x12, registers.r[X86_RIP]);
}

TEST(a_breakpoint_stays_with_its_vspace_while_gdb_looks_at_another_thread)
{
    open_machine(1);
    doubles.threads[1] = (struct kernel_thread){
        .tcb = TCB + 0x800, .name = "other", .registers = &registers, .vspace = OTHER};
    doubles.thread_count = 2;
    doubles.runs[0] = exception(X86_BREAKPOINT, RIP + 0x11);
    say("Z0,400010,1");
    say("Hgd");
    say("z0,400010,1");
    say("Z0,400010,1");
    say("c");
    say("k");
    run();
    EXPECT_STR("T05thread:" THREAD ";", replies[4]);
}

TEST(a_breakpoint_where_no_ram_is_mapped_is_refused_and_so_are_other_kinds)
{
    open_machine(1);
    say("Z0,500000,1");
    say("Z0,700000,1");
    say("Z1,400000,1");
    say("Z0,400000");
    say("Zx");
    say("k");
    run();
    EXPECT_STR("E0e", replies[0]);
    EXPECT_STR("E0e", replies[1]);
    EXPECT_STR("", replies[2]);
    EXPECT_STR("E16", replies[3]);
    EXPECT_STR("E16", replies[4]);
}

/* Text and data of a root task may share a page. */
TEST(a_write_beside_a_breakpoint_is_one_step_on_the_frame_itself)
{
    open_machine(1);
    doubles.runs[0] = (struct double_run){.result = RUN_FAULT,
                                          .fault = {.vector = X86_PAGE_FAULT,
                                                    .error = X86_FAULT_USER | X86_FAULT_WRITE,
                                                    .address = DATA + 0x20}};
    doubles.runs[1] = exception(X86_DEBUG, RIP + 4);
    doubles.runs[2].result = RUN_SYSCALL;
    doubles.run_count = 3;
    say("Z0,600010,1");
    say("c");
    EXPECT_EQ(ENDING_HALTED, run());
    EXPECT_FALSE(doubles.stepped[0]);
    EXPECT_TRUE(doubles.stepped[1]);
    EXPECT_FALSE(doubles.stepped[2]);
    EXPECT_EQ(3, doubles.maps); /* the copy, the frame, the copy */
    EXPECT_EQ(EVENT_SYSCALL, doubles.events[1].kind);
}

TEST(a_step_ends_after_an_instruction)
{
    open_machine(1);
    doubles.runs[0] = exception(X86_DEBUG, RIP + 1);
    doubles.runs[1].result = RUN_SYSCALL;
    doubles.run_count = 2;
    say("vCont;s:" THREAD ";c");
    say("c");
    EXPECT_EQ(ENDING_HALTED, run());
    EXPECT_TRUE(doubles.stepped[0]);
    EXPECT_FALSE(doubles.stepped[1]);
    EXPECT_STR("T05thread:" THREAD ";", replies[0]);
    EXPECT_EQ(EVENT_SYSCALL, doubles.events[1].kind);
}

static void leave_system_call(struct kernel_port *port, unsigned enter)
{
    (void)port;
    registers.r[X86_RIP] = RIP + 2 * enter;
}

TEST(a_step_over_a_system_call_ends_when_the_thread_would_run_again)
{
    open_machine(2);
    doubles.on_enter = leave_system_call;
    say("s");
    say("c");
    EXPECT_EQ(ENDING_HALTED, run());
    EXPECT_STR("T05thread:" THREAD ";", replies[0]);
    EXPECT_EQ(2, doubles.runs_done);
    EXPECT_FALSE(doubles.stepped[1]);
}

TEST(ctrl_c_stops_it)
{
    open_machine(1);
    doubles.runs[0].result = RUN_KICKED;
    doubles.runs[1].result = RUN_SYSCALL;
    doubles.run_count = 2;
    say("c");
    EXPECT_EQ(1, write(client, "\x03", 1));
    say("c");
    EXPECT_EQ(ENDING_HALTED, run());
    EXPECT_STR("T02thread:" THREAD ";", replies[0]);
}

static unsigned fault_label;
static uint8_t fault_vector;

static void fault(struct kernel_port *port, unsigned enter)
{
    struct kernel_fault report = {.tcb = TCB,
                                  .vspace = VSPACE,
                                  .name = "guest",
                                  .label = fault_label,
                                  .vector = fault_vector,
                                  .registers = &registers};
    if (enter == 1) {
        port->fault(port->context, &report);
    }
}

static const char *stop_of_fault(unsigned label, uint8_t vector, const char *before)
{
    open_machine(2);
    fault_label = label;
    fault_vector = vector;
    doubles.on_enter = fault;
    if (before) {
        say(before);
    }
    say("c");
    say("c");
    EXPECT_EQ(ENDING_HALTED, run());
    return replies[before != NULL];
}

TEST(a_fault_stops_it_with_the_signal_of_its_kind)
{
    EXPECT_STR("T0bthread:c;", stop_of_fault(FAULT_VM_MCS, X86_PAGE_FAULT, NULL));
    EXPECT_STR("T0bthread:c;", stop_of_fault(FAULT_USER_EXCEPTION, X86_GENERAL_PROTECTION, NULL));
    EXPECT_STR("T04thread:c;", stop_of_fault(FAULT_USER_EXCEPTION, X86_INVALID_OPCODE, NULL));
    EXPECT_STR("T08thread:c;", stop_of_fault(FAULT_USER_EXCEPTION, X86_DIVIDE_ERROR, NULL));
    EXPECT_STR("T05thread:c;", stop_of_fault(FAULT_DEBUG_EXCEPTION, X86_BREAKPOINT, NULL));
    EXPECT_STR("T0cthread:c;", stop_of_fault(FAULT_CAP, 0, NULL));
    EXPECT_STR("T0cthread:c;", stop_of_fault(FAULT_UNKNOWN_SYSCALL, 0, NULL));
}

TEST(a_fault_that_the_client_passes_does_not_stop_it)
{
    EXPECT_STR("W00", stop_of_fault(FAULT_VM_MCS, X86_PAGE_FAULT, "QPassSignals:b;c"));
}

TEST(monitor_until_stops_before_a_thread_of_that_name)
{
    open_machine(2);
    doubles.next[1].name = "client";
    say("qRcmd,756e74696c20636c69656e74"); /* until client */
    say("c");
    say("k");
    run();
    EXPECT_EQ(1, doubles.runs_done);
    EXPECT_STR("T05thread:" THREAD ";", replies[1]);
}

TEST(without_acknowledgements_none_is_sent)
{
    char bytes[64] = "";
    open_machine(1);
    say("QStartNoAckMode");
    say("?");
    say("k");
    machine_run(machine);
    machine_close(machine);
    EXPECT_TRUE(read(client, bytes, sizeof(bytes) - 1) > 0);
    EXPECT_STR("+$OK#9a$T05thread:c;#09", bytes);
    close(client);
}

TEST(a_packet_with_a_wrong_sum_is_asked_for_again)
{
    char bytes[64] = "";
    open_machine(1);
    EXPECT_EQ(5, write(client, "$?#00", 5));
    say("k");
    machine_run(machine);
    machine_close(machine);
    EXPECT_TRUE(read(client, bytes, sizeof(bytes) - 1) > 0);
    EXPECT_STR("-+", bytes);
    close(client);
}

/* --- Hostile clients --- */

static uint64_t state;

static unsigned chance(unsigned below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 33) % below;
}

static const char *const seeds[] = {
    "?",
    "g",
    "p0",
    "P0=0011223344556677",
    "m400000,40",
    "M600000,2:6162",
    "X600000,2:ab",
    "Z0,400010,1",
    "z0,400010,1",
    "Hgc",
    "Hc-1",
    "Tc",
    "qfThreadInfo",
    "qsThreadInfo",
    "qThreadExtraInfo,c",
    "qRcmd,756e",
    "qXfer:features:read:target.xml:0,fff",
    "QPassSignals:b;c;e",
    "vCont?",
    "qSupported:swbreak+",
    "G00",
    "qAttached",
    "qC",
    "H",
    "vMustReplyEmpty",
    "Z1,0,1",
    "m0,ffffffffffffffff",
    "mffffffffffffff00,1000",
};
#define SEEDS (sizeof(seeds) / sizeof(seeds[0]))

/* Nothing here ends the machine but the `k` after all: and so does a payload that starts with one of
 * kDcsCSv by chance, which is left out. */
static void say_garbage(void)
{
    char text[256];
    snprintf(text, sizeof(text), "%s", seeds[chance(SEEDS)]);
    size_t length = strlen(text);
    for (unsigned i = chance(4); i > 0 && length > 1; i--) {
        text[1 + chance((unsigned)length - 1)] = (char)(1 + chance(255));
    }
    if (chance(3) == 0) {
        text[1 + chance((unsigned)length)] = '\0';
    }
    if (strncmp(text, "v", 1) != 0) {
        say(text);
    }
    char noise[8];
    for (size_t i = 0; i < sizeof(noise); i++) {
        do {
            noise[i] = (char)chance(256);
        } while (noise[i] == '$');
    }
    if (chance(4) == 0) {
        EXPECT_EQ(sizeof(noise), write(client, noise, sizeof(noise)));
    }
}

TEST(garbage_is_answered_and_changes_nothing_else)
{
    const char *given = getenv("SEED");
    uint64_t seed = given ? strtoull(given, NULL, 0) : (uint64_t)getpid() * 2654435761u + 1;
    printf("# SEED=%llu\n", (unsigned long long)seed);
    state = seed;
    for (unsigned round = 0; round < 40; round++) {
        open_machine(1);
        for (unsigned i = 0; i < 100; i++) {
            say_garbage();
        }
        say("?");
        say("k");
        EXPECT_EQ(ENDING_SIGNAL, run());
        EXPECT_TRUE(reply_count > 0);
        EXPECT_EQ(0, doubles.runs_done);
    }
}

/* --- Where it listens --- */

static int open_at(const char *where, struct machine_error *error)
{
    struct machine_options options = {
        .config = &config, .memory_bytes = 16 << 20, .serial = "null", .quiet = true, .gdb = where};
    int failure = machine_open(&options, &machine, error);
    if (failure == 0) {
        machine_close(machine);
    }
    return failure;
}

TEST(a_thread_to_wait_for_cannot_have_an_endless_name)
{
    char name[1000];
    memset(name, 'a', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    struct machine_options options = {.config = &config,
                                      .memory_bytes = 16 << 20,
                                      .serial = "null",
                                      .gdb = "0",
                                      .gdb_until = name};
    struct machine_error error;
    EXPECT_EQ(-EINVAL, machine_open(&options, &machine, &error));
    EXPECT_TRUE(strstr(error.text, "no thread has a name as long as 'aaaa") != NULL);
}

TEST(a_place_to_listen_is_a_port_a_host_and_port_or_a_path)
{
    struct machine_error error;
    EXPECT_EQ(0, open_at("0", &error));
    EXPECT_EQ(0, open_at(":0", &error));
    EXPECT_EQ(0, open_at("127.0.0.1:0", &error));
    EXPECT_EQ(0, open_at("/tmp/quoll-gdb-test.sock", &error));
    EXPECT_EQ(-1, access("/tmp/quoll-gdb-test.sock", F_OK)); /* removed again */
    static const char *const wrong[] = {"", "port", "65536", "127.0.0.1", "host:", "-1", "1234x"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        EXPECT_EQ(-EINVAL, open_at(wrong[i], &error));
        EXPECT_TRUE(strstr(error.text, "HOST:PORT, or the path") != NULL);
    }
}

TEST(a_place_that_is_in_use_is_refused_with_what_to_do)
{
    struct machine_error error;
    open_machine(1);
    struct machine *first = machine;
    EXPECT_EQ(-EADDRINUSE, open_at(path, &error));
    EXPECT_TRUE(strstr(error.text, "another path") != NULL);
    machine_close(first);
    close(client);
}
