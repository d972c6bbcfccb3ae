/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * What instructions raise that a program cannot execute: privileged ones, undefined ones, software
 * interrupts, arithmetic, addresses that cannot be. A victim executes one after another; its fault
 * messages are printed.
 *
 * What differs between the CPUs of two makers is not here, nor what QEMU does otherwise than all of them:
 * tests/platform/run.c has that.
 */
#include "try.h"

static seL4_CPtr victim, faults, reply;

/* What the victim executes, and what it may touch. */
static unsigned char code[4096] __attribute__((aligned(4096)));
static unsigned char data[4096] __attribute__((aligned(4096)));

#define CODE    ((seL4_Word)code)
#define DATA    ((seL4_Word)data)
#define RSP     (DATA + 0x800)
#define NOWHERE 0x123456789000ul     /* nothing is mapped there */
#define HOLE    0x1234567890abcdeful /* not canonical */

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

/* Numbers that depend on where things are. */
static void put_word(seL4_Word word)
{
    if (word - CODE < sizeof(code)) {
        console_puts("code+");
        console_put_hex(word - CODE);
    } else if (word - DATA < sizeof(data)) {
        console_puts("data+");
        console_put_hex(word - DATA);
    } else {
        console_put_hex(word);
    }
}

static void put_field(const char *name, seL4_Word word)
{
    console_puts(name);
    put_word(word);
}

/* The resume flag is the CPU's affair: QEMU does not set it in faults. */
#define FLAG_RESUME 0x10000ul

static void put_fault(seL4_MessageInfo_t info)
{
    switch (seL4_MessageInfo_get_label(info)) {
    case seL4_Fault_UserException:
        put_field("exception ", seL4_GetMR(seL4_UserException_Number));
        put_field(" error ", seL4_GetMR(seL4_UserException_Code));
        put_field(" at ", seL4_GetMR(seL4_UserException_FaultIP));
        put_field(" rsp ", seL4_GetMR(seL4_UserException_SP));
        put_field(" flags ", seL4_GetMR(seL4_UserException_FLAGS) & ~FLAG_RESUME);
        break;
    case seL4_Fault_DebugException:
        put_field("debug exception ", seL4_GetMR(seL4_DebugException_ExceptionReason));
        put_field(" at ", seL4_GetMR(seL4_DebugException_FaultIP));
        break;
    case seL4_Fault_VMFault:
        put_field("VM fault ", seL4_GetMR(seL4_VMFault_Addr));
        put_field(" fsr ", seL4_GetMR(seL4_VMFault_FSR));
        put_field(" prefetch ", seL4_GetMR(seL4_VMFault_PrefetchFault));
        put_field(" at ", seL4_GetMR(seL4_VMFault_IP));
        break;
    case seL4_Fault_UnknownSyscall:
        put_field("system call ", seL4_GetMR(seL4_UnknownSyscall_Syscall));
        put_field(" at ", seL4_GetMR(seL4_UnknownSyscall_FaultIP));
        break;
    default:
        put_field("fault ", seL4_MessageInfo_get_label(info));
        break;
    }
    console_puts("\n");
}

static seL4_UserContext registers;

/* Behind every piece of code; who gets there has executed it. */
static const unsigned char end[] = {0x0f, 0x0b};

static void execute(const char *name, const unsigned char *bytes, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        code[i] = bytes[i];
    }
    for (unsigned i = 0; i < sizeof(end); i++) {
        code[count + i] = end[i];
    }
    seL4_TCB_WriteRegisters(victim, 1, 0, sizeof(registers) / sizeof(seL4_Word), &registers);
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_Recv(faults, &badge, reply);
    console_puts(name);
    console_puts(": ");
    put_fault(info);
}

static void defaults(void)
{
    registers = (seL4_UserContext){.rip = CODE, .rsp = RSP, .rflags = 0x202};
    registers.rax = 1;
    registers.rsi = DATA;
    registers.rdi = DATA;
}

#define CODE_OF(...)                                                                               \
    (const unsigned char[]){__VA_ARGS__}, sizeof((const unsigned char[]){__VA_ARGS__})
#define DO(name, ...) execute(name, CODE_OF(__VA_ARGS__))

