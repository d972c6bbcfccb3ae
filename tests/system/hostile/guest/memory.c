/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Attacks by memory: frames that are taken away, code that changes, copies that do not end. */
#include "tests/system/hostile/guest/guest.h"

#include "platform/stub/layout.h"

/* The usual call site: mov %rsp,%rbx; syscall; mov %rbx,%rsp; mov $n,%eax; ret */
#define SITE_BYTES 14

typedef uint64_t site_function(uint64_t, uint64_t, uint64_t number);

static void write_site(volatile uint8_t *to, uint32_t answer)
{
    static const uint8_t code[] = {0x48, 0x89, 0xe3, 0x0f, 0x05, 0x48, 0x89, 0xdc, 0xb8};
    for (unsigned i = 0; i < sizeof(code); i++) {
        to[i] = code[i];
    }
    for (unsigned i = 0; i < 4; i++) {
        to[9 + i] = (uint8_t)(answer >> 8 * i);
    }
    to[13] = 0xc3;
}

/* No system call at all. */
static void write_answer(volatile uint8_t *to, uint32_t answer)
{
    for (unsigned i = 0; i < 8; i++) {
        to[i] = 0x90;
    }
    to[8] = 0xb8;
    for (unsigned i = 0; i < 4; i++) {
        to[9 + i] = (uint8_t)(answer >> 8 * i);
    }
    to[13] = 0xc3;
}

static uint32_t call_site(uint64_t site)
{
    uint64_t answer;
    __asm__ volatile("call *%1"
                     : "=a"(answer)
                     : "r"(site), "d"(YIELD)
                     : "rbx", "rcx", "r11", "rdi", "rsi", "memory");
    return (uint32_t)answer;
}

static void is_wrong(void)
{
    ((void (*)(void))GUEST_WRONG)();
}

static void write_for_ever(volatile uint64_t *page)
{
    for (uint64_t i = 0;; i++) {
        page[i % 512] = i;
    }
}

void attack_held_frame(struct attempt attempt)
{
    (void)attempt;
    write_for_ever((uint64_t *)GUEST_HELD);
}

void attack_held_frame_never_waiting(struct attempt attempt)
{
    if (attempt.thread == 1) {
        *(volatile uint32_t *)STUB_BELL = 1;
    }
    write_for_ever((uint64_t *)GUEST_HELD);
}

/* Copies that run into what is not there, forwards and backwards. */
void attack_long_copies(struct attempt attempt)
{
    static const uint64_t targets[] = {
        GUEST_SCRATCH,           STUB_BASE,      STUB_LOW_BASE,  STUB_SLOTS + SLOT_SAVE,
        STUB_SLOTS + SLOT_STACK, 0x7ffffffff000, 0x7fffffffffff, GUEST_TEXT,
    };
    uint64_t to = targets[attempt.number % 8];
    uint64_t from = GUEST_TEXT;
    uint64_t count = attempt.number % 3 ? 0x10000000 : -1ul;
    if (attempt.number & 8) {
        __asm__ volatile("std\n\trep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
    } else {
        __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
    }
}

/* A call site in a page that it writes all the time. */
void attack_self_modifying(struct attempt attempt)
{
    for (uint32_t i = (uint32_t)attempt.number << 8;; i++) {
        uint64_t site = GUEST_SCRATCH + i * 61 % (2 * PAGE_BYTES - SITE_BYTES);
        if (i % 3 == 0) {
            write_answer((uint8_t *)site, i);
        } else {
            write_site((uint8_t *)site, i);
        }
        if (call_site(site) != i) {
            is_wrong();
        }
    }
}

/* The page at SITE is read-only here, and its call site becomes a jump; then it can be written
 * elsewhere, and what is written there has to be what runs here. */
void attack_rewritten_alias(struct attempt attempt)
{
    uint32_t before = call_site(GUEST_SITE);
    for (uint32_t i = 0; i < 20; i++) {
        if (call_site(GUEST_SITE) != before) {
            is_wrong();
        }
    }
    uint32_t answer = (uint32_t)attempt.number + 1;
    if (answer % 2) {
        write_answer((uint8_t *)GUEST_ALIAS, answer); /* faults while there is no alias */
    } else {
        write_site((uint8_t *)GUEST_ALIAS, answer);
    }
    if (call_site(GUEST_SITE) != answer) {
        is_wrong();
    }
}
