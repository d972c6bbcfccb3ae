/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Threads that send, wait, fault, yield, and stop and start one another at random: after each entry
 * queues, bindings, and what one product has besides, must fit together. Each run follows from its seed alone; a failure
 * names it. Random calls of everything else are in random.c.
 */
#include "tests/kernel/fixture_ipc.h"

#include "abi/x86/exceptions.h"
#include "kernel/lookup.h"
#include "kernel/sched.h"
#include "kernel/tcb.h"

#include <stdio.h>
#include <string.h>

#define RUNS    60
#define STEPS   500
#define OBJECTS 40 /* slots in which the guests' objects begin */
#define SLOTS   80 /* those, and empty ones */

struct guests {
    struct fixture *f;
    uint64_t state; /* of the generator */
    cptr first;     /* of SLOTS */
};

/* xorshift64 */
static uint64_t draw(struct guests *g, uint64_t below)
{
    g->state ^= g->state << 13;
    g->state ^= g->state >> 7;
    g->state ^= g->state << 17;
    return g->state % below;
}

static cptr draw_slot(struct guests *g)
{
    return g->first + draw(g, SLOTS);
}

static cptr draw_cptr(struct guests *g)
{
    const cptr others[] = {seL4_CapInitThreadCNode, seL4_CapInitThreadTCB, seL4_CapInitThreadSC,
                           seL4_CapDomain, g->f->sched_control};
    return draw(g, 4) ? draw_slot(g) : others[draw(g, sizeof(others) / sizeof(others[0]))];
}

/*
 * What is asked of which cap, and what its words are: s a slot, d a depth, n a small number, p a
 * priority, u microseconds, w anything. Now and then each is something else. Nothing here takes a
 * thread's address space away, because a thread without one does nothing more.
 */
static const struct {
    uint8_t type;
    enum invocation first;
    enum invocation last;
    const char *words;
} calls[] = {
    {CAP_CNODE, CNodeRevoke, CNodeDelete, "sd"},
    {CAP_CNODE, CNodeCancelBadgedSends, CNodeMutate, "sdsdnw"},
    {CAP_CNODE, CNodeSaveCaller, CNodeSaveCaller, "sd"},
    {CAP_TCB, TCBReadRegisters, TCBCopyRegisters, "nnnww"},
    {CAP_TCB, TCBSetPriority, TCBSetTimeoutEndpoint, "pp"},
    {CAP_TCB, TCBSuspend, TCBUnbindNotification, ""},
    {CAP_TCB, TCBSuspend, TCBResume, ""},
    {CAP_SCHED_CONTEXT, SchedContextBind, SchedContextYieldTo, ""},
    {CAP_SCHED_CONTROL, SchedControlConfigureFlags, SchedControlConfigureFlags, "uunwn"},
    {CAP_DOMAIN, DomainSetSet, DomainScheduleSetStart, "nnu"},
};
#define CALL_KINDS (sizeof(calls) / sizeof(calls[0]))

static uint64_t draw_word(struct guests *g, char kind)
{
    switch (draw(g, 12) ? kind : 'w') {
    case 's':
        return draw_slot(g);
    case 'd':
        return 64;
    case 'n':
        return draw(g, 4);
    case 'p':
        return 98 + draw(g, 4);
    case 'u':
        return draw(g, 20000);
    default:
        return draw(g, 2) ? draw(g, 64) : g->state;
    }
}

static uint64_t label_number(const struct kernel *k, enum invocation label)
{
    uint64_t number = 0;
    while (number < k->label_count && k->invocation_of_label[number] != label) {
        number++;
    }
    return number;
}

/* An entry of `calls` for the cap in a slot, if it is there at all. */
static size_t draw_call(struct guests *g, cptr cap)
{
    size_t start = draw(g, CALL_KINDS);
    struct lookup lookup = lookup_slot(g->f->k, fixture_current(g->f), cap);
    for (size_t i = 0; lookup.slot && i < CALL_KINDS; i++) {
        if (calls[(start + i) % CALL_KINDS].type == lookup.slot->cap.type) {
            return (start + i) % CALL_KINDS;
        }
    }
    return start;
}

static const enum x86_register drawn_registers[] = {SYSCALL_MR0, SYSCALL_MR1, SYSCALL_MR2,
                                                    SYSCALL_MR3};

static void put_word(struct guests *g, unsigned i, uint64_t word)
{
    struct tcb *caller = fixture_current(g->f);
    struct abi_ipc_buffer *buffer = fixture_buffer(g->f, caller);
    if (i < MESSAGE_REGISTERS) {
        caller->registers.r[drawn_registers[i]] = word;
    } else if (buffer) {
        buffer->msg[i] = word;
    }
}

