/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Breakpoints, watchpoints and single steps: what is refused, what a handler hears and in which order, and
 * what its replies do.
 *
 * Not asked, as QEMU hangs over them: steps onto an instruction breakpoint, and steps that hit a
 * watchpoint.
 */
#include "try.h"

static seL4_CPtr victim, faults, reply;

static unsigned char code[4096] __attribute__((aligned(4096)));
static unsigned char data[4096] __attribute__((aligned(4096)));

#define CODE ((seL4_Word)code)
#define DATA ((seL4_Word)data)

static void make_victim(void)
{
    victim = new_object(seL4_TCBObject, 0);
    faults = new_object(seL4_EndpointObject, 0);
    reply = new_object(seL4_ReplyObject, 0);
    seL4_CPtr sc = new_object(seL4_SchedContextObject, 8);
    seL4_TCB_SetSpace(victim, faults, ROOT, 0, VSPACE, 0);
    seL4_SchedControl_ConfigureFlags(bootinfo->schedcontrol.start, sc, 10000, 10000, 0, 0, 0);
    seL4_TCB_SetSchedParams(victim, seL4_CapInitThreadTCB, 254, 254, sc, faults);
}

/* CPUs set it in what they save for a fault, QEMU does not. */
#define FLAG_RESUME 0x10000ul

/* Numbers that depend on where things are. */
static void put_field(const char *name, seL4_Word word)
{
    console_puts(name);
    if (word - CODE < sizeof(code)) {
        console_puts("code+");
        word -= CODE;
    } else if (word - DATA < sizeof(data)) {
        console_puts("data+");
        word -= DATA;
    }
    console_put_hex(word);
}

static seL4_UserContext registers;

/* What the victim's registers say when it has stopped. Flags that are hidden depend on the CPU. */
static void put_registers(seL4_Word hidden)
{
    seL4_UserContext now;
    seL4_TCB_ReadRegisters(victim, 0, 0, sizeof(now) / sizeof(seL4_Word), &now);
    put_field("; rip ", now.rip);
    put_field(" flags ", now.rflags & ~hidden);
    put_field(" rax ", now.rax);
    console_puts("\n");
}

static void hear(void)
{
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_Recv(faults, &badge, reply);
    seL4_Word label = seL4_MessageInfo_get_label(info);
    put_field("  fault ", label);
    put_field(" length ", seL4_MessageInfo_get_length(info));
    if (label == seL4_Fault_DebugException) {
        seL4_Word words[4] = {seL4_GetMR(0), seL4_GetMR(1), seL4_GetMR(2), seL4_GetMR(3)};
        put_field(" at ", words[0]);
        put_field(" reason ", words[1]);
        if (seL4_MessageInfo_get_length(info) == 4) {
            put_field(" address ", words[2]);
            put_field(" number ", words[3]);
        }
    } else if (label == seL4_Fault_UserException) {
        put_field(" at ", seL4_GetMR(seL4_UserException_FaultIP));
        put_field(" vector ", seL4_GetMR(seL4_UserException_Number));
    }
    put_registers(label == seL4_Fault_UserException ? FLAG_RESUME : 0);
}

static void answer_steps(seL4_Word steps)
{
    seL4_SetMR(0, steps);
    seL4_Send(reply, seL4_MessageInfo_new(0, 0, 0, 1));
}

static void answer_nothing(void)
{
    seL4_Send(reply, seL4_MessageInfo_new(0, 0, 0, 0));
}

#define CODE_OF(...)                                                                               \
    (const unsigned char[]){__VA_ARGS__}, sizeof((const unsigned char[]){__VA_ARGS__})

/* Behind every piece of code stands ud2. */
static void load(const unsigned char *bytes, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        code[i] = bytes[i];
    }
    code[count] = 0x0f;
    code[count + 1] = 0x0b;
    registers = (seL4_UserContext){.rip = CODE, .rsp = DATA + 0x800, .rflags = 0x202};
    registers.rdi = DATA;
    registers.rdx = (seL4_Word)seL4_SysYield;
}

static void start(void)
{
    seL4_TCB_WriteRegisters(victim, 1, 0, sizeof(registers) / sizeof(seL4_Word), &registers);
}

