/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Random system calls: whatever a guest does, the kernel stops at no assertion and keeps its
 * derivation tree sound. RANDOM_SEED, RANDOM_MACHINES and RANDOM_STEPS in the environment choose
 * other runs; the last line that a failed one prints says how to have it again.
 */
#include "tests/kernel/fixture_vspace.h"

#include <stdlib.h>

#define STEPS         4000
#define MACHINES      600
#define IMAGE_ADDRESS 0x400000ul
#define SLOTS_USED    64 /* slots that random calls name, from the first empty one on */

struct chance {
    uint64_t state;
};

/* xorshift64*; Vigna, 2016. */
static uint64_t draw(struct chance *chance)
{
    uint64_t x = chance->state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    chance->state = x;
    return x * 0x2545f4914f6cdd1d;
}

static uint64_t below(struct chance *chance, uint64_t bound)
{
    return draw(chance) % bound;
}

static cptr any_slot(struct chance *chance, const struct fixture *f)
{
    return below(chance, 24) == 0 ? below(chance, seL4_NumInitialCaps)
                                  : f->free_slot - 28 + below(chance, SLOTS_USED);
}

/* Words that mean something to some call, and some that mean nothing. */
static uint64_t any_word(struct chance *chance, const struct fixture *f)
{
    static const uint64_t words[] = {0,
                                     1,
                                     2,
                                     3,
                                     4,
                                     7,
                                     12,
                                     16,
                                     64,
                                     63,
                                     65,
                                     255,
                                     1000,
                                     10000,
                                     0x1000,
                                     0x400000,
                                     0x200000,
                                     0x10000000,
                                     0x7fffffff,
                                     1 << 7,
                                     UINT64_MAX,
                                     1ul << 47,
                                     X86_USER_TOP,
                                     0x7ff000000000};
    switch (below(chance, 8)) {
    case 0:
    case 1:
        return any_slot(chance, f);
    case 2:
        return draw(chance) >> below(chance, 64);
    case 3:
    case 4:
        return 64; /* the depth of a slot, in most calls */
    default:
        return words[below(chance, sizeof(words) / sizeof(words[0]))];
    }
}

/* Something of every type, so that calls find caps to be wrong about. */
static void populate(struct fixture *f)
{
    static const enum object_type types[] = {seL4_TCBObject,
                                             seL4_EndpointObject,
                                             seL4_NotificationObject,
                                             seL4_X86_4K,
                                             seL4_X64_PML4Object,
                                             seL4_X86_PDPTObject,
                                             seL4_X86_PageDirectoryObject,
                                             seL4_X86_PageTableObject,
                                             seL4_X86_IOPageTableObject};
    for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        fixture_make(f, types[i], 0);
    }
    fixture_make(f, seL4_CapTableObject, 3);
    fixture_make(f, seL4_UntypedObject, 12);
    fixture_make(f, seL4_UntypedObject, 16);
    static const struct {
        enum object_type type;
        uint64_t size_bits;
    } others[] = {RANDOM_OBJECTS_UNDER_TEST};
    for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        fixture_make(f, others[i].type, others[i].size_bits);
    }
    fixture_thread(f, 100, FIXTURE_ACTIVE);
    vspace_map_tables(f, seL4_CapInitThreadVSpace, AREA, LEVEL_PT);
}

