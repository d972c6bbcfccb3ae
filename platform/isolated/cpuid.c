/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "platform/isolated/cpuid.h"

#include <Zydis/Zydis.h>
#include <string.h>

#include "abi/x86/cpuid.h"
#include "abi/x86/exceptions.h"
#include "platform/isolated/cell.h"
#include "platform/isolated/host.h"
#include "platform/isolated/isolated.h"
#include "platform/isolated/pages.h"
#include "platform/isolated/rewrite.h"

/* A bit for each offset of a page: cpuid starts there. */
struct places {
    bool any;
    uint64_t bits[PAGE_BYTES / 64];
};

/* A page, and as much of the next one as a cpuid can reach into. */
struct text {
    size_t count;
    uint8_t bytes[PAGE_BYTES + 1];
};

static bool is_cpuid(const struct text *text, size_t offset)
{
    return offset + 1 < text->count && text->bytes[offset] == X86_CPUID_0 &&
           text->bytes[offset + 1] == X86_CPUID_1;
}

/* The length of the instruction; 1 where there is none, to go on behind it. */
static size_t length_at(const ZydisDecoder *decoder, const struct text *text, size_t offset)
{
    ZydisDecodedInstruction instruction;
    bool decoded = ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(decoder, NULL, text->bytes + offset,
                                                              text->count - offset, &instruction));
    return decoded ? instruction.length : 1;
}

/* Look at one instruction after another. */
static void sweep(const struct text *text, size_t from, struct places *places)
{
    ZydisDecoder decoder;
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    for (size_t at = from; at < PAGE_BYTES; at += length_at(&decoder, text, at)) {
        if (is_cpuid(text, at)) {
            page_set_bit(places->bits, (unsigned)at);
            places->any = true;
        }
    }
}

static struct places find(const struct text *text, size_t offset)
{
    struct places places = {.any = false};
    for (size_t at = 0; at < PAGE_BYTES; at++) {
        /* The bytes are rare, and looking at instructions takes its time. */
        if (is_cpuid(text, at)) {
            sweep(text, 0, &places);
            sweep(text, offset, &places);
            break;
        }
    }
    return places;
}

static bool read_text(const struct cell *cell, uint64_t address, paddr frame, struct text *text)
{
    int ram = cell->platform->options.ram_fd;
    paddr next;
    if (host.pread(ram, text->bytes, PAGE_BYTES, (off_t)frame) != (ssize_t)PAGE_BYTES) {
        return false;
    }
    bool more = page_frame(cell, address + PAGE_BYTES, &next) &&
                host.pread(ram, text->bytes + PAGE_BYTES, 1, (off_t)next) == 1;
    text->count = PAGE_BYTES + more;
    return true;
}

static void hide(struct page *page, const struct places *places)
{
    for (unsigned offset = 0; offset < PAGE_BYTES; offset++) {
        if (page_bit(places->bits, offset)) {
            page_bytes(page)[offset] = X86_CPUID_TRAP_0;
        }
    }
}

void cpuid_hide(struct page *page, unsigned offset)
{
    struct text text;
    if (page->cell->platform->options.trap_cpuid &&
        read_text(page->cell, page->address, page->frame, &text)) {
        struct places places = find(&text, offset);
        hide(page, &places);
    }
}

/* The page can be executed from now on, and a cpuid in it traps if that can be had. */
static void look_at(struct cell *cell, uint64_t address, paddr frame, unsigned offset)
{
    struct text text;
    struct places places = {.any = false};
    if (!page_is_mixed(cell->platform, frame) && read_text(cell, address, frame, &text)) {
        places = find(&text, offset);
    }
    struct page *page = NULL;
    if (places.any) {
        rewrite_restore(cell, address, frame);
        page = page_copy(cell, address, frame);
    }
    if (page != NULL) {
        hide(page, &places);
    } else if (!cell->lost) {
        page_open(cell, address, frame);
    }
}

bool cpuid_fetched(struct cell *cell, const struct platform_thread *thread)
{
    const struct platform_fault *fault = &thread->fault;
    uint64_t address = page_of(fault->address);
    uint64_t rip = thread->registers->r[X86_RIP];
    paddr frame;
    if (!cell->platform->options.trap_cpuid || fault->vector != X86_PAGE_FAULT ||
        (fault->error & X86_FAULT_WRITE) || !page_frame(cell, address, &frame) ||
        page_find(cell, address) != NULL) {
        return false;
    }
    /* An instruction may begin in the page before. */
    look_at(cell, address, frame, page_of(rip) == address ? (unsigned)(rip - address) : 0);
    return true;
}