static void get(unsigned number)
{
    seL4_TCB_GetBreakpoint_t b = seL4_TCB_GetBreakpoint(victim, (seL4_Uint16)number);
    put_field("breakpoint ", number);
    put_field(": error ", (seL4_Word)b.error);
    put_field(" address ", b.vaddr);
    put_field(" type ", b.type);
    put_field(" size ", b.size);
    put_field(" access ", b.rw);
    put_field(" enabled ", b.is_enabled);
    console_puts("\n");
}

static void step(unsigned number, seL4_Word instructions)
{
    seL4_TCB_ConfigureSingleStepping_t s =
        seL4_TCB_ConfigureSingleStepping(victim, (seL4_Uint16)number, instructions);
    put_field("stepping ", instructions);
    put_field(": error ", (seL4_Word)s.error);
    put_field(" consumed ", s.bp_was_consumed);
    console_puts("\n");
}

#define SET(number, address, type, size, access)                                                   \
    TRY(seL4_TCB_SetBreakpoint(victim, number, address, type, size, access))
#define UNSET(number) TRY(seL4_TCB_UnsetBreakpoint(victim, number))

static void ask_for_refusals(void)
{
    SET(0, 0x800000000000, seL4_DataBreakpoint, 1, seL4_BreakOnRead);
    SET(0, 0x7ffffffff000, seL4_DataBreakpoint, 1, seL4_BreakOnRead);
    SET(0, CODE, seL4_SingleStep, 1, seL4_BreakOnRead);
    SET(0, CODE, seL4_SoftwareBreakRequest, 1, seL4_BreakOnRead);
    SET(0, CODE, 17, 1, seL4_BreakOnRead);
    SET(0, CODE, seL4_InstructionBreakpoint, 1, seL4_BreakOnRead);
    SET(0, CODE, seL4_InstructionBreakpoint, 0, seL4_BreakOnWrite);
    SET(0, DATA, seL4_DataBreakpoint, 0, seL4_BreakOnWrite);
    SET(0, DATA, seL4_DataBreakpoint, 1, 3);
    SET(0, DATA, seL4_DataBreakpoint, 3, seL4_BreakOnWrite);
    SET(0, DATA, seL4_DataBreakpoint, 16, seL4_BreakOnWrite);
    SET(4, DATA, seL4_DataBreakpoint, 4, seL4_BreakOnWrite);
    SET(4, DATA, seL4_DataBreakpoint, 8, seL4_BreakOnWrite);
    SET(0, DATA, seL4_DataBreakpoint, 8, seL4_BreakOnWrite);
    get(4);
    UNSET(4);
    get(0);
}

static void ask_to_get(void)
{
    SET(0, CODE + 5, seL4_InstructionBreakpoint, 0, seL4_BreakOnRead);
    SET(1, DATA, seL4_DataBreakpoint, 1, seL4_BreakOnRead);
    SET(2, DATA + 2, seL4_DataBreakpoint, 2, seL4_BreakOnWrite);
    SET(3, DATA + 4, seL4_DataBreakpoint, 4, seL4_BreakOnReadWrite);
    for (unsigned i = 0; i < 4; i++) {
        get(i);
    }
    SET(1, CODE + 1, seL4_InstructionBreakpoint, 0, seL4_BreakOnRead);
    get(1);
    for (unsigned i = 0; i < 4; i++) {
        TRY(seL4_TCB_UnsetBreakpoint(victim, (seL4_Uint16)i));
        get(i);
    }
}

static void ask_of_instructions(void)
{
    console_puts("an instruction breakpoint is hit again until it is unset\n");
    load(CODE_OF(0x90, 0xff, 0xc0, 0xff, 0xc0)); /* nop; inc %eax; inc %eax */
    SET(1, CODE + 1, seL4_InstructionBreakpoint, 0, seL4_BreakOnRead);
    start();
    hear();
    answer_nothing();
    hear();
    UNSET(1);
    answer_nothing();
    hear();

    console_puts("two at one address\n");
    load(CODE_OF(0x90, 0xff, 0xc0));
    SET(3, CODE + 1, seL4_InstructionBreakpoint, 0, seL4_BreakOnRead);
    SET(2, CODE + 1, seL4_InstructionBreakpoint, 0, seL4_BreakOnRead);
    start();
    hear();
    UNSET(2);
    answer_nothing();
    hear();
    UNSET(3);
    answer_nothing();
    hear();
}

