/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Hostile guests on a whole machine. For each attack of attacks.h: a client and a server that call
 * each other run beside an honest busy thread, then beside an attacker in a new VSpace, and then
 * everything that is not the attacker's has to be as it was. One line tells of each:
 *
 *   attack NAME: canaries intact, N victim calls beside the attacker, M beside an honest busy thread
 *
 * The client has half of each 10 ms; what is left is the attacker's, at a lower priority. A fault of
 * the attacker starts it again, with the next attempt.
 */
#include "tests/system/hostile/attacks.h"
#include "tests/system/hostile/canaries.h"
#include "tests/system/hostile/world.h"

#define THREADS_MAX 48

/* 1: as bench/hostile measures. An attacker need not come to its attempts, and once its cell had to
 * be killed it stays down, as a protection domain does whose monitor only reports. */
#ifndef BENCH
#define BENCH 0
#endif

/* For an attack, and as much for what it is compared with. */
#define WINDOW_US (BENCH ? 300000 : 100000)
#define LIMIT_US  10000000 /* for the attempts that an attack has to come to */
#define STUCK_US  200000   /* for one of many, which may end in a loop of its own making */

#define PRIORITY_HOSTAGE  200
#define PRIORITY_SERVER   101
#define PRIORITY_CLIENT   100
#define PRIORITY_ATTACKER 50

/* Badges of what the root task receives from. */
#define BADGE_PROGRESS (1ul << 20)
#define BADGE_HOSTAGE  (1ul << 21)
#define BADGE_ATTACKER (1ul << 22) /* and the number of its thread */
#define BADGE_VICTIM   (1ul << 23)

static const struct plan {
    const char *name;
    seL4_Word threads, attempts;
    enum help help;
} plans[] = {
#define A(name, threads, attempts, help) {#name, threads, attempts, help},
    ATTACKS(A)
#undef A
};

static struct {
    struct pool pool;
    seL4_CPtr endpoint;
    seL4_CPtr notification; /* bound to the root task's thread */
    seL4_CPtr reply, hostage_reply;
    volatile struct progress *progress;
    seL4_CPtr frames[2][64]; /* of the image: client's and server's */
    seL4_Word hostage_word;
    seL4_Bool victim_faulted;
} root;

/* An attacker, and what the root task has for it. */
static struct attacker {
    const struct plan *plan;
    struct pool pool;
    struct pool held; /* HELP_RETYPE: one page */
    struct space space, twin;
    struct thread threads[THREADS_MAX];
    seL4_CPtr site;  /* HELP_ALIAS: the frame as it is mapped writable */
    seL4_CPtr frame; /* HELP_RETYPE: the frame that it has just now, or 0 */
    seL4_Word attempts, stuck;
    seL4_Time came_us;     /* when it came back last, or was found stuck */
    seL4_Time consumed_us; /* by its threads */
    seL4_Word step;
    seL4_Bool lost;   /* its cell was killed */
    seL4_Bool enough; /* it has done what it was to do */
    const char *damage;
} attacker;

static struct thread victim_make(struct space *space, const char *name, enum role role,
                                 seL4_Word priority, seL4_Time budget_us)
{
    struct thread_plan plan = {
        .name = name,
        .priority = priority,
        .budget_us = budget_us,
        .period_us = 10000,
        .fault_ep = badged(&root.pool, root.endpoint, BADGE_VICTIM),
        .stack = role,
    };
    struct thread thread = thread_make(&root.pool, space, &plan);
    thread_start(thread, role, (seL4_Word[4]){role});
    return thread;
}

static struct space victim_space(seL4_CPtr server_ep, seL4_CPtr progress_frame, seL4_CPtr *image,
                                 const seL4_CPtr frames[CANARY_FRAMES])
{
    struct space space = space_make(&root.pool);
    space_load(&root.pool, &space, image);
    for (seL4_Word n = 0; n < CANARY_FRAMES; n++) {
        space_map(space.vspace, GUEST_CANARIES + n * PAGE_BYTES, copy_of(&root.pool, frames[n]),
                  seL4_ReadWrite);
    }
    space_map(space.vspace, GUEST_PROGRESS, copy_of(&root.pool, progress_frame), seL4_ReadWrite);
    space_give(&space, CAP_SERVER, server_ep);
    space_give(&space, CAP_PROGRESS, badged(&root.pool, root.notification, BADGE_PROGRESS));
    return space;
}

static void hostage_arrives(seL4_Word word)
{
    root.hostage_word = word;
    /* The next caller gets the other reply object. */
    seL4_CPtr reply = root.reply;
    root.reply = root.hostage_reply;
    root.hostage_reply = reply;
}

