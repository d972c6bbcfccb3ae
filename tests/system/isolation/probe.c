/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Stands in for a PD of a system and tries everything that a program can try from there: each page
 * that any PD of the system has, each slot of its CSpace, each id of libmicrokit, and instructions that
 * are not for it. Prints one line for what was reached and what was not, "probe: " first.
 */
#include "tests/system/isolation/attempt.h"

#define PAGE_BYTES 0x1000ul

/* What to try: see variant, which writes it. */
extern const struct pages {
    seL4_Word first, count;
} pages[];
extern const seL4_Bool pages_alone;

/* outcome = attempt(code, first, second): what became of code(first, second). */
struct outcome outcome;
seL4_Word attempt_stack;
void attempt(void *code, seL4_Word first, seL4_Word second);
void attempt_failed(void);

__asm__(".globl attempt, attempt_failed\n"
        "attempt:\n"
        "    push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
        "    mov %rsp, attempt_stack\n"
        "    mov %rdi, %r11\n"
        "    mov %rsi, %rdi\n"
        "    mov %rdx, %rsi\n"
        "    xor %eax, %eax\n" /* zeros are an instruction that writes to there */
        "    sub $8, %rsp\n"
        "    call *%r11\n"
        "    mov %rax, outcome + 24\n"
        "    xor %eax, %eax\n"
        "attempt_failed:\n"
        "    mov attempt_stack, %rsp\n"
        "    mov %rax, outcome\n"
        "    mov %rbx, outcome + 8\n"
        "    mov %rcx, outcome + 16\n"
        "    pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
        "    ret\n");

static void sign(seL4_Word what, seL4_Word rbx)
{
    __asm__ volatile("mov %%rsp, %%rcx; ud2" : : "a"(what), "b"(rbx) : "rcx", "memory");
}

/* A line is printed as a whole: what others print comes before or after it. */
static char line[200];
static unsigned line_length;

static void say(const char *text)
{
    for (; *text != 0; text++) {
        line[line_length++] = *text;
        if (*text == '\n') {
            line[line_length] = 0;
            microkit_dbg_puts(line);
            line_length = 0;
        }
    }
}

static void say_number(seL4_Word number)
{
    char digit[2] = {(char)('0' + number % 10), 0};
    if (number >= 10) {
        say_number(number / 10);
    }
    say(digit);
}

static void say_address(seL4_Word address)
{
    char text[19];
    char *at = text + 18;
    *at = 0;
    do {
        *--at = "0123456789abcdef"[address & 15];
        address >>= 4;
    } while (address != 0);
    *--at = 'x';
    *--at = '0';
    say(at);
}

static void say_ending(void)
{
    switch (outcome.ending) {
    case CAME_BACK:
        say("came back");
        break;
    case CAP_FAULT:
        say("cap fault");
        break;
    case UNKNOWN_SYSCALL:
        say("unknown system call");
        break;
    case USER_EXCEPTION:
        say("user exception ");
        say_number(outcome.detail);
        break;
    case DEBUG_EXCEPTION:
        say("debug exception");
        break;
    case VM_FAULT:
        say("VM fault");
        break;
    case WAITS:
        say("waits");
        break;
    default:
        say("reached the parent");
        break;
    }
}

/* Memory. */

static seL4_Word read_byte(seL4_Word address, seL4_Word unused)
{
    (void)unused;
    return *(volatile unsigned char *)address;
}

static seL4_Word write_byte(seL4_Word address, seL4_Word value)
{
    *(volatile unsigned char *)address = (unsigned char)value;
    return 0;
}

#define RET 0xc3

/* Where in a page that can be read to jump to: to a return, if there is one. */
static seL4_Word find_return(seL4_Word page)
{
    for (seL4_Word at = page; at < page + PAGE_BYTES; at++) {
        if (read_byte(at, 0) == RET) {
            return at;
        }
    }
    return page;
}

static seL4_Bool can_execute(seL4_Word at)
{
    attempt((void *)at, 0, 0);
    return !(outcome.ending == VM_FAULT && outcome.detail == at) ? seL4_True : seL4_False;
}

/* "rwx", or a dash for what faults. */
static void try_page(seL4_Word page, char *rights)
{
    seL4_Word last = page + PAGE_BYTES - 1;

    attempt(read_byte, last, 0);
    seL4_Bool readable = outcome.ending == CAME_BACK;
    seL4_Word before = outcome.value;
    attempt(write_byte, last, readable ? before : 0);
    seL4_Bool writable = outcome.ending == CAME_BACK;

    seL4_Word at = page;
    if (readable && writable) {
        at = last;
        write_byte(last, RET);
    } else if (readable) {
        at = find_return(page);
    }
    seL4_Bool executable = can_execute(at);
    if (readable && writable) {
        write_byte(last, before);
    }
    rights[0] = readable ? 'r' : '-';
    rights[1] = writable ? 'w' : '-';
    rights[2] = executable ? 'x' : '-';
    rights[3] = 0;
}

