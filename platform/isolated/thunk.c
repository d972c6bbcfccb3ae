/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "platform/isolated/thunk.h"

#include <string.h>
#include <sys/mman.h>

#include "platform/isolated/cell.h"
#include "platform/isolated/isolated.h"
#include "platform/isolated/mapper.h"

#define THUNK_BYTES 16
#define THUNKS_MAX  (STUB_LOW_BYTES / THUNK_BYTES - 1) /* the first one's place holds addresses */

#define SITE_OFFSET  1
#define ENTRY_OFFSET 8

/* mov $site,%ecx; jmp *entry */
static void write_thunk(uint8_t *thunk, enum thunk_entry entry, uint32_t site)
{
    uint32_t at = STUB_LOW_BASE + (uint32_t)entry * 8;
    memcpy(thunk, (const uint8_t[]){0xb9, 0, 0, 0, 0, 0xff, 0x24, 0x25}, 8);
    memcpy(thunk + SITE_OFFSET, &site, sizeof(site));
    memcpy(thunk + ENTRY_OFFSET, &at, sizeof(at));
}

static uint64_t address_of(const struct thunks *thunks, const uint8_t *thunk)
{
    return STUB_LOW_BASE + (uint64_t)(thunk - thunks->bytes);
}

/* Give all cells what has changed. */
static void spread(struct platform *platform, uint64_t offset)
{
    for (size_t i = 0; i < platform->cells.capacity; i++) {
        struct cell *cell = platform->cells.entries[i].value;
        if (cell != NULL && cell->control != NULL) {
            memcpy(cell->control + STUB_LOW_CONTROL + offset, platform->thunks.bytes + offset,
                   THUNK_BYTES);
        }
    }
}

uint64_t thunk_find(const struct platform *platform, uint64_t site)
{
    const uint8_t *thunk = table_find(&platform->thunks.sites, site);
    return thunk != NULL ? address_of(&platform->thunks, thunk) : 0;
}

bool thunk_at(const struct platform *platform, uint64_t address, uint64_t *site,
              enum thunk_entry *entry)
{
    uint64_t offset = address - STUB_LOW_BASE;
    if (offset % THUNK_BYTES != 0 || offset == 0 || offset / THUNK_BYTES > platform->thunks.count) {
        return false;
    }
    const uint8_t *thunk = platform->thunks.bytes + offset;
    uint32_t rip, at;
    memcpy(&rip, thunk + SITE_OFFSET, sizeof(rip));
    memcpy(&at, thunk + ENTRY_OFFSET, sizeof(at));
    *site = rip;
    *entry = (enum thunk_entry)((at - STUB_LOW_BASE) / 8);
    return true;
}

static uint64_t make(struct platform *platform, enum thunk_entry entry, uint64_t site)
{
    struct thunks *thunks = &platform->thunks;
    uint64_t offset = (thunks->count + 1) * THUNK_BYTES;
    uint8_t *thunk = thunks->bytes + offset;
    if (thunks->count == THUNKS_MAX || table_insert(&thunks->sites, site, thunk) != 0) {
        return 0;
    }
    thunks->count++;
    write_thunk(thunk, entry, (uint32_t)site);
    spread(platform, offset);
    return address_of(thunks, thunk);
}

uint64_t thunk_for(struct platform *platform, enum thunk_entry entry, uint64_t site)
{
    uint64_t address = thunk_find(platform, site);
    if (address == 0) {
        return make(platform, entry, site);
    }
    uint64_t same;
    enum thunk_entry old;
    return thunk_at(platform, address, &same, &old) && old == entry ? address : 0;
}

int thunk_map(struct cell *cell)
{
    struct thunks *thunks = &cell->platform->thunks;
    const uint64_t entries[THUNK_ENTRIES] = {STUB_BASE, STUB_BASE + 16};
    memcpy(thunks->bytes, entries, sizeof(entries));
    memcpy(cell->control + STUB_LOW_CONTROL, thunks->bytes, (thunks->count + 1) * THUNK_BYTES);
    return mapper_map(cell, STUB_LOW_BASE, STUB_LOW_BYTES, PROT_READ | PROT_EXEC,
                      MAP_SHARED | MAP_FIXED, CELL_FD_CONTROL, STUB_LOW_CONTROL);
}

void thunk_free(struct platform *platform)
{
    table_free(&platform->thunks.sites);
}
