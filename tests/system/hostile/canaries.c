/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "tests/system/hostile/canaries.h"

#define ROOT_CNODE seL4_CapInitThreadCNode

#define HIDDEN_FRAMES  8 /* mapped nowhere between two checks */
#define CNODE_BITS     5
#define PENDING        0x5a5a5a5a5a5a
#define ROOM_BITS      16 /* of the untyped with free room */
#define ROOM_PAGES     (1u << (ROOM_BITS - seL4_PageBits))
#define REGISTER_COUNT (sizeof(seL4_UserContext) / sizeof(seL4_Word))

/* A CNode full of caps to one notification, each with a bit of its own as the badge. */
struct full_cnode {
    seL4_CPtr cnode, notification;
};

static struct {
    struct pool pool;
    volatile seL4_Word *shown[CANARY_FRAMES];
    seL4_CPtr hidden[HIDDEN_FRAMES];
    struct full_cnode full;
    seL4_CPtr tcb, pending, room;
    seL4_CPtr scratch; /* an empty slot */
    seL4_CPtr pages[ROOM_PAGES + 1];
} canaries;

static void frame_fill(volatile seL4_Word *frame, seL4_Word n)
{
    for (seL4_Word i = 0; i < 512; i++) {
        frame[i] = canary_word(n, i);
    }
}

static seL4_Bool frame_is(const volatile seL4_Word *frame, seL4_Word n)
{
    for (seL4_Word i = 0; i < 512; i++) {
        if (frame[i] != canary_word(n, i)) {
            return 0;
        }
    }
    return 1;
}

/* For the frames that are looked at through one page. */
static volatile seL4_Word *peephole(seL4_CPtr frame)
{
    seL4_Word vaddr = 0x20000000 + 511 * PAGE_BYTES;
    space_map(seL4_CapInitThreadVSpace, vaddr, frame, seL4_ReadWrite);
    return (volatile seL4_Word *)vaddr;
}

static void peephole_close(seL4_CPtr frame)
{
    need(seL4_X86_Page_Unmap(frame), "seL4_X86_Page_Unmap");
}

void pattern_write(seL4_CPtr tcb)
{
    seL4_UserContext registers;
    seL4_Word *words = (seL4_Word *)&registers;
    for (seL4_Word i = 0; i < REGISTER_COUNT; i++) {
        words[i] = canary_word(99, i) >> 17; /* any address is canonical */
    }
    registers.rflags = 0x202;
    need(seL4_TCB_WriteRegisters(tcb, 0, 0, REGISTER_COUNT, &registers), "seL4_TCB_WriteRegisters");
}

seL4_Bool pattern_is(seL4_CPtr tcb)
{
    seL4_UserContext registers;
    seL4_Word *words = (seL4_Word *)&registers;
    if (seL4_TCB_ReadRegisters(tcb, 0, 0, REGISTER_COUNT, &registers) != seL4_NoError) {
        return 0;
    }
    for (seL4_Word i = 0; i < REGISTER_COUNT; i++) {
        if (words[i] != (i == 2 ? 0x202 : canary_word(99, i) >> 17)) {
            return 0;
        }
    }
    return 1;
}

static struct full_cnode full_cnode_make(struct pool *pool, seL4_CPtr notification)
{
    struct full_cnode full = {make(pool, seL4_CapTableObject, CNODE_BITS), notification};
    for (seL4_Word i = 0; i < 1u << CNODE_BITS; i++) {
        need(seL4_CNode_Mint(full.cnode, i, CNODE_BITS, ROOT_CNODE, notification, seL4_WordBits,
                             seL4_AllRights, 1ul << i),
             "seL4_CNode_Mint");
    }
    return full;
}

/* Signal through each cap, and see which badges come. */
static seL4_Bool full_cnode_works(struct full_cnode full)
{
    seL4_Word all = 0;
    seL4_Uint32 kind = seL4_DebugCapIdentify(full.notification);
    for (seL4_Word i = 0; i < 1u << CNODE_BITS; i++) {
        seL4_Word badge = 0;
        if (seL4_CNode_Copy(ROOT_CNODE, canaries.scratch, seL4_WordBits, full.cnode, i, CNODE_BITS,
                            seL4_AllRights) != seL4_NoError) {
            return 0;
        }
        if (seL4_DebugCapIdentify(canaries.scratch) == kind) {
            seL4_Signal(canaries.scratch);
            seL4_Poll(full.notification, &badge);
        }
        need(seL4_CNode_Delete(ROOT_CNODE, canaries.scratch, seL4_WordBits), "seL4_CNode_Delete");
        all |= badge == 1ul << i ? badge : 0;
    }
    return all == (1ul << (1u << CNODE_BITS)) - 1;
}

static seL4_Bool pending_is_right(void)
{
    seL4_Word badge = 0;
    seL4_Poll(canaries.pending, &badge);
    seL4_Signal(canaries.pending + 1);
    return badge == PENDING;
}