/* The invocations of each type of object: from one to another in upstream's order. */
static const struct {
    enum cap_type type;
    enum invocation first;
    enum invocation last;
} invocations[] = {
    {CAP_UNTYPED, UntypedRetype, UntypedRetype},
    {CAP_UNTYPED, UntypedRetype, UntypedRetype},
    {CAP_TCB, TCBReadRegisters, TCBSetFlags},
    {CAP_CNODE, CNodeRevoke, CNodeSaveCaller},
    {CAP_IRQ_CONTROL, X86IRQIssueIRQHandlerIOAPIC, X86IRQIssueIRQHandlerMSI},
    {CAP_IRQ_HANDLER, IRQAckIRQ, IRQClearIRQHandler},
    {CAP_DOMAIN, DomainSetSet, DomainScheduleSetStart},
    {CAP_SCHED_CONTROL, SchedControlConfigureFlags, SchedControlConfigureFlags},
    {CAP_SCHED_CONTEXT, SchedContextBind, SchedContextYieldTo},
    {CAP_PDPT, X86PDPTMap, X86PDPTUnmap},
    {CAP_PAGE_DIRECTORY, X86PageDirectoryMap, X86PageDirectoryUnmap},
    {CAP_PAGE_TABLE, X86PageTableMap, X86PageTableUnmap},
    {CAP_IO_PAGE_TABLE, X86IOPageTableMap, X86IOPageTableUnmap},
    {CAP_FRAME, X86PageMap, X86PageGetAddress},
    {CAP_ASID_CONTROL, X86ASIDControlMakePool, X86ASIDControlMakePool},
    {CAP_ASID_POOL, X86ASIDPoolAssign, X86ASIDPoolAssign},
    {CAP_IO_PORT_CONTROL, X86IOPortControlIssue, X86IOPortControlIssue},
    {CAP_IO_PORT, X86IOPortIn8, X86IOPortOut32},
};

/* Mostly one that the invoked object has. */
static uint64_t any_label(struct chance *chance, const struct fixture *f, enum cap_type type)
{
    enum invocation wanted = INVOCATION_COUNT;
    for (unsigned i = 0; i < sizeof(invocations) / sizeof(invocations[0]); i++) {
        if (invocations[i].type == type && below(chance, 8)) {
            unsigned count = invocations[i].last - invocations[i].first + 1u;
            wanted = (enum invocation)(invocations[i].first + below(chance, count));
        }
    }
    for (unsigned i = 0; i < f->k->label_count; i++) {
        if (f->k->invocation_of_label[i] == wanted) {
            return i;
        }
    }
    return below(chance, f->k->label_count + 1);
}

/* What the running thread has in a slot of its own CNode; a null type if that is no place. */
static enum cap_type type_of(struct fixture *f, cptr slot)
{
    struct cap root = fixture_current(f)->slots[TCB_CSPACE].cap;
    if (!cap_is(root, CAP_CNODE) || slot >> root.cnode.radix) {
        return CAP_NULL;
    }
    return cap_type(slot_at(f->k, cap_object(root))[slot].cap);
}

/* A message in the making. */
struct message {
    enum invocation label; /* INVOCATION_COUNT when the number means none */
    uint64_t words[MESSAGE_LENGTH_MAX];
    cptr caps[MESSAGE_EXTRA_CAPS_MAX];
};

#define ROOT   seL4_CapInitThreadCNode
#define VSPACE seL4_CapInitThreadVSpace

static void put(struct message *message, const uint64_t *words, unsigned count, cptr cap)
{
    for (unsigned i = 0; i < count; i++) {
        message->words[i] = words[i];
    }
    message->caps[0] = cap;
}
#define PUT(message, cap, ...)                                                                     \
    put((message), (uint64_t[]){__VA_ARGS__}, COUNT_OF(uint64_t, __VA_ARGS__), (cap))