static void ask_of_ports_of_io(void)
{
    registers.rdx = 0x80;
    DO("in $0x80,%al", 0xe4, 0x80);
    DO("in $0x80,%eax", 0xe5, 0x80);
    DO("in %dx,%al", 0xec);
    DO("in %dx,%ax", 0x66, 0xed);
    DO("in %dx,%eax", 0xed);
    DO("out %al,$0x80", 0xe6, 0x80);
    DO("out %eax,$0x80", 0xe7, 0x80);
    DO("out %al,%dx", 0xee);
    DO("out %ax,%dx", 0x66, 0xef);
    DO("out %eax,%dx", 0xef);
    DO("insb", 0x6c);
    DO("insw", 0x66, 0x6d);
    DO("insl", 0x6d);
    DO("rep insb", 0xf3, 0x6c);
    DO("outsb", 0x6e);
    DO("outsw", 0x66, 0x6f);
    DO("outsl", 0x6f);
    DO("rep outsb", 0xf3, 0x6e);
    registers.rdx = 0xcf8;
    DO("in %dx,%eax of 0xcf8", 0xed);
}

static void ask_of_privileged(void)
{
    DO("hlt", 0xf4);
    DO("cli", 0xfa);
    DO("sti", 0xfb);
    DO("lgdt", 0x0f, 0x01, 0x17);
    DO("lidt", 0x0f, 0x01, 0x1f);
    DO("lldt", 0x0f, 0x00, 0xd0);
    DO("ltr", 0x0f, 0x00, 0xd8);
    DO("lmsw", 0x0f, 0x01, 0xf0);
    DO("clts", 0x0f, 0x06);
    DO("mov %cr0,%rax", 0x0f, 0x20, 0xc0);
    DO("mov %rax,%cr0", 0x0f, 0x22, 0xc0);
    DO("mov %cr2,%rax", 0x0f, 0x20, 0xd0);
    DO("mov %cr3,%rax", 0x0f, 0x20, 0xd8);
    DO("mov %rax,%cr3", 0x0f, 0x22, 0xd8);
    DO("mov %cr4,%rax", 0x0f, 0x20, 0xe0);
    DO("mov %rax,%cr4", 0x0f, 0x22, 0xe0);
    DO("mov %cr8,%rax", 0x44, 0x0f, 0x20, 0xc0);
    DO("mov %rax,%cr8", 0x44, 0x0f, 0x22, 0xc0);
    DO("mov %dr0,%rax", 0x0f, 0x21, 0xc0);
    DO("mov %rax,%dr0", 0x0f, 0x23, 0xc0);
    DO("mov %dr6,%rax", 0x0f, 0x21, 0xf0);
    DO("mov %dr7,%rax", 0x0f, 0x21, 0xf8);
    DO("mov %rax,%dr7", 0x0f, 0x23, 0xf8);
    DO("rdmsr", 0x0f, 0x32);
    DO("wrmsr", 0x0f, 0x30);
    DO("rdpmc", 0x0f, 0x33);
    DO("invd", 0x0f, 0x08);
    DO("wbinvd", 0x0f, 0x09);
    DO("invlpg", 0x0f, 0x01, 0x3f);
    DO("swapgs", 0x0f, 0x01, 0xf8);
    DO("sysret", 0x0f, 0x07);
    DO("sysretq", 0x48, 0x0f, 0x07);
    DO("monitor", 0x0f, 0x01, 0xc8);
    DO("mwait", 0x0f, 0x01, 0xc9);
    DO("rsm", 0x0f, 0xaa);
}

static void ask_of_undefined(void)
{
    DO("ud2", 0x0f, 0x0b);
    DO("ud1", 0x0f, 0xb9, 0xc0);
    DO("ud0", 0x0f, 0xff, 0xc0);
    DO("push %es", 0x06);
    DO("pop %es", 0x07);
    DO("into", 0xce);
    DO("bound", 0x62, 0x07, 0x00, 0x00, 0x00, 0x00);
    DO("daa", 0x27);
    DO("aaa", 0x37);
    DO("aam", 0xd4, 0x0a);
    DO("pusha", 0x60);
    DO("popa", 0x61);
    DO("lds", 0xc5, 0x07, 0x00, 0x00, 0x00);
    DO("lcall $0x10,$0", 0x9a, 0, 0, 0, 0, 0x10, 0);
    DO("ljmp $0x10,$0", 0xea, 0, 0, 0, 0, 0x10, 0);
    DO("salc", 0xd6);
    DO("lock nop", 0xf0, 0x90);
    DO("mov %ax,%cs", 0x8e, 0xc8);
    DO("lea %eax,%eax", 0x8d, 0xc0);
    DO("fifteen prefixes", 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
       0x66, 0x66, 0x66, 0x90);
}

