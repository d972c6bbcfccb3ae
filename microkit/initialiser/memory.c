/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * From untypeds to objects.
 *
 * The kernel zeroes an untyped as a whole at its first retype, so the cheapest choice is the smallest
 * one that holds all that is still to come. Runs come largest objects first: what an untyped has
 * given away so far is then always a multiple of the size that is wanted next.
 *
 * An untyped gives from its start onwards. To reach a physical address in its middle, what lies
 * before it is retyped into smaller untypeds, and those that are RAM serve as memory like the others.
 */
#include "microkit/initialiser/initialiser.h"

#include <stdbool.h>
#include <stddef.h>

/* CONFIG_RETYPE_FAN_OUT_LIMIT of every configuration that we know. */
#define RETYPE_MAX 256

#define UNTYPEDS_MAX 512

struct untyped {
    seL4_CPtr slot;
    uint64_t paddr;
    uint64_t used; /* bytes from the start that have been given away */
    uint8_t size_bits;
    bool is_device;
};

struct memory {
    struct untyped untypeds[UNTYPEDS_MAX];
    size_t count;
    uint64_t wanted; /* bytes of all objects that are still to be created */
};

/* Not on the stack, which is small. */
static struct memory memory;

static uint64_t untyped_size(const struct untyped *untyped)
{
    return UINT64_C(1) << untyped->size_bits;
}

static uint64_t untyped_room(const struct untyped *untyped)
{
    return untyped_size(untyped) - untyped->used;
}

static uint64_t run_bytes(const struct spec_objects *run)
{
    return run->size_bits == 0 ? 0 : (uint64_t)run->count << run->size_bits;
}

/* More than UNTYPEDS_MAX: the rest is not used. */
static void memory_add(struct untyped untyped)
{
    if (memory.count < UNTYPEDS_MAX) {
        memory.untypeds[memory.count++] = untyped;
    }
}

static void memory_begin(const struct initialiser *init)
{
    const seL4_BootInfo *bootinfo = init->bootinfo;
    for (seL4_CPtr slot = bootinfo->untyped.start; slot < bootinfo->untyped.end; slot++) {
        const seL4_UntypedDesc *found = &bootinfo->untypedList[slot - bootinfo->untyped.start];
        memory_add((struct untyped){.slot = slot,
                                    .paddr = found->paddr,
                                    .size_bits = found->sizeBits,
                                    .is_device = found->isDevice});
    }
    const struct spec_objects *runs = spec_records(init->spec, init->spec->objects);
    for (uint32_t i = 0; i < init->spec->objects.count; i++) {
        memory.wanted += run_bytes(&runs[i]);
    }
}

/* The kernel's object type, and the size argument of seL4_Untyped_Retype where it needs one. */
struct blueprint {
    seL4_Word type;
    seL4_Word size_bits;
};

static struct blueprint blueprint_of(const struct spec_objects *run)
{
    static const seL4_Word types[SPEC_TYPES] = {
        [SPEC_ENDPOINT] = seL4_EndpointObject,
        [SPEC_NOTIFICATION] = seL4_NotificationObject,
        [SPEC_REPLY] = seL4_ReplyObject,
        [SPEC_TCB] = seL4_TCBObject,
        [SPEC_SCHED_CONTEXT] = seL4_SchedContextObject,
        [SPEC_CNODE] = seL4_CapTableObject,
        [SPEC_FRAME_4K] = seL4_X86_4K,
        [SPEC_FRAME_2M] = seL4_X86_LargePageObject,
        [SPEC_PAGE_TABLE] = seL4_X86_PageTableObject,
        [SPEC_PAGE_DIRECTORY] = seL4_X86_PageDirectoryObject,
        [SPEC_PDPT] = seL4_X86_PDPTObject,
        [SPEC_PML4] = seL4_X64_PML4Object,
    };
    struct blueprint blueprint = {.type = types[run->type]};
    if (run->type == SPEC_CNODE) {
        blueprint.size_bits = run->size_bits - seL4_SlotBits;
    } else if (run->type == SPEC_SCHED_CONTEXT) {
        blueprint.size_bits = run->size_bits;
    }
    return blueprint;
}

static seL4_Error retype(struct untyped *untyped, struct blueprint blueprint, uint8_t size_bits,
                         seL4_CPtr first_slot, uint32_t count)
{
    untyped->used += (uint64_t)count << size_bits;
    return seL4_Untyped_Retype(untyped->slot, blueprint.type, blueprint.size_bits,
                               seL4_CapInitThreadCNode, 0, 0, first_slot, count);
}

/* Create as many of the `count` objects from number `first` on as fit; returns how many. */
static uint32_t create_from(const struct initialiser *init, struct untyped *untyped,
                            const struct spec_objects *run, uint32_t first, uint32_t count)
{
    uint64_t fit = untyped_room(untyped) >> run->size_bits;
    if (count > fit) {
        count = (uint32_t)fit;
    }
    if (count > RETYPE_MAX) {
        count = RETYPE_MAX;
    }
    seL4_Error error =
        retype(untyped, blueprint_of(run), run->size_bits, object_slot(init, first), count);
    check(init, error, "create", first);
    memory.wanted -= (uint64_t)count << run->size_bits;
    return count;
}