/* Arguments that the call may well accept; what is not said here stays random. */
static void make_plausible(struct chance *chance, struct fixture *f, struct message *message)
{
    cptr a = any_slot(chance, f);
    cptr b = any_slot(chance, f);
    uint64_t pages = below(chance, 4) << (12 + 9 * below(chance, 3));
    switch (message->label) {
    case UntypedRetype:
        PUT(message, ROOT, below(chance, f->k->type_count), 4 + below(chance, 9), 0, 0, a,
            1 + below(chance, 3));
        break;
    case CNodeRevoke:
    case CNodeDelete:
    case CNodeCancelBadgedSends:
    case CNodeSaveCaller:
        PUT(message, ROOT, a, 64);
        break;
    case CNodeCopy:
    case CNodeMint:
        PUT(message, ROOT, a, 64, b, 64, 0xf);
        break;
    case CNodeMove:
    case CNodeMutate:
        PUT(message, ROOT, a, 64, b, 64);
        break;
    case CNodeRotate:
        PUT(message, ROOT, a, 64, 0, b, 64, 0, any_slot(chance, f), 64);
        message->caps[1] = ROOT;
        break;
    case X86PageMap:
        PUT(message, VSPACE, AREA + pages, below(chance, 4), 0);
        break;
    case X86PDPTMap:
    case X86PageDirectoryMap:
    case X86PageTableMap:
        PUT(message, VSPACE, AREA + pages, 0);
        break;
    case X86ASIDControlMakePool:
        PUT(message, a, b, 64);
        message->caps[1] = ROOT;
        break;
    case X86IOPortControlIssue:
        PUT(message, ROOT, 0x3f8, 0x3ff, a, 64);
        break;
    case X86IRQIssueIRQHandlerIOAPIC:
    case X86IRQIssueIRQHandlerMSI:
        PUT(message, ROOT, a, 64, 0, below(chance, 24), 0, 0, below(chance, 8));
        break;
    case SchedControlConfigureFlags:
        PUT(message, a, 1000 + below(chance, 9000), 10000, below(chance, 3), b, below(chance, 2));
        break;
    case TCBConfigure:
        PUT(message, ROOT, CONFIGURE_WORDS_UNDER_TEST(AREA));
        message->caps[1] = VSPACE;
        break;
    case TCBSetSpace: {
        const cptr caps[] = {SET_SPACE_CAPS_UNDER_TEST(a, ROOT, VSPACE)};
        PUT(message, caps[0], 0, 0, 0);
        message->caps[1] = caps[1];
        message->caps[2] = caps[2];
        break;
    }
    case TCBSetPriority:
    case TCBSetMCPriority:
        PUT(message, seL4_CapInitThreadTCB, below(chance, 256));
        break;
    case TCBSetSchedParams:
        PUT(message, seL4_CapInitThreadTCB, 200 + below(chance, 56), below(chance, 256));
        break;
    case TCBWriteRegisters:
        PUT(message, 0, below(chance, 2), 3, IMAGE_ADDRESS, AREA, 0x202);
        break;
    default:
        break;
    }
}

static void send(struct fixture *f, cptr invoked, uint64_t label, const struct message *message)
{
    static const enum x86_register first[] = {SYSCALL_MR0, SYSCALL_MR1, SYSCALL_MR2, SYSCALL_MR3};
    struct tcb *tcb = fixture_current(f);
    struct abi_ipc_buffer *buffer = fixture_buffer(f, tcb);
    tcb->registers.r[SYSCALL_CAP] = invoked;
    tcb->registers.r[SYSCALL_INFO] = label;
    for (unsigned i = 0; i < MESSAGE_REGISTERS; i++) {
        tcb->registers.r[first[i]] = message->words[i];
    }
    for (unsigned i = 0; buffer && i < MESSAGE_LENGTH_MAX; i++) {
        buffer->msg[i] = message->words[i];
    }
    for (unsigned i = 0; buffer && i < MESSAGE_EXTRA_CAPS_MAX; i++) {
        buffer->caps_or_badges[i] = message->caps[i];
    }
}

/* Those through which most happens more often than others. */
static cptr any_invoked(struct chance *chance, const struct fixture *f)
{
    switch (below(chance, 16)) {
    case 0:
    case 1:
    case 2:
        return ROOT;
    case 3:
        return f->untyped;
    case 4:
        return f->sched_control;
    default:
        return any_slot(chance, f);
    }
}

