/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Prints system calls instead of making them. */

#include "tests/sdk/stubs/recorder.h"
#include "tests/sdk/stubs/entry.h"

#include <stdio.h>
#include <string.h>

#define EMPTY 0xeeeeeeeeeeeeeeeeul

static seL4_IPCBuffer buffer;
seL4_IPCBuffer *__sel4_ipc_buffer = &buffer;
seL4_Word recorder_label;

void __assert_fail(const char *text, const char *file, int line, const char *function)
{
    printf("assert failed: %s (%s:%d, %s)\n", text, file, line, function);
}

void recorder_begin(const char *text)
{
    printf("%s\n", text);
    memset(&buffer, 0xee, sizeof(buffer));
}

static void print_buffer(void)
{
    for (int i = 0; i < 3; i++) {
        if (buffer.caps_or_badges[i] != EMPTY) {
            printf(" cap%d=%lx", i, buffer.caps_or_badges[i]);
        }
    }
    for (int i = 0; i < seL4_MsgMaxLength; i++) {
        if (buffer.msg[i] != EMPTY) {
            printf(" msg%d=%lx", i, buffer.msg[i]);
        }
    }
}

void kernel_enter(struct registers *r)
{
    long number = (long)r->rdx;
    printf("    %ld", number);
    int is_receive = number == seL4_SysRecv || number == seL4_SysNBRecv || number == seL4_SysWait ||
                     number == seL4_SysNBWait;
    int is_two = number == seL4_SysNBSendRecv || number == seL4_SysNBSendWait;
    if (number != seL4_SysYield && number != seL4_SysDebugHalt && number != seL4_SysDebugSnapshot) {
        printf(" rdi=%lx", r->rdi);
    }
    if (number >= seL4_SysNBSend) {
        printf(" label=%lu unwrapped=%lu caps=%lu length=%lu", r->rsi >> 12, r->rsi >> 9 & 7,
               r->rsi >> 7 & 3, r->rsi & 0x7f);
    }
    /* A signal has a length, but no register is set. */
    int is_signal = number == seL4_SysSend && r->rsi >> 12 == 0;
    seL4_Word length = is_signal ? 0 : r->rsi & 0x7f;
    const seL4_Word mrs[] = {r->r10, r->r8, r->r9, r->r15};
    for (seL4_Word i = 0; number >= seL4_SysNBSend && i < 4 && i < length; i++) {
        printf(" mr%lu=%lx", i, mrs[i]);
    }
    if (number == seL4_SysReplyRecv || number == seL4_SysRecv || number == seL4_SysNBRecv ||
        is_two) {
        printf(" reply=%lx", r->r12);
    }
    if (number == seL4_SysNBSendRecv) {
        printf(" dest=%lx", r->r13);
    }
    print_buffer();
    printf("\n");

    if (is_receive || is_two || number >= seL4_SysReplyRecv || number < seL4_SysYield) {
        r->rdi = 0xbad;
        r->rsi = seL4_MessageInfo_new(recorder_label, 0, 0, 4).words[0];
        r->r10 = 0xa0;
        r->r8 = 0xa1;
        r->r9 = 0xa2;
        r->r15 = 0xa3;
    }
}

void recorder_result(seL4_Word value)
{
    printf("    = %lx\n", value);
}

void recorder_message(void)
{
    printf("    msg0..3 = %lx %lx %lx %lx\n", buffer.msg[0], buffer.msg[1], buffer.msg[2],
           buffer.msg[3]);
}