/* The room takes so many pages, cleared, and not one more. */
static seL4_Bool room_is_free(void)
{
    seL4_Bool right = 1;
    for (seL4_Word i = 0; i < ROOM_PAGES; i++) {
        right = right && seL4_Untyped_Retype(canaries.room, seL4_X86_4K, 0, ROOT_CNODE, 0, 0,
                                             canaries.pages[i], 1) == seL4_NoError;
        if (!right) {
            break;
        }
        volatile seL4_Word *page = peephole(canaries.pages[i]);
        for (seL4_Word word = 0; word < 512; word++) {
            right = right && page[word] == 0;
            page[word] = i;
        }
        peephole_close(canaries.pages[i]);
    }
    right = right && seL4_Untyped_Retype(canaries.room, seL4_X86_4K, 0, ROOT_CNODE, 0, 0,
                                         canaries.pages[ROOM_PAGES], 1) == seL4_NotEnoughMemory;
    need(seL4_CNode_Revoke(ROOT_CNODE, canaries.room, seL4_WordBits), "seL4_CNode_Revoke");
    return right;
}

static seL4_Bool hidden_frames_are_right(void)
{
    seL4_Bool right = 1;
    for (seL4_Word n = 0; n < HIDDEN_FRAMES; n++) {
        right = right && frame_is(peephole(canaries.hidden[n]), 100 + n);
        peephole_close(canaries.hidden[n]);
    }
    return right;
}

void canaries_make(seL4_CPtr frames[CANARY_FRAMES])
{
    canaries.pool = pool_make(20, 256);
    struct pool *pool = &canaries.pool;
    for (seL4_Word n = 0; n < CANARY_FRAMES; n++) {
        frames[n] = make(pool, seL4_X86_4K, 0);
        canaries.shown[n] = see(copy_of(pool, frames[n]));
        frame_fill(canaries.shown[n], n);
    }
    for (seL4_Word n = 0; n < HIDDEN_FRAMES; n++) {
        canaries.hidden[n] = make(pool, seL4_X86_4K, 0);
        frame_fill(peephole(canaries.hidden[n]), 100 + n);
        peephole_close(canaries.hidden[n]);
    }
    canaries.full = full_cnode_make(pool, make(pool, seL4_NotificationObject, 0));
    canaries.tcb = make(pool, seL4_TCBObject, 0);
    pattern_write(canaries.tcb);
    canaries.pending = make(pool, seL4_NotificationObject, 0);
    badged(pool, canaries.pending, PENDING); /* the slot behind it */
    seL4_Signal(canaries.pending + 1);
    canaries.room = make(pool, seL4_UntypedObject, ROOM_BITS);
    canaries.scratch = pool->next_slot++;
    for (seL4_Word i = 0; i <= ROOM_PAGES; i++) {
        canaries.pages[i] = pool->next_slot++;
    }
}

const char *canaries_check(void)
{
    for (seL4_Word n = 0; n < CANARY_FRAMES; n++) {
        if (!frame_is(canaries.shown[n], n)) {
            return "a frame of the victims";
        }
    }
    if (!hidden_frames_are_right()) {
        return "a frame that is mapped nowhere";
    }
    if (!full_cnode_works(canaries.full)) {
        return "a CNode's caps";
    }
    if (!pattern_is(canaries.tcb)) {
        return "a thread's registers";
    }
    if (!pending_is_right()) {
        return "a notification's pending bits";
    }
    if (!room_is_free()) {
        return "the free room of an untyped";
    }
    return seL4_Null;
}

seL4_Word canaries_prey(void)
{
    seL4_X86_Page_GetAddress_t answer = seL4_X86_Page_GetAddress(canaries.hidden[0]);
    need((seL4_Error)answer.error, "seL4_X86_Page_GetAddress");
    return answer.paddr;
}

static struct {
    seL4_Word kind;
    seL4_CPtr object;
    struct full_cnode full;
} retyped;

void retyped_make(struct pool *pool, seL4_Word kind)
{
    retyped.kind = kind % 3;
    if (retyped.kind == 0) {
        retyped.object = make(pool, seL4_X86_4K, 0);
        frame_fill(peephole(retyped.object), 200);
        peephole_close(retyped.object);
    } else if (retyped.kind == 1) {
        retyped.object = make(pool, seL4_TCBObject, 0);
        pattern_write(retyped.object);
    } else {
        retyped.full = full_cnode_make(pool, canaries.full.notification);
    }
}

const char *retyped_check(void)
{
    if (retyped.kind == 0) {
        seL4_Bool right = frame_is(peephole(retyped.object), 200);
        peephole_close(retyped.object);
        return right ? seL4_Null : "a frame made of memory that it had";
    }
    if (retyped.kind == 1) {
        return pattern_is(retyped.object) ? seL4_Null : "a thread made of memory that it had";
    }
    return full_cnode_works(retyped.full) ? seL4_Null : "a CNode made of memory that it had";
}