static void victims_make(void)
{
    root.pool = pool_make(22, 1024);
    struct pool *pool = &root.pool;
    root.endpoint = make(pool, seL4_EndpointObject, 0);
    root.notification = make(pool, seL4_NotificationObject, 0);
    root.reply = make(pool, seL4_ReplyObject, 0);
    root.hostage_reply = make(pool, seL4_ReplyObject, 0);
    need(seL4_TCB_BindNotification(seL4_CapInitThreadTCB, root.notification),
         "seL4_TCB_BindNotification");

    seL4_CPtr frames[CANARY_FRAMES];
    canaries_make(frames);
    seL4_CPtr progress = make(pool, seL4_X86_4K, 0);
    root.progress = (volatile struct progress *)see(copy_of(pool, progress));
    seL4_CPtr server_ep = make(pool, seL4_EndpointObject, 0);
    struct space client = victim_space(server_ep, progress, root.frames[0], frames);
    struct space server = victim_space(server_ep, progress, root.frames[1], frames);
    space_give(&server, CAP_REPLY, make(pool, seL4_ReplyObject, 0));
    space_give(&client, CAP_ROOT, badged(pool, root.endpoint, BADGE_HOSTAGE));

    /* The server runs on its clients' time, from when it waits for them. */
    seL4_Word badge;
    struct thread passive = victim_make(&server, "server", ROLE_SERVER, PRIORITY_SERVER, 10000);
    seL4_Recv(root.endpoint, &badge, root.reply);
    need(seL4_SchedContext_Unbind(passive.sc), "seL4_SchedContext_Unbind");
    victim_make(&client, "hostage", ROLE_HOSTAGE, PRIORITY_HOSTAGE, 10000);
    seL4_Recv(root.endpoint, &badge, root.reply);
    hostage_arrives(seL4_GetMR(0));
    victim_make(&client, "client", ROLE_CLIENT, PRIORITY_CLIENT, 5000);
}

static void attempt_start(seL4_Word thread)
{
    const seL4_Word arguments[4] = {
        ROLE_ATTACKER,
        (seL4_Word)(attacker.plan - plans),
        (attacker.attempts + attacker.stuck) << 8 | thread,
        canaries_prey(),
    };
    thread_start(attacker.threads[thread], thread, arguments);
}

/* A second VSpace with all that the first one has, for the thread that moves. */
static void twin_make(void)
{
    attacker.twin = space_make(&attacker.pool);
    space_load(&attacker.pool, &attacker.twin, seL4_Null);
    for (seL4_Word i = 0; i < 3; i++) {
        seL4_Word vaddr = i == 2 ? GUEST_STACKS : GUEST_SCRATCH + i * PAGE_BYTES;
        space_map(attacker.twin.vspace, vaddr, make(&attacker.pool, seL4_X86_4K, 0),
                  seL4_ReadWrite);
    }
}

/* A page with a call site, which is read-only to whoever runs there. */
static void site_make(void)
{
    static const unsigned char code[] = {0x48, 0x89, 0xe3, 0x0f, 0x05, 0x48, 0x89,
                                         0xdc, 0xb8, 0,    0,    0,    0,    0xc3};
    struct pool *pool = &attacker.pool;
    seL4_CPtr frame = make(pool, seL4_X86_4K, 0);
    attacker.site = copy_of(pool, frame);
    seL4_Word vaddr = 0x20000000 + 510 * PAGE_BYTES;
    space_map(seL4_CapInitThreadVSpace, vaddr, attacker.site, seL4_ReadWrite);
    for (seL4_Word i = 0; i < sizeof(code); i++) {
        ((volatile unsigned char *)vaddr)[i] = code[i];
    }
    need(seL4_X86_Page_Unmap(attacker.site), "seL4_X86_Page_Unmap");
    space_map(attacker.space.vspace, GUEST_SITE, frame, seL4_CanRead);
}

