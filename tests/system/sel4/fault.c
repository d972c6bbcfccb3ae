/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* A PD that faults in the way its name says. */
#include <microkit.h>

/* The stack's lowest address, for the default size. */
#define STACK_BOTTOM 0x7fffffffb000

static void write_to(seL4_Word address)
{
    __asm__ volatile("movl $1, (%0)" : : "r"(address) : "memory");
}

static void receive_on(seL4_CPtr cap)
{
    seL4_Word badge;
    seL4_Recv(cap, &badge, 4);
}

/* Only two names start with the same letter, a b. */
void init(void)
{
    switch (microkit_name[0]) {
    case 'n':
        write_to(0);
        break;
    case 't':
        write_to(0x200000);
        break;
    case 'j':
        __asm__ volatile("jmp *%0" : : "r"(0x10000000ul));
        break;
    case 'o':
        write_to(STACK_BOTTOM - 8);
        break;
    case 'b':
        if (microkit_name[1] == 'e') {
            write_to(STACK_BOTTOM - 0x1008);
        } else {
            __asm__ volatile("int3");
        }
        break;
    case 'i':
        __asm__ volatile("ud2");
        break;
    case 'p':
        __asm__ volatile("hlt");
        break;
    case 'd':
        __asm__ volatile("xorl %%edx, %%edx; xorl %%ecx, %%ecx; divl %%ecx"
                         :
                         :
                         : "eax", "ecx", "edx");
        break;
    case 's':
        __asm__ volatile("syscall" : : "d"(5ul) : "rcx", "r11", "memory");
        break;
    case 'r':
        receive_on(300); /* an empty slot */
        break;
    case 'g':
        receive_on(600); /* beyond the slots, where the guard does not match */
        break;
    default:
        break;
    }
}

void notified(microkit_channel ch)
{
    (void)ch;
}