static seL4_Bool same(const char *left, const char *right)
{
    return left[0] == right[0] && left[1] == right[1] && left[2] == right[2];
}

/* One line for each run of pages with the same rights. */
static void try_pages(const struct pages *pages)
{
    seL4_Word first = pages->first;
    seL4_Word end = first + pages->count * PAGE_BYTES;
    while (first != end) {
        char rights[4], next[4];
        seL4_Word to = first + PAGE_BYTES;
        try_page(first, rights);
        while (to != end && (try_page(to, next), same(next, rights))) {
            to += PAGE_BYTES;
        }
        say("probe: memory ");
        say_address(first);
        say("..");
        say_address(to);
        say(" ");
        say(rights);
        say("\n");
        first = to;
    }
}

/* Where no PD can have memory. */
static void try_elsewhere(void)
{
    static const seL4_Word addresses[] = {
        0x7ffffffff000,     /* the last page below the hole */
        0x800000000000,     /* not canonical */
        0xfffffffffffff000, /* the last page of all */
        0xffff800000000000, /* the kernel's half */
        0xffff888000000000, /* where Linux has all memory */
        0xffffff8000000000, /* where seL4 has all memory */
        0xffffffff80000000, /* where either kernel has its text */
        0xffffffffff600000, /* where Linux has the page of vsyscall */
    };
    for (unsigned i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
        say("probe: address ");
        say_address(addresses[i]);
        say(": read ");
        attempt(read_byte, addresses[i], 0);
        say_ending();
        say(", write ");
        attempt(write_byte, addresses[i], 0);
        say_ending();
        say(", execute ");
        attempt((void *)addresses[i], 0, 0);
        say_ending();
        say("\n");
    }
}

/* Caps. */

#define CAP_ENDPOINT     4
#define CAP_NOTIFICATION 6
#define LABEL            0x2aa /* of no fault, no invocation, and no request of the examples */

static const char *type_name(seL4_Word type)
{
    static const struct {
        seL4_Word type;
        const char *name;
    } names[] = {{1, "frame"},
                 {2, "untyped"},
                 {3, "page table"},
                 {CAP_ENDPOINT, "endpoint"},
                 {5, "page directory"},
                 {CAP_NOTIFICATION, "notification"},
                 {7, "PDPT"},
                 {8, "reply"},
                 {9, "VSpace"},
                 {10, "CNode"},
                 {11, "ASID control"},
                 {12, "TCB"},
                 {13, "ASID pool"},
                 {14, "IRQ control"},
                 {15, "I/O space"},
                 {16, "IRQ handler"},
                 {19, "I/O ports"},
                 {20, "domain"},
                 {22, "scheduling context"},
                 {24, "sched control"},
                 {31, "I/O port control"}};
    for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (names[i].type == type) {
            return names[i].name;
        }
    }
    return "unknown type";
}

static seL4_Word wait_on(seL4_Word cap, seL4_Word unused)
{
    (void)unused;
    seL4_Word badge;
    seL4_NBWait(cap, &badge);
    return 0;
}

static seL4_Word call_with(seL4_Word cap, seL4_Word label)
{
    return seL4_MessageInfo_get_label(seL4_Call(cap, seL4_MessageInfo_new(label, 0, 0, 0)));
}

static seL4_Bool refused_with(seL4_Word error)
{
    return outcome.ending == CAME_BACK && outcome.value == error;
}

/* Each invocation that the kernel has, without arguments. Answers how many it did not refuse. */
static unsigned invoke_all(seL4_Word cap)
{
    unsigned done = 0;
    for (seL4_Word label = 0; label < 80; label++) {
        attempt(call_with, cap, label);
        done += outcome.ending == CAME_BACK && outcome.value == seL4_NoError;
    }
    return done;
}

static void try_cap(seL4_Word slot, seL4_Word cap, seL4_Word type)
{
    say("probe: slot ");
    say_number(slot);
    say(": ");
    say(type_name(type));
    if (type == CAP_ENDPOINT || type == CAP_NOTIFICATION) {
        attempt(call_with, cap, LABEL);
        say(refused_with(seL4_InvalidCapability) ? ", no send" : ", send");
        if (outcome.ending != CAME_BACK) {
            say(" (");
            say_ending();
            say(")");
        }
        attempt(wait_on, cap, 0);
        say(outcome.ending == CAME_BACK ? ", receive" : ", no receive");
    } else {
        say(", of 80 invocations without arguments ");
        say_number(invoke_all(cap));
        say(" done");
    }
    say("\n");
}