static void draw_caps(struct guests *g)
{
    struct abi_ipc_buffer *buffer = fixture_buffer(g->f, fixture_current(g->f));
    if (!buffer) {
        return;
    }
    for (unsigned i = 0; i < MESSAGE_EXTRA_CAPS_MAX; i++) {
        buffer->caps_or_badges[i] = draw_cptr(g);
    }
    buffer->receive_cnode = seL4_CapInitThreadCNode;
    buffer->receive_index = draw_slot(g);
    buffer->receive_depth = 64;
}

/* Objects: who calls an endpoint waits. */
static cptr draw_invoked(struct guests *g)
{
    cptr cap = draw_cptr(g);
    struct lookup lookup = lookup_slot(g->f->k, fixture_current(g->f), cap);
    bool is_endpoint = lookup.slot && cap_is(lookup.slot->cap, CAP_ENDPOINT);
    return is_endpoint ? seL4_CapInitThreadTCB : cap;
}

static void draw_message(struct guests *g)
{
    uint64_t *registers = fixture_current(g->f)->registers.r;
    registers[SYSCALL_CAP] = draw_invoked(g);

    size_t call = draw_call(g, registers[SYSCALL_CAP]);
    enum invocation label = calls[call].first + draw(g, calls[call].last - calls[call].first + 1ul);
    size_t length = strlen(calls[call].words);
    for (unsigned i = 0; i < length; i++) {
        put_word(g, i, draw_word(g, calls[call].words[i]));
    }
    draw_caps(g);
    registers[SYSCALL_INFO] = label_number(g->f->k, label) << MESSAGE_LABEL_SHIFT |
                              draw(g, 4) << MESSAGE_EXTRA_CAPS_SHIFT |
                              (draw(g, 16) ? length : draw(g, 128));
}

/* A slot with a cap of this type, if a few looks find one. */
static cptr draw_of_type(struct guests *g, enum cap_type type)
{
    cptr slot = draw_slot(g);
    for (unsigned i = 0; i < 20; i++, slot = draw_slot(g)) {
        struct lookup lookup = lookup_slot(g->f->k, fixture_current(g->f), slot);
        if (lookup.slot && cap_is(lookup.slot->cap, type)) {
            break;
        }
    }
    return slot;
}

static cptr draw_partner(struct guests *g)
{
    static const enum cap_type types[] = {CAP_ENDPOINT, CAP_ENDPOINT, CAP_NOTIFICATION, CAP_REPLY};
    return draw_of_type(g, types[draw(g, 4)]);
}

/* Sending and receiving. */
static void draw_ipc(struct guests *g)
{
    uint64_t *registers = fixture_current(g->f)->registers.r;
    registers[SYSCALL_CAP] = draw_partner(g);
    registers[SYSCALL_REPLY] = draw_of_type(g, CAP_REPLY);
    registers[SYSCALL_DESTINATION] = draw_partner(g);
    registers[SYSCALL_INFO] =
        draw(g, 3) << MESSAGE_LABEL_SHIFT | draw(g, 4) << MESSAGE_EXTRA_CAPS_SHIFT | draw(g, 128);
    draw_caps(g);
}

/* Mostly those that do not wait, or all guests would soon. */
static int64_t draw_ipc_number(struct guests *g)
{
    static const int64_t nonblocking[] = {NONBLOCKING_UNDER_TEST};
    return draw(g, 3) ? nonblocking[draw(g, 4)]
                      : -1 - (int64_t)draw(g, (uint64_t)-SYSCALLS_UNDER_TEST_LAST);
}

/* A debug call, or a number without a meaning. Not those that halt the machine. */
static void draw_other_syscall(struct guests *g)
{
    int64_t number = (int64_t)draw(g, 50) - 45;
    if (number != SYS_DebugHalt && number != SYS_DebugNameThread) {
        *fixture_register(g->f, SYSCALL_CAP) = draw_cptr(g);
        fixture_syscall(g->f, number);
    }
}

static void draw_exception(struct guests *g)
{
    static const uint8_t vectors[] = {X86_DEBUG, X86_BREAKPOINT, X86_INVALID_OPCODE,
                                      X86_PAGE_FAULT};
    uint8_t vector = vectors[draw(g, sizeof(vectors))];
    fixture_exception(g->f, vector, draw(g, 32), draw_word(g, 'w'));
}

static void draw_entry(struct guests *g)
{
    struct fixture *f = g->f;
    uint64_t kind = draw(g, 40);
    if (f->next.kind == NEXT_IDLE || kind < 2) {
        f->pending_irq = (int)draw(g, 130) - 1;
        fixture_interrupt(f);
    } else if (kind < 4) {
        draw_exception(g);
    } else if (kind < 6) {
        draw_other_syscall(g);
    } else if (kind < 20) {
        draw_ipc(g);
        fixture_syscall(f, draw_ipc_number(g));
    } else {
        draw_message(g);
        fixture_syscall(f, SYS_Call);
    }
}