static void attacker_make(const struct plan *plan)
{
    struct pool *pool = &attacker.pool;
    attacker.plan = plan;
    attacker.attempts = attacker.stuck = attacker.step = attacker.consumed_us = 0;
    attacker.came_us = now_us();
    attacker.lost = 0;
    attacker.damage = seL4_Null;
    attacker.frame = 0;
    attacker.space = space_make(pool);
    space_load(pool, &attacker.space, seL4_Null);
    for (seL4_Word i = 0; i < 2; i++) {
        space_map(attacker.space.vspace, GUEST_SCRATCH + i * PAGE_BYTES, make(pool, seL4_X86_4K, 0),
                  seL4_ReadWrite);
    }
    space_give(&attacker.space, CAP_OWN, make(pool, seL4_NotificationObject, 0));
    if (plan->help == HELP_MOVE) {
        twin_make();
    } else if (plan->help == HELP_ALIAS) {
        site_make();
    }
    for (seL4_Word i = 0; i < plan->threads; i++) {
        struct thread_plan thread = {
            .name = plan->name,
            .priority = PRIORITY_ATTACKER,
            .budget_us = 10000,
            .period_us = 10000,
            .fault_ep = badged(pool, root.endpoint, BADGE_ATTACKER | i),
            .stack = i,
        };
        attacker.threads[i] = thread_make(pool, &attacker.space, &thread);
        attempt_start(i);
    }
}

static void attacker_end(void)
{
    pool_empty(&attacker.pool);
    pool_empty(&attacker.held);
}

/* Give a frame, or take it away and make something else of its memory. */
static void help_retype(void)
{
    if (attacker.step % 2 == 0) {
        pool_empty(&attacker.held);
        attacker.frame = make(&attacker.held, seL4_X86_4K, 0);
        space_map(attacker.space.vspace, GUEST_HELD, attacker.frame, seL4_ReadWrite);
    } else {
        pool_empty(&attacker.held);
        retyped_make(&attacker.held, attacker.step / 2);
    }
}

static void help(void)
{
    seL4_Bool first = attacker.step % 2 == 0;
    switch (attacker.plan->help) {
    case HELP_NONE:
        break;
    case HELP_RETYPE:
        if (first && attacker.step > 0) {
            attacker.damage = attacker.damage ? attacker.damage : retyped_check();
        }
        help_retype();
        break;
    case HELP_MOVE:
        need(seL4_TCB_SetSpace(
                 attacker.threads[0].tcb, badged(&attacker.pool, root.endpoint, BADGE_ATTACKER),
                 attacker.space.cnode, 0, first ? attacker.twin.vspace : attacker.space.vspace, 0),
             "seL4_TCB_SetSpace");
        need(seL4_CNode_Delete(seL4_CapInitThreadCNode, --attacker.pool.next_slot, seL4_WordBits),
             "seL4_CNode_Delete");
        break;
    case HELP_ALIAS:
        if (first) {
            space_map(attacker.space.vspace, GUEST_ALIAS, attacker.site, seL4_ReadWrite);
        } else {
            need(seL4_X86_Page_Unmap(attacker.site), "seL4_X86_Page_Unmap");
        }
        break;
    }
    attacker.step++;
}

/* Of a thread whose address space the host has lost: a read of the instruction itself. */
static seL4_Bool is_lost_cell(seL4_MessageInfo_t info)
{
    return seL4_MessageInfo_get_label(info) == seL4_Fault_VMFault &&
           seL4_GetMR(seL4_VMFault_Addr) == seL4_GetMR(seL4_VMFault_IP) &&
           seL4_GetMR(seL4_VMFault_PrefetchFault) == 0;
}

static void attacker_faulted(seL4_Word thread, seL4_MessageInfo_t info)
{
    attacker.attempts++;
    attacker.came_us = now_us();
    if (seL4_MessageInfo_get_label(info) == seL4_Fault_VMFault &&
        seL4_GetMR(seL4_VMFault_Addr) == GUEST_WRONG) {
        attacker.damage = "the attacker's own code, which is not what it wrote";
    }
    attacker.lost = attacker.lost || is_lost_cell(info);
    if (!BENCH || !attacker.lost) {
        attempt_start(thread);
    }
}

/* A jump to where the stub lets the thread go on, say, has it jump again. */
static void attacker_goes_on(void)
{
    if (!BENCH && attacker.plan->attempts > 1 && attacker.plan->threads == 1 &&
        now_us() - attacker.came_us > STUCK_US) {
        attacker.stuck++;
        attacker.came_us = now_us();
        attempt_start(0);
    }
}

static seL4_Bool tried(void)
{
    for (seL4_Word i = 0; i < attacker.plan->threads; i++) {
        attacker.consumed_us += seL4_SchedContext_Consumed(attacker.threads[i].sc).consumed;
    }
    return (BENCH || attacker.attempts >= attacker.plan->attempts) && attacker.consumed_us > 0;
}