/* Slots of one CNode whose caps are found `shift` bits up; the empty ones are counted. */
static void try_slots(const char *name, seL4_Word first, seL4_Word slots, unsigned shift)
{
    seL4_Word empty = 0;
    for (seL4_Word slot = first; slot < slots; slot++) {
        seL4_Word cap = slot << shift;
        seL4_Word type = seL4_DebugCapIdentify(cap);
        if (type != 0) {
            try_cap(slot, cap, type);
            continue;
        }
        attempt(call_with, cap, LABEL);
        seL4_Bool refused = refused_with(seL4_InvalidCapability);
        attempt(wait_on, cap, 0);
        empty += refused && outcome.ending == CAP_FAULT;
    }
    say("probe: ");
    say(name);
    say(": ");
    say_number(empty);
    say(" of ");
    say_number(slots - first);
    say(" slots empty, invoking refused, receiving a cap fault\n");
}

/* What is no address of a slot. */
static void try_beyond(void)
{
    static const seL4_Word caps[] = {512, 1024, 1ul << 57, (1ul << 58) + 1, (63ul << 58) + 511,
                                     ~0ul};
    unsigned faults = 0;
    for (unsigned i = 0; i < sizeof(caps) / sizeof(*caps); i++) {
        attempt(call_with, caps[i], LABEL);
        faults += outcome.ending == CAP_FAULT || refused_with(seL4_InvalidCapability);
        attempt(wait_on, caps[i], 0);
        faults += outcome.ending == CAP_FAULT;
    }
    say("probe: beyond the CNodes: ");
    say_number(faults);
    say(" of 12 attempts end in a cap fault or are refused\n");
}

/* libmicrokit, which is told by the tool what ids there are. The linker leads its refusals here. */

static seL4_Bool refused;

void __wrap_microkit_internal_refuse(const char *function, const char *what, unsigned id);
void __wrap_microkit_internal_refuse(const char *function, const char *what, unsigned id)
{
    (void)function;
    (void)what;
    (void)id;
    refused = seL4_True;
}

static seL4_Word notify(seL4_Word id, seL4_Word unused)
{
    (void)unused;
    microkit_notify((microkit_channel)id);
    return 0;
}

static seL4_Word ppcall(seL4_Word id, seL4_Word unused)
{
    (void)unused;
    microkit_ppcall((microkit_channel)id, microkit_msginfo_new(LABEL, 0));
    return 0;
}

static seL4_Word irq_ack(seL4_Word id, seL4_Word unused)
{
    (void)unused;
    microkit_irq_ack((microkit_channel)id);
    return 0;
}

static seL4_Word ioport_read(seL4_Word id, seL4_Word unused)
{
    (void)unused;
    return microkit_x86_ioport_read_8((microkit_ioport)id, 0x3f8);
}

static seL4_Word ioport_write(seL4_Word id, seL4_Word unused)
{
    (void)unused;
    microkit_x86_ioport_write_8((microkit_ioport)id, 0x3f8, 'x');
    return 0;
}

static seL4_Word pd_restart(seL4_Word id, seL4_Word unused)
{
    (void)unused;
    microkit_pd_restart((microkit_child)id, 0x200000);
    return 0;
}

static seL4_Word pd_stop(seL4_Word id, seL4_Word unused)
{
    (void)unused;
    microkit_pd_stop((microkit_child)id);
    return 0;
}

static seL4_Word pd_resume(seL4_Word id, seL4_Word unused)
{
    (void)unused;
    microkit_pd_resume((microkit_child)id);
    return 0;
}

#define IDS 63 /* from 0 to 62 */

static void try_ids(const char *name, seL4_Word (*call)(seL4_Word id, seL4_Word unused))
{
    seL4_Bool none = seL4_True;
    say("probe: ");
    say(name);
    say(" of 0 to 62 does something for:");
    for (seL4_Word id = 0; id < IDS; id++) {
        refused = seL4_False;
        attempt(call, id, 0);
        if (!refused && outcome.ending == CAME_BACK) {
            say(" ");
            say_number(id);
            none = seL4_False;
        }
    }
    say(none ? " none\n" : "\n");
}

static void try_libmicrokit(void)
{
    try_ids("microkit_notify", notify);
    try_ids("microkit_ppcall", ppcall);
    try_ids("microkit_irq_ack", irq_ack);
    try_ids("microkit_x86_ioport_read_8", ioport_read);
    try_ids("microkit_x86_ioport_write_8", ioport_write);
    try_ids("microkit_pd_restart", pd_restart);
    try_ids("microkit_pd_stop", pd_stop);
    try_ids("microkit_pd_resume", pd_resume);
}