/* Is `a` the better one to open? One that holds all beats one that does not; then size decides. */
static bool opens_better(const struct untyped *a, const struct untyped *b)
{
    bool a_holds_all = untyped_size(a) >= memory.wanted;
    bool b_holds_all = untyped_size(b) >= memory.wanted;
    if (a_holds_all != b_holds_all) {
        return a_holds_all;
    }
    return a_holds_all ? a->size_bits < b->size_bits : a->size_bits > b->size_bits;
}

/* RAM for an object: in an untyped that has been opened before, else in the best other one. */
static struct untyped *find_room(uint8_t size_bits)
{
    struct untyped *best = NULL;
    for (size_t i = 0; i < memory.count; i++) {
        struct untyped *untyped = &memory.untypeds[i];
        if (untyped->is_device || untyped_room(untyped) < UINT64_C(1) << size_bits) {
            continue;
        }
        if (untyped->used > 0) {
            return untyped;
        }
        if (best == NULL || opens_better(untyped, best)) {
            best = untyped;
        }
    }
    return best;
}

static _Noreturn void stop_out_of_memory(const struct initialiser *init,
                                         const struct spec_objects *run, uint32_t object)
{
    uint64_t left = 0;
    for (size_t i = 0; i < memory.count; i++) {
        if (!memory.untypeds[i].is_device) {
            left += untyped_room(&memory.untypeds[i]);
        }
    }
    console_puts("INITIALISER|ERROR: out of memory at ");
    report_object(init, object);
    console_puts(", which needs ");
    console_put_hex(UINT64_C(1) << run->size_bits);
    console_puts(" bytes: ");
    console_put_hex(memory.wanted);
    console_puts(" bytes are still to be created, and ");
    console_put_hex(left);
    console_puts(" are left. Make the machine's memory larger or the system smaller.");
    stop();
}

static void create_anywhere(const struct initialiser *init, const struct spec_objects *run,
                            uint32_t count)
{
    uint32_t created = 0;
    while (created < count) {
        uint32_t next = run->first + created;
        struct untyped *untyped = find_room(run->size_bits);
        if (untyped == NULL) {
            stop_out_of_memory(init, run, next);
        }
        created += create_from(init, untyped, run, next, count - created);
    }
}

static uint8_t log2_below(uint64_t size)
{
    return (uint8_t)(63 - __builtin_clzll(size));
}

/* Give away the bytes up to `offset` as untypeds. */
static void skip_to(struct initialiser *init, struct untyped *untyped, uint64_t offset,
                    uint32_t object)
{
    while (untyped->used < offset) {
        uint8_t size_bits = log2_below(offset - untyped->used);
        if (untyped->used != 0 && __builtin_ctzll(untyped->used) < size_bits) {
            size_bits = (uint8_t)__builtin_ctzll(untyped->used);
        }
        struct untyped piece = {.slot = next_slot(init),
                                .paddr = untyped->paddr + untyped->used,
                                .size_bits = size_bits,
                                .is_device = untyped->is_device};
        struct blueprint blueprint = {.type = seL4_UntypedObject, .size_bits = size_bits};
        seL4_Error error = retype(untyped, blueprint, size_bits, piece.slot, 1);
        check(init, error, "make way for", object);
        if (!piece.is_device) {
            memory_add(piece);
        }
    }
}

static struct untyped *find_address(uint64_t paddr, uint64_t size)
{
    for (size_t i = 0; i < memory.count; i++) {
        struct untyped *untyped = &memory.untypeds[i];
        if (paddr >= untyped->paddr + untyped->used &&
            paddr - untyped->paddr + size <= untyped_size(untyped)) {
            return untyped;
        }
    }
    return NULL;
}

static void create_at_address(struct initialiser *init, const struct spec_objects *run)
{
    uint32_t created = 0;
    while (created < run->count) {
        uint32_t next = run->first + created;
        uint64_t paddr = run->paddr + ((uint64_t)created << run->size_bits);
        struct untyped *untyped = find_address(paddr, UINT64_C(1) << run->size_bits);
        if (untyped == NULL) {
            console_puts("INITIALISER|ERROR: cannot create ");
            report_object(init, next);
            console_puts(" at physical address ");
            console_put_hex(paddr);
            console_puts(": the kernel does not give that address away. Choose another phys_addr.");
            stop();
        }
        skip_to(init, untyped, paddr - untyped->paddr, next);
        created += create_from(init, untyped, run, next, run->count - created);
    }
}

/* How many objects from this run on can be made by one retype: those of later runs follow them. */
static uint32_t count_alike(const struct spec_objects *run, const struct spec_objects *end)
{
    uint32_t count = 0;
    for (const struct spec_objects *next = run;
         next < end && next->type == run->type && next->size_bits == run->size_bits &&
         next->paddr == SPEC_ANYWHERE;
         next++) {
        count += next->count;
    }
    return count;
}

void create_objects(struct initialiser *init)
{
    memory_begin(init);
    const struct spec_objects *run = spec_records(init->spec, init->spec->objects);
    const struct spec_objects *end = run + init->spec->objects.count;
    for (; run < end && run->paddr != SPEC_ANYWHERE; run++) {
        create_at_address(init, run);
    }
    while (run < end && run->size_bits != 0) {
        uint32_t count = count_alike(run, end);
        create_anywhere(init, run, count);
        for (uint32_t passed = 0; passed < count; run++) {
            passed += run->count;
        }
    }
}