static void ask_of_data(void)
{
    console_puts("watchpoints of 1, 2 and 4 bytes\n");
    /* mov 0(%rdi),%al; mov %al,1(%rdi); movw $0,2(%rdi); movl $0,4(%rdi); mov 8(%rdi),%rax */
    load(CODE_OF(0x8a, 0x07, 0x88, 0x47, 0x01, 0x66, 0xc7, 0x47, 0x02, 0, 0, 0xc7, 0x47, 0x04, 0, 0,
                 0, 0, 0x48, 0x8b, 0x47, 0x08));
    SET(0, DATA, seL4_DataBreakpoint, 1, seL4_BreakOnReadWrite);
    SET(1, DATA + 1, seL4_DataBreakpoint, 1, seL4_BreakOnWrite);
    SET(2, DATA + 2, seL4_DataBreakpoint, 2, seL4_BreakOnWrite);
    SET(3, DATA + 4, seL4_DataBreakpoint, 4, seL4_BreakOnReadWrite);
    start();
    for (unsigned i = 0; i < 4; i++) {
        hear();
        answer_nothing();
    }
    hear();

    console_puts("a read does not hit a watchpoint for writes\n");
    load(CODE_OF(0x8a, 0x47, 0x01, 0x8b, 0x47, 0x04)); /* mov 1(%rdi),%al; mov 4(%rdi),%eax */
    start();
    hear();
    answer_nothing();
    hear();

    console_puts("pushes, calls and a wide write\n");
    /* push %rax; pop %rax; call; mov %rax,(%rdi) */
    load(CODE_OF(0x50, 0x58, 0xe8, 0, 0, 0, 0, 0x48, 0x89, 0x07));
    UNSET(0);
    UNSET(3);
    SET(0, DATA + 0x7f8, seL4_DataBreakpoint, 4, seL4_BreakOnReadWrite);
    start();
    for (unsigned i = 0; i < 4; i++) {
        hear();
        answer_nothing();
    }
    hear();
    UNSET(0);
    UNSET(1);
    UNSET(2);
}

static void ask_of_steps(void)
{
    console_puts("single steps\n");
    /* nop; inc %eax; nop; nop; inc %eax; nop */
    load(CODE_OF(0x90, 0xff, 0xc0, 0x90, 0x90, 0xff, 0xc0, 0x90));
    step(0, 1);
    start();
    hear();
    answer_nothing();
    hear();
    answer_steps(3);
    hear();
    answer_steps(0);
    hear();

    console_puts("steps over system calls, which leave without rsp\n");
    /* nop; syscall; nop; nop; syscall; nop */
    load(CODE_OF(0x90, 0x0f, 0x05, 0x90, 0xba, 0xf5, 0xff, 0xff, 0xff, 0x90));
    step(0, 1);
    start();
    for (unsigned i = 0; i < 3; i++) {
        hear();
        answer_nothing();
    }
    hear();
    answer_steps(0);
    hear();

    SET(0, DATA, seL4_DataBreakpoint, 1, seL4_BreakOnWrite);
    console_puts("to end stepping by the number of the only breakpoint disables it\n");
    step(0, 1);
    step(0, 0);
    get(0);
    load(CODE_OF(0xc6, 0x07, 0x01)); /* movb $1,(%rdi) */
    start();
    hear();
    UNSET(0);
}

static void ask_of_software(void)
{
    console_puts("software breakpoints\n");
    load(CODE_OF(0x90, 0xcc, 0xcd, 0x03));
    start();
    hear();
    answer_nothing();
    hear();
    answer_steps(5);
    hear();

    console_puts("a trap flag of the thread's own\n");
    load(CODE_OF(0x68, 0x02, 0x03, 0, 0, 0x9d, 0x90, 0x90)); /* push $0x302; popfq; nop; nop */
    start();
    hear();
    answer_steps(0);
    hear();
}

static void ask(void)
{
    make_victim();
    ask_for_refusals();
    ask_to_get();
    ask_of_instructions();
    ask_of_data();
    ask_of_steps();
    ask_of_software();
}