/* What must hold between entries. */

static void expect_ready_queue(struct fixture *f, unsigned domain, unsigned priority)
{
    struct kernel *k = f->k;
    struct tcb_queue *queue = &k->core.ready[domain][priority];
    bool marked = k->core.ready_bitmap[domain][priority / 64] >> priority % 64 & 1;
    paddr previous = 0;
    EXPECT_EQ(queue->head != 0, marked);
    for (struct tcb *tcb = tcb_at(k, queue->head); tcb; tcb = tcb_at(k, tcb->queue.next)) {
        EXPECT_TRUE(tcb->in_ready_queue);
        EXPECT_TRUE(sched_is_schedulable(k, tcb));
        EXPECT_EQ(domain, tcb->domain);
        EXPECT_EQ(priority, tcb->priority);
        EXPECT_EQ(previous, tcb->queue.previous);
        EXPECT_NE(k->core.current, tcb_address(k, tcb));
        previous = tcb_address(k, tcb);
    }
    EXPECT_EQ(previous, queue->tail);
}

static void expect_thread(struct fixture *f, const struct tcb *tcb)
{
    struct kernel *k = f->k;
    if (tcb->bound_notification) {
        EXPECT_EQ(tcb_address(k, tcb), ntfn_at(k, tcb->bound_notification)->bound_tcb);
    }
    if (sched_is_schedulable(k, tcb) && tcb_address(k, tcb) != k->core.current) {
        EXPECT_TRUE(tcb->in_ready_queue);
    }
    fixture_expect_thread_sound(f, tcb);
}

static void expect_sound(struct fixture *f)
{
    struct kernel *k = f->k;
    for (unsigned domain = 0; domain < k->config.domains; domain++) {
        for (unsigned priority = 0; priority < PRIORITIES_MAX; priority++) {
            expect_ready_queue(f, domain, priority);
        }
    }
    fixture_expect_kernel_sound(f);
    for (struct tcb *tcb = tcb_at(k, k->threads.first); tcb; tcb = tcb_at(k, tcb->all.next)) {
        expect_thread(f, tcb);
    }
    EXPECT_EQ(ACTION_RESUME, k->core.action);
}

/* Runs. */

static struct guests guests_new(uint64_t seed)
{
    static const struct {
        enum object_type type;
        uint64_t size_bits;
    } objects[] = {RANDOM_OBJECTS_UNDER_TEST};
    struct guests g = {.f = fixture_new(seed % 2 ? "sel4test" : "microkit"),
                       .state = seed * 0x9e3779b97f4a7c15u};
    struct fixture *f = g.f;
    fixture_root_steps_back(f);
    g.first = f->free_slot;
    cptr handler = fixture_make(f, seL4_EndpointObject, 0);
    for (unsigned i = 0; i < 5; i++) {
        enum fixture_time time = i % 2 ? FIXTURE_PASSIVE : FIXTURE_ACTIVE;
        struct fixture_thread thread = fixture_thread(f, (uint8_t)(98 + draw(&g, 4)), time);
        fixture_handle_faults(f, thread, handler);
        fixture_start(f, thread);
    }
    while (f->free_slot < g.first + OBJECTS) {
        uint64_t i = draw(&g, sizeof(objects) / sizeof(objects[0]));
        fixture_make(f, objects[i].type, objects[i].size_bits);
    }
    return g;
}

/* Somebody from outside starts threads, now that all have stopped one another. */
static void revive(struct guests *g)
{
    struct kernel *k = g->f->k;
    for (struct tcb *tcb = tcb_at(k, k->threads.first); tcb; tcb = tcb_at(k, tcb->all.next)) {
        if (draw(g, 2)) {
            tcb_restart(k, tcb);
        }
    }
    fixture_interrupt(g->f);
}

static void run(uint64_t seed)
{
    printf("# seed %lu\n", (unsigned long)seed);
    fflush(stdout);
    struct guests g = guests_new(seed);
    for (unsigned step = 0; step < STEPS; step++) {
        if (g.f->next.kind == NEXT_IDLE) {
            revive(&g);
        }
        g.f->now_ticks += draw(&g, 8) ? draw(&g, 100000) : draw(&g, 20000000);
        g.f->preempt_always = draw(&g, 4) == 0;
        draw_entry(&g);
        expect_sound(g.f);
    }
    fixture_free(g.f);
}

TEST(whatever_threads_do_queues_and_bindings_fit_together)
{
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        run(seed);
    }
}