static void write_message(struct chance *chance, struct fixture *f)
{
    cptr invoked = any_invoked(chance, f);
    uint64_t label = any_label(chance, f, type_of(f, invoked));
    struct message message = {.label = label < f->k->label_count
                                           ? (enum invocation)f->k->invocation_of_label[label]
                                           : INVOCATION_COUNT};
    for (unsigned i = 0; i < MESSAGE_LENGTH_MAX; i++) {
        message.words[i] = any_word(chance, f);
    }
    for (unsigned i = 0; i < MESSAGE_EXTRA_CAPS_MAX; i++) {
        message.caps[i] = any_slot(chance, f);
    }
    uint64_t length = 24;
    uint64_t caps = 3;
    if (below(chance, 4)) {
        make_plausible(chance, f, &message);
    } else {
        length = below(chance, 24);
        caps = below(chance, 4);
    }
    send(f, invoked, label << MESSAGE_LABEL_SHIFT | caps << MESSAGE_EXTRA_CAPS_SHIFT | length,
         &message);
}

/* A Call would most likely rest for ever, so few of them are made. */
static bool blocks(struct chance *chance, struct fixture *f)
{
    enum cap_type type = type_of(f, *fixture_register(f, SYSCALL_CAP));
    return (type == CAP_ENDPOINT || type == CAP_REPLY) && below(chance, 32);
}

static void step(struct chance *chance, struct fixture *f)
{
    write_message(chance, f);
    f->now_ticks += below(chance, 50) * TICKS_PER_US;
    f->preempt_always = below(chance, 8) == 0;
    switch (below(chance, 200)) {
    case 0:
        *fixture_register(f, SYSCALL_REPLY) = any_slot(chance, f);
        *fixture_register(f, SYSCALL_DESTINATION) = any_slot(chance, f);
        fixture_syscall(f, -(int64_t)below(chance, 20));
        break;
    case 1:
        fixture_exception(f, (uint8_t)below(chance, 32), below(chance, 32), draw(chance));
        break;
    case 2:
        f->pending_irq = (int)below(chance, 200);
        fixture_interrupt(f);
        break;
    case 3:
        f->now_ticks += below(chance, 20000) * TICKS_PER_US;
        fixture_interrupt(f);
        break;
    default:
        fixture_syscall(f, blocks(chance, f) ? SYS_NBSend : SYS_Call);
        break;
    }
}

/* Every slot that is linked is linked both ways. */
static void expect_sound(struct fixture *f, paddr root)
{
    struct slot *slots = slot_at(f->k, root);
    for (unsigned i = 0; i < f->free_slot + SLOTS_USED; i++) {
        struct slot *next = slot_at(f->k, (paddr)slots[i].next_32 << seL4_SlotBits);
        if (next) {
            EXPECT_EQ(slot_address(f->k, &slots[i]), (paddr)next->previous_32 << seL4_SlotBits);
        }
    }
}

/* Until it rests, halts, or has done so many steps. */
static unsigned run_machine(struct chance *chance, unsigned steps)
{
    struct fixture *f = fixture_new("microkit");
    paddr root = cap_object(fixture_slot(f, seL4_CapInitThreadCNode)->cap);
    populate(f);
    unsigned done = 0;
    while (done < steps && f->next.kind == NEXT_RUN) {
        step(chance, f);
        done++;
        for (unsigned i = 0; i < 8 && f->next.kind == NEXT_IDLE; i++) {
            f->now_ticks += 20000 * TICKS_PER_US;
            fixture_interrupt(f);
        }
    }
    expect_sound(f, root);
    fixture_free(f);
    return done;
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 0) : otherwise;
}

TEST(random_system_calls_stop_the_kernel_at_no_assertion)
{
    uint64_t seed = from_environment("RANDOM_SEED", 1);
    uint64_t steps = from_environment("RANDOM_STEPS", STEPS);
    uint64_t machines = from_environment("RANDOM_MACHINES", MACHINES);
    uint64_t done = 0;
    for (uint64_t i = 0; i < machines; i++) {
        print_message("# RANDOM_SEED=%llu RANDOM_MACHINES=1\n", (unsigned long long)(seed + i));
        struct chance chance = {.state = (seed + i) * 0x9e3779b97f4a7c15 | 1};
        done += run_machine(&chance, (unsigned)steps);
    }
    EXPECT_TRUE(done > machines);
}
