/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The victims: a client that calls a server and checks all it gets, and a thread in mid-call. */
#include "tests/system/hostile/guest/guest.h"

#define VECTOR_0 0x0123456789abcdef
#define VECTOR_1 0xfedcba9876543210

static struct progress *const progress = (struct progress *)GUEST_PROGRESS;

static void vectors_fill(void)
{
    __asm__ volatile("movq %0, %%xmm0\n\tmovq %1, %%xmm7\n\tmovq %0, %%xmm15"
                     :
                     : "r"(VECTOR_0), "r"(VECTOR_1));
}

static seL4_Bool vectors_intact(void)
{
    uint64_t a, b, c;
    __asm__ volatile("movq %%xmm0, %0\n\tmovq %%xmm7, %1\n\tmovq %%xmm15, %2"
                     : "=r"(a), "=r"(b), "=r"(c));
    return a == VECTOR_0 && b == VECTOR_1 && c == VECTOR_0;
}

/* One word of each frame, another one with each call. */
static seL4_Bool canaries_intact(uint64_t call)
{
    for (uint64_t n = 0; n < CANARY_FRAMES; n++) {
        const volatile uint64_t *frame = (uint64_t *)(GUEST_CANARIES + n * PAGE_BYTES);
        if (frame[call % 512] != canary_word(n, call % 512)) {
            return 0;
        }
    }
    return 1;
}

static seL4_Bool call_is_right(uint64_t call)
{
    seL4_Word a = call, b = ~call, c = call << 32, d = call * 3;
    seL4_MessageInfo_t info = seL4_MessageInfo_new(call & 0xff, 0, 0, 4);
    info = seL4_CallWithMRs(CAP_SERVER, info, &a, &b, &c, &d);
    return seL4_MessageInfo_get_label(info) == (call & 0xff) && a == served(call) &&
           b == served(~call) && c == served(call << 32) && d == served(call * 3);
}

void client(void)
{
    vectors_fill();
    for (uint64_t call = 0;; call++) {
        progress->wrong += !call_is_right(call) || !vectors_intact() || !canaries_intact(call);
        progress->calls = call + 1;
        if (call % CALLS_A_SIGNAL == 0) {
            seL4_Signal(CAP_PROGRESS);
        }
    }
}

void server(void)
{
    seL4_Word badge, a = 0, b = 0, c = 0, d = 0;
    seL4_MessageInfo_t info = seL4_MessageInfo_new(0, 0, 0, 0);
    vectors_fill();
    info =
        seL4_NBSendRecvWithMRs(CAP_PROGRESS, info, CAP_SERVER, &badge, &a, &b, &c, &d, CAP_REPLY);
    for (;;) {
        a = served(a);
        b = served(b);
        c = served(c);
        d = vectors_intact() ? served(d) : 0;
        info = seL4_ReplyRecvWithMRs(CAP_SERVER, info, &badge, &a, &b, &c, &d, CAP_REPLY);
    }
}

/* It asks for a word and says next time what the server would have made of it. */
void hostage(void)
{
    seL4_Word word = 0;
    for (;;) {
        seL4_CallWithMRs(CAP_ROOT, seL4_MessageInfo_new(0, 0, 0, 1), &word, 0, 0, 0);
        word = served(word);
    }
}
