/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Runs libmicrokit's main() on a kernel that hands out a list of events and prints what it hears. */

#include <sel4/sel4.h>

#include <stdio.h>
#include <stdlib.h>

#include "tests/sdk/event_loop/pd.h"
#include "tests/sdk/stubs/entry.h"

#define BADGE_PROTECTED (1ul << 63)
#define BADGE_FAULT     (1ul << 62)

static const struct event {
    seL4_Word badge, label, length;
} events[] = {
    {1ul << 0 | 1ul << 61, 0, 0},
    {1ul << NOTIFY, 0, 0},
    {1ul << NOTIFY_DEFERRED_TWICE, 0, 0},
    {0, 0, 0},
    {BADGE_PROTECTED | 7, 11, 2},
    {BADGE_PROTECTED | CALLED_DEFERS, 12, 0},
    {BADGE_FAULT | CHILD_RESUMED, seL4_Fault_VMFault, 4},
    {BADGE_FAULT | 3, seL4_Fault_UserException, 5},
    {1ul << USE_WRONG_IDS, 0, 0},
    {1ul << PRINT_NUMBERS, 0, 0},
    {1ul << CALL, 0, 0},
    {1ul << HANDLE_CHILDREN, 0, 0},
};
static unsigned int next_event;

int pd_main(void);

static const char *name_of(long number)
{
#define NAME(name, n)                                                                              \
    if (number == (n)) {                                                                           \
        return #name;                                                                              \
    }
    SYSCALLS_MCS(NAME)
    return "?";
}

static void receive(struct registers *registers)
{
    if (next_event == sizeof(events) / sizeof(events[0])) {
        printf("end of events\n");
        exit(0);
    }
    const struct event *event = &events[next_event++];
    printf("event: badge %lx\n", event->badge);
    registers->rdi = event->badge;
    registers->rsi = seL4_MessageInfo_new(event->label, 0, 0, event->length).words[0];
}

void kernel_enter(struct registers *registers)
{
    long number = (long)registers->rdx;
    if (number == seL4_SysDebugPutChar) {
        putchar((int)registers->rdi);
        return;
    }
    printf("    %s cap %lu", name_of(number), registers->rdi);
    if (number >= seL4_SysNBSend) {
        printf(" label %lu length %lu mr0 %lx", registers->rsi >> 12, registers->rsi & 0x7f,
               (registers->rsi & 0x7f) > 0 && registers->rsi >> 12 != 0 ? registers->r10 : 0);
    }
    if (number == seL4_SysNBSendRecv) {
        printf(" to %lu", registers->r13);
    }
    printf("\n");

    if (number == seL4_SysCall) {
        registers->rsi = 0;
    } else if (number != seL4_SysSend && number != seL4_SysNBSend) {
        receive(registers);
    }
}

int main(void)
{
    set_up_pd();
    return pd_main();
}