static void ask_of_harmless(void)
{
    DO("cpuid", 0x0f, 0xa2);
    DO("rdtsc", 0x0f, 0x31);
    DO("pause", 0xf3, 0x90);
    DO("sgdt", 0x0f, 0x01, 0x07);
    DO("sidt", 0x0f, 0x01, 0x0f);
    DO("sldt", 0x0f, 0x00, 0xc0);
    DO("str", 0x0f, 0x00, 0xc8);
    DO("smsw", 0x0f, 0x01, 0xe0);
    DO("xgetbv", 0x31, 0xc9, 0x0f, 0x01, 0xd0);
    registers.rcx = 1;
    registers.rdx = 0;
    DO("clflush", 0x0f, 0xae, 0x3f);
    DO("rdfsbase", 0xf3, 0x48, 0x0f, 0xae, 0xc0);
    DO("prefetch of nowhere", 0x0f, 0x18, 0x0c, 0x25, 0x00, 0x10, 0x00, 0x00);
}

static void ask_of_segments(void)
{
    DO("mov 0,%ds", 0x31, 0xc0, 0x8e, 0xd8);
    DO("mov 0,%es", 0x31, 0xc0, 0x8e, 0xc0);
    DO("mov 0,%ss", 0x31, 0xc0, 0x8e, 0xd0);
    DO("mov 0x7ff8,%ds", 0x66, 0xb8, 0xf8, 0x7f, 0x8e, 0xd8);
    DO("mov 0x7ff8,%fs", 0x66, 0xb8, 0xf8, 0x7f, 0x8e, 0xe0);
    DO("mov 0x7ff8,%ss", 0x66, 0xb8, 0xf8, 0x7f, 0x8e, 0xd0);
    DO("lcall 0:0", 0x31, 0xc0, 0x89, 0x07, 0x66, 0x89, 0x47, 0x04, 0xff, 0x1f);
    DO("ljmp 0:0", 0x31, 0xc0, 0x89, 0x07, 0x66, 0x89, 0x47, 0x04, 0xff, 0x2f);
    DO("ljmp 0x7ffb:0", 0x31, 0xc0, 0x89, 0x07, 0x66, 0xc7, 0x47, 0x04, 0xfb, 0x7f, 0xff, 0x2f);
    /* push 0 five times, or all but %cs; iretq */
    DO("iretq to 0:0", 0x6a, 0, 0x6a, 0, 0x6a, 0, 0x6a, 0, 0x6a, 0, 0x48, 0xcf);
    DO("iretq to 0x7ffb:0", 0x6a, 0, 0x6a, 0, 0x6a, 0, 0x68, 0xfb, 0x7f, 0, 0, 0x6a, 0, 0x48, 0xcf);
    DO("lret to 0:0", 0x6a, 0, 0x6a, 0, 0x48, 0xcb);
    /* push %ss, %rsp, flags, %cs, the address behind iretq */
    DO("iretq to the next instruction", 0x8c, 0xd0, 0x50, 0x54, 0x9c, 0x8c, 0xc8, 0x50, 0x48, 0x8d,
       0x05, 0x03, 0x00, 0x00, 0x00, 0x50, 0x48, 0xcf);
    /* the same with NT set */
    DO("iretq of a nested task", 0x68, 0x02, 0x42, 0, 0, 0x9d, 0x48, 0xcf);
}

static void ask_of_flags(void)
{
    DO("popfq of everything", 0x48, 0xc7, 0xc0, 0xff, 0xfe, 0xff, 0xff, 0x50, 0x9d); /* but TF */
    DO("popfq of IOPL 3, cli", 0x68, 0x02, 0x32, 0, 0, 0x9d, 0xfa);
    DO("popfq without IF", 0x6a, 0x02, 0x9d);
    DO("popfq of TF", 0x68, 0x02, 0x03, 0, 0, 0x9d, 0x90);
    DO("popfq of AC, unaligned access", 0x68, 0x02, 0x02, 0x04, 0, 0x9d, 0x48, 0x8b, 0x47, 0x01);
    DO("popfq of ID", 0x68, 0x02, 0x02, 0x20, 0, 0x9d);
}