/* Victim calls in 100 ms while the attacker runs for at least that window and its attempts. */
static seL4_Word run(const struct plan *plan)
{
    attacker_make(plan);
    seL4_Word calls = root.progress->calls;
    seL4_Word start = now_us(), elapsed;
    seL4_Word help_at = start;
    do {
        seL4_Word badge;
        seL4_MessageInfo_t info = seL4_Recv(root.endpoint, &badge, root.reply);
        if (badge & BADGE_VICTIM) {
            root.victim_faulted = 1;
        } else if (badge & BADGE_ATTACKER) {
            attacker_faulted(badge & 0xff, info);
        } else if (now_us() >= help_at) {
            help();
            /* Now this, now that part of the client's and the attacker's turns. */
            help_at = now_us() + 2000 + attacker.step * 2654435761 % 9000;
        }
        attacker_goes_on();
        elapsed = now_us() - start;
    } while (!root.victim_faulted && !attacker.damage &&
             (elapsed < WINDOW_US || (!tried() && elapsed < LIMIT_US)));
    calls = root.progress->calls - calls;
    attacker.enough = tried();
    attacker_end();
    return calls * 100000 / elapsed;
}

/* Let the hostage go and come back: its reply object, its cap and its registers are right. */
static seL4_Bool hostage_is_held(void)
{
    seL4_Word expected = served(root.hostage_word + 1);
    seL4_Word badge;
    seL4_SetMR(0, root.hostage_word + 1);
    seL4_Send(root.hostage_reply, seL4_MessageInfo_new(0, 0, 0, 1));
    for (seL4_Word tries = 0; tries < 1000; tries++) {
        seL4_Recv(root.endpoint, &badge, root.reply);
        if (badge & BADGE_HOSTAGE) {
            hostage_arrives(seL4_GetMR(0));
            return root.hostage_word == expected;
        }
    }
    return 0;
}

static seL4_Bool images_intact(void)
{
    seL4_Word vaddr = 0x20000000 + 510 * PAGE_BYTES;
    for (seL4_Word n = 0; n < 2 * image_pages(); n++) {
        seL4_CPtr frame = copy_of(&attacker.held, root.frames[n % 2][n / 2]);
        space_map(seL4_CapInitThreadVSpace, vaddr, frame, seL4_CanRead);
        const volatile seL4_Word *page = (const volatile seL4_Word *)vaddr;
        seL4_Bool same = 1;
        for (seL4_Word i = 0; i < 512; i++) {
            same = same && page[i] == image_page(n / 2)[i];
        }
        pool_empty(&attacker.held);
        if (!same) {
            return 0;
        }
    }
    return 1;
}

static const char *damage(void)
{
    if (root.victim_faulted) {
        return "a victim, which faulted";
    }
    if (attacker.damage) {
        return attacker.damage;
    }
    if (root.progress->wrong != 0) {
        return "the victims' answers, registers or canaries";
    }
    if (!hostage_is_held()) {
        return "a reply object in use";
    }
    if (!images_intact()) {
        return "the victims' text";
    }
    return canaries_check();
}

static void say_number(const char *before, seL4_Word number, const char *after)
{
    console_puts(before);
    console_put_decimal(number);
    console_puts(after);
}

/* What an attack is compared with has as many threads as far as that decides who runs. */
static const struct plan *honest(const struct plan *plan)
{
    return &plans[plan->threads > 2   ? ATTACK_honest_crowd
                  : plan->threads > 1 ? ATTACK_honest_pair
                                      : ATTACK_honest];
}

static seL4_Bool try(const struct plan *plan)
{
    seL4_Word beside_honest = run(honest(plan));
    seL4_Word beside = run(plan);
    const char *damaged = damage();
    console_puts("attack ");
    console_puts(plan->name);
    if (damaged) {
        console_puts(": DAMAGED: ");
        console_puts(damaged);
        console_puts("\n");
        return 0;
    }
    say_number(": canaries intact, ", beside, " victim calls beside the attacker, ");
    say_number("", beside_honest, " beside an honest busy thread");
    say_number(" (attempts: ", attacker.attempts, attacker.enough ? ")\n" : ", TOO FEW)\n");
    return 1;
}

int main(seL4_BootInfo *bootinfo)
{
    world_start(bootinfo);
    attacker.pool = pool_make(22, 512);
    attacker.held = pool_make(seL4_PageBits, 8);
    victims_make();
    for (seL4_Word i = 0; i < ATTACK_COUNT; i++) {
#ifdef ONLY
        if (i != ONLY) {
            continue;
        }
#endif
        if (!try(&plans[i])) {
            return 1;
        }
    }
    console_puts("hostile: all done\n");
    return 0;
}
