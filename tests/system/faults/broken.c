/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A PD that goes wrong in the way that its name says, whenever it is notified. In the middle of its
 * system the client and the server go on, or do not: see client.c.
 */
#include <microkit.h>

#define MUTE 1 /* the channel to who does not answer */

/* Not reset by Microkit's restart, which only sets the instruction pointer. */
static seL4_Uint32 starts;

static void null_read(void)
{
    __asm__ volatile("movl 0, %%eax" : : : "eax");
}

static void write_to_text(void)
{
    __asm__ volatile("movl $1, 0x200000" : : : "memory");
}

static void execute_data(void)
{
    static unsigned char code[] = {0xc3}; /* ret */
    __asm__ volatile("call *%0" : : "r"(code) : "memory");
    microkit_dbg_puts(microkit_name);
    microkit_dbg_puts(": came back from its data\n");
}

static void illegal_instruction(void)
{
    __asm__ volatile("ud2");
}

static void stack_overflow(void)
{
    __asm__ volatile("1: sub $0x800, %rsp; push %rax; jmp 1b");
}

static void jump_into_nowhere(void)
{
    __asm__ volatile("call *%0" : : "r"(0x10000000ul));
}

static void division_by_zero(void)
{
    __asm__ volatile("xorl %%edx, %%edx; xorl %%ecx, %%ecx; divl %%ecx" : : : "eax", "ecx", "edx");
}

static void privileged_instruction(void)
{
    __asm__ volatile("hlt");
}

static void endless_loop(void)
{
    for (;;) {
        __asm__ volatile("pause");
    }
}

static void deadlock(void)
{
    microkit_ppcall(MUTE, microkit_msginfo_new(0, 0));
}

static const struct {
    const char *name;
    void (*go_wrong)(void);
} ways[] = {
    {"null_read", null_read},
    {"write_to_text", write_to_text},
    {"execute_data", execute_data},
    {"illegal_instruction", illegal_instruction},
    {"stack_overflow", stack_overflow},
    {"jump_into_nowhere", jump_into_nowhere},
    {"division_by_zero", division_by_zero},
    {"privileged_instruction", privileged_instruction},
    {"endless_loop", endless_loop},
    {"endless_loop_without_a_period", endless_loop},
    {"killed_process", endless_loop},
    {"deadlock", deadlock},
};

static seL4_Bool same(const char *left, const char *right)
{
    while (*left != 0 && *left == *right) {
        left++;
        right++;
    }
    return *left == *right;
}

void init(void)
{
    starts++;
    microkit_dbg_puts(microkit_name);
    microkit_dbg_puts(": start ");
    microkit_dbg_put32(starts);
    microkit_dbg_puts("\n");
}

void notified(microkit_channel ch)
{
    (void)ch;
    for (unsigned i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        if (same(ways[i].name, microkit_name)) {
            ways[i].go_wrong();
        }
    }
}