/* Instructions. */

/* I(name, assembly): an instruction that is the kernel's alone, or a way into some kernel. */
#define INSTRUCTIONS(I)                                                                            \
    I(in, "mov $0x3f8, %edx; in %dx, %al")                                                         \
    I(out, "mov $0x3f8, %edx; mov $0x78, %al; out %al, %dx")                                       \
    I(hlt, "hlt")                                                                                  \
    I(cli, "cli")                                                                                  \
    I(sti, "sti")                                                                                  \
    I(rdmsr, "mov $0xc0000080, %ecx; rdmsr")                                                       \
    I(wrmsr, "mov $0xc0000080, %ecx; xor %eax, %eax; xor %edx, %edx; wrmsr")                       \
    I(read_cr0, "mov %cr0, %rax")                                                                  \
    I(read_cr3, "mov %cr3, %rax")                                                                  \
    I(write_cr3, "xor %eax, %eax; mov %rax, %cr3")                                                 \
    I(write_dr7, "xor %eax, %eax; mov %rax, %dr7")                                                 \
    I(lgdt, "lgdt -16(%rsp)")                                                                      \
    I(lidt, "lidt -16(%rsp)")                                                                      \
    I(ltr, "xor %eax, %eax; ltr %ax")                                                              \
    I(invlpg, "invlpg (%rsp)")                                                                     \
    I(wbinvd, "wbinvd")                                                                            \
    I(swapgs, "swapgs")                                                                            \
    I(rdpmc, "xor %ecx, %ecx; rdpmc")                                                              \
    I(int_0x80, "mov $1, %eax; int $0x80")                                                         \
    I(int_0x20, "int $0x20")                                                                       \
    I(iretq_to_ring_0, "push $0x10; push %rsp; pushfq; push $8; push $0x200000; iretq")            \
    I(far_return_to_ring_0, "push $8; push $0x200000; lretq")

#define I(name, code) void instruction_##name(void);
INSTRUCTIONS(I)
#undef I

#define I(name, code) __asm__("instruction_" #name ":\n    " code "\n    ret\n");
INSTRUCTIONS(I)
#undef I

static void try_instructions(void)
{
    static const struct {
        const char *name;
        void (*code)(void);
    } tries[] = {
#define I(name, code) {#name, instruction_##name},
        INSTRUCTIONS(I)
#undef I
    };
    for (unsigned i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
        attempt((void *)tries[i].code, 0, 0);
        say("probe: instruction ");
        say(tries[i].name);
        say(": ");
        say_ending();
        say("\n");
    }
}

/* A system call as Linux has them: the number in rax. seL4 takes it from rdx, where there is none of its. */
seL4_Word linux_syscall(seL4_Word number, seL4_Word unused);
__asm__("linux_syscall:\n"
        "    mov %rdi, %rax\n"
        "    mov $1, %edi; xor %esi, %esi; mov $12345, %edx\n"
        "    xor %r10d, %r10d; xor %r8d, %r8d; xor %r9d, %r9d\n"
        "    syscall\n"
        "    ret\n");

/* Which exception it is depends on the CPU. */
seL4_Word linux_sysenter(seL4_Word number, seL4_Word unused);
__asm__("linux_sysenter:\n"
        "    mov %edi, %eax; mov %esp, %ebp\n"
        "    sysenter\n"
        "    ret\n");

static void try_linux(void)
{
    unsigned unknown = 0;
    for (seL4_Word number = 0; number < 512; number++) {
        attempt(linux_syscall, number, 0);
        unknown += outcome.ending == UNKNOWN_SYSCALL;
    }
    say("probe: Linux's system calls: ");
    say_number(unknown);
    say(" of 512 are unknown system calls\n");
    attempt(linux_sysenter, 20, 0);
    say("probe: Linux's sysenter: ");
    say(outcome.ending == UNKNOWN_SYSCALL || outcome.ending == USER_EXCEPTION ? "a fault\n"
                                                                              : "no fault\n");
    attempt((void *)0xffffffffff600400, 0, 0);
    say("probe: Linux's vsyscall for the time: ");
    say_ending();
    say("\n");
}

void init(void)
{
    attempt(sign, SIGN_START, (seL4_Word)attempt_failed);
    for (unsigned i = 0; pages[i].count != 0; i++) {
        try_pages(&pages[i]);
    }
    if (!pages_alone) {
        try_elsewhere();
        try_slots("the CNode", 0, 512, 0);
        try_slots("the root CNode", 1, 64, 58);
        try_beyond();
        try_libmicrokit();
        try_instructions();
        try_linux();
    }
    say("probe: done\n");
    sign(SIGN_DONE, 0);
}

void notified(microkit_channel ch)
{
    (void)ch;
}
