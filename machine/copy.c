/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Loaders map a frame into a window, copy a page to it, and unmap it again; the next frame goes to the
 * same window. For the host, to map a page in a process and to drop it again once it was written is
 * many times the work of the copy. So the string instructions that are the first to touch such a page are
 * carried out here, in RAM: a copy, perhaps another one, and zeros for the rest. Whatever else touches
 * the page gets it mapped, like any other.
 */
#include "machine/parts.h"

#include "machine/alu.h"
#include "machine/guest.h"

#include <string.h>

#define COPIES_MAX 3 /* of one page: who goes on like that needs the page itself */

/* rep movs and rep stos as compilers and libraries have them. */
static const struct string_instruction {
    uint8_t code[3];
    uint8_t length;
    uint8_t element; /* bytes */
    bool copies;     /* from rsi; else rax is stored */
} string_instructions[] = {
    {{0xf3, 0xa4}, 2, 1, true},  {{0xf3, 0xa5}, 2, 4, true},  {{0xf3, 0x48, 0xa5}, 3, 8, true},
    {{0xf3, 0xaa}, 2, 1, false}, {{0xf3, 0xab}, 2, 4, false}, {{0xf3, 0x48, 0xab}, 3, 8, false},
};

static const struct string_instruction *fetch(struct machine *machine,
                                              const struct kernel_next *next)
{
    uint8_t code[3];
    if (!guest_read(machine->kernel, &machine->memory, next->vspace, next->registers->r[X86_RIP],
                    code, sizeof(code))) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof(string_instructions) / sizeof(string_instructions[0]); i++) {
        if (memcmp(code, string_instructions[i].code, string_instructions[i].length) == 0) {
            return &string_instructions[i];
        }
    }
    return NULL;
}

/* Whether it lies in this page alone, and nobody watches it element by element. */
static bool is_plain(const struct kernel_next *next, const struct string_instruction *instruction,
                     const struct kernel_mapping *page)
{
    const uint64_t *r = next->registers->r;
    uint64_t offset = r[X86_RDI] - page->vaddr;
    uint64_t count = r[X86_RCX];
    return offset < PAGE_BYTES && count != 0 &&
           count <= (PAGE_BYTES - offset) / instruction->element && !next->single_step &&
           next->breakpoints == NULL && (r[X86_RFLAGS] & (X86_FLAG_TRAP | FLAG_DIRECTION)) == 0;
}

static struct fresh_page *fresh_page(struct machine *machine, paddr vspace, uint64_t vaddr)
{
    return &machine->fresh[(vspace ^ vaddr) / PAGE_BYTES % FRESH_PAGES];
}

void copy_expect(struct machine *machine, paddr vspace, uint64_t vaddr)
{
    *fresh_page(machine, vspace, vaddr) = (struct fresh_page){vspace, vaddr, COPIES_MAX};
}

/* A page that another one has displaced is like one that was never fresh, so the copies are no more than
 * three for each time that the kernel maps a page. */
static bool is_expected(struct machine *machine, paddr vspace, uint64_t vaddr)
{
    struct fresh_page *page = fresh_page(machine, vspace, vaddr);
    return page->vspace == vspace && page->vaddr == vaddr && page->copies_left > 0;
}

/* The source, as it was before the first element was written. False where that would not do: parts of it
 * are not mapped, are a device, or are what is written. */
static bool read_source(struct machine *machine, paddr vspace, uint64_t source, uint64_t bytes,
                        paddr target, uint8_t *copy)
{
    uint64_t ends[] = {source, source + bytes - 1};
    for (size_t i = 0; i < 2; i++) {
        struct kernel_mapping from;
        if (!kernel_translate(machine->kernel, vspace, ends[i], &from) ||
            !machine_is_memory(machine, from.frame + (ends[i] - from.vaddr), 1) ||
            (from.frame <= target && target < from.frame + from.bytes)) {
            return false;
        }
    }
    return guest_read(machine->kernel, &machine->memory, vspace, source, copy, bytes);
}

static void repeat(uint8_t *bytes, uint64_t count, uint64_t value, size_t element)
{
    for (uint64_t at = 0; at < count; at += element) {
        memcpy(bytes + at, &value, element);
    }
}

bool copy_carry_out(struct machine *machine, const struct kernel_next *next,
                    const struct kernel_mapping *page)
{
    if (page->bytes != PAGE_BYTES || machine->gdb != NULL ||
        !is_expected(machine, next->vspace, page->vaddr)) {
        return false;
    }
    const struct string_instruction *instruction = fetch(machine, next);
    if (instruction == NULL || !is_plain(next, instruction, page)) {
        return false;
    }
    uint64_t *r = next->registers->r;
    uint64_t bytes = r[X86_RCX] * instruction->element;
    uint8_t copy[PAGE_BYTES];
    if (!instruction->copies) {
        repeat(copy, bytes, r[X86_RAX], instruction->element);
    } else if (!read_source(machine, next->vspace, r[X86_RSI], bytes, page->frame, copy)) {
        return false;
    }
    fresh_page(machine, next->vspace, page->vaddr)->copies_left--;
    /* Nor is the page offered any longer. */
    platform_unmap(machine->platform, next->vspace, page->vaddr, PAGE_BYTES);
    platform_writes(machine->platform, page->frame);
    memcpy(machine->memory.ram + page->frame + (r[X86_RDI] - page->vaddr), copy, bytes);
    r[X86_RDI] += bytes;
    r[X86_RSI] += instruction->copies ? bytes : 0;
    r[X86_RCX] = 0;
    r[X86_RIP] += instruction->length;
    r[X86_RFLAGS] &= ~(uint64_t)X86_FLAG_RESUME;
    return true;
}