static void ask_of_arithmetic(void)
{
    DO("div by zero", 0x31, 0xc9, 0xf7, 0xf1);
    registers.rdx = 5;
    DO("div with a quotient too large", 0xb9, 0x01, 0, 0, 0, 0xf7, 0xf1);
    registers.rdx = 0;
    DO("idiv of the smallest by -1", 0xb8, 0, 0, 0, 0x80, 0x99, 0xb9, 0xff, 0xff, 0xff, 0xff, 0xf7,
       0xf9);
    /* fninit; fldcw with nothing masked; fldz; fld1; fdivp; fwait */
    DO("x87 division by zero", 0xdb, 0xe3, 0x66, 0xc7, 0x07, 0x40, 0x03, 0xd9, 0x2f, 0xd9, 0xe8,
       0xd9, 0xee, 0xde, 0xf9, 0x9b);
    DO("fninit", 0xdb, 0xe3);
    DO("ldmxcsr of the default", 0xc7, 0x07, 0x80, 0x1f, 0, 0, 0x0f, 0xae, 0x17);
    DO("movaps, unaligned", 0x0f, 0x28, 0x47, 0x01);
    DO("movups, unaligned", 0x0f, 0x10, 0x47, 0x01);
    DO("fxsave, unaligned", 0x0f, 0xae, 0x47, 0x01);
}

static void ask_of_addresses(void)
{
    registers.rbx = NOWHERE;
    registers.rcx = HOLE;
    DO("read of nowhere", 0x48, 0x8b, 0x03);
    DO("write to nowhere", 0x48, 0x89, 0x03);
    DO("read of no address", 0x48, 0x8b, 0x01);
    DO("write to no address", 0x48, 0x89, 0x01);
    DO("jump to nowhere", 0xff, 0xe3);
    DO("call of nowhere", 0xff, 0xd3);
    DO("rsp of nowhere, push", 0x48, 0x89, 0xdc, 0x50);
    DO("read of kernel memory", 0x48, 0xc7, 0xc0, 0, 0, 0, 0x80, 0x48, 0x8b, 0x00);
    DO("read of the last bytes", 0x48, 0xc7, 0xc0, 0xf8, 0xff, 0xff, 0xff, 0x48, 0x8b, 0x00);
    DO("read across the end of memory", 0x48, 0xc7, 0xc0, 0xfc, 0xff, 0xff, 0xff, 0x48, 0x8b, 0x00);
    DO("jump to kernel memory", 0x48, 0xc7, 0xc0, 0, 0, 0, 0x80, 0xff, 0xe0);
    DO("jump to 0xffffffffff600000", 0x48, 0xc7, 0xc0, 0, 0, 0x60, 0xff, 0xff, 0xe0);
    DO("read of null", 0x31, 0xc0, 0x48, 0x8b, 0x00);
    DO("jump to null", 0x31, 0xc0, 0xff, 0xe0);
}

static void ask_of_breakpoints(void)
{
    DO("int3", 0xcc);
    DO("int $3", 0xcd, 0x03);
    registers.rdx = 77;
    DO("syscall 77", 0x0f, 0x05);
}

/* From here on a program's `int` is a system call. */
#define INT_FIRST 0x9e

static void ask_of_software_interrupts(void)
{
    static const char digits[] = "0123456789abcdef";
    for (unsigned n = INT_FIRST; n < 256; n++) {
        char name[] = "int $0x00";
        name[7] = digits[n >> 4];
        name[8] = digits[n & 15];
        DO(name, 0xcd, (unsigned char)n);
    }
    registers.rax = 0xffffffffffabcdef;
    DO("int $0xa0 with another eax", 0xcd, 0xa0);
}

static void ask(void)
{
    make_victim();
    defaults();
    ask_of_ports_of_io();
    defaults();
    ask_of_privileged();
    ask_of_undefined();
    ask_of_harmless();
    defaults();
    ask_of_segments();
    ask_of_flags();
    defaults();
    ask_of_arithmetic();
    defaults();
    ask_of_addresses();
    defaults();
    ask_of_breakpoints();
    defaults();
    ask_of_software_interrupts();
}
