/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A storm of IPC and thread control.
 *
 * Five actors, threads above the conductor's priority, do one system call after another as a
 * pseudo-random sequence says; the conductor commands them, stops them, moves their time, priorities
 * and notifications about, deletes what they wait for and answers their faults. Everything that
 * anyone gets back is printed, and now and then the states of all threads. A kernel that does as
 * seL4 does prints the same lines.
 *
 * Printed are names and small numbers, never slots or addresses, which depend on the compiler.
 */
#include <roottask.h>

#define SEED  2026
#define STEPS 2000

enum { ACTORS = 5, ENDPOINTS = 2, BADGES = 3, NOTIFICATIONS = 2, REPLIES = 4 };

static seL4_Word next_random = SEED;

static unsigned pick(unsigned choices)
{
    next_random ^= next_random << 13;
    next_random ^= next_random >> 7;
    next_random ^= next_random << 17;
    return (unsigned)((next_random >> 11) % choices);
}

static int once_in(unsigned times)
{
    return pick(times) == 0;
}

/* A system call with all its registers. */
struct call {
    long number;
    seL4_Word cap, info, mr[4], reply, destination;
};

static void make(struct call *call)
{
    register seL4_Word mr0 __asm__("r10") = call->mr[0];
    register seL4_Word mr1 __asm__("r8") = call->mr[1];
    register seL4_Word mr2 __asm__("r9") = call->mr[2];
    register seL4_Word mr3 __asm__("r15") = call->mr[3];
    register seL4_Word reply __asm__("r12") = call->reply;
    register seL4_Word destination __asm__("r13") = call->destination;
    __asm__ volatile("movq %%rsp, %%rbx\n\t"
                     "syscall\n\t"
                     "movq %%rbx, %%rsp"
                     : "+D"(call->cap), "+S"(call->info), "+r"(mr0), "+r"(mr1), "+r"(mr2), "+r"(mr3)
                     : "d"(call->number), "r"(reply), "r"(destination)
                     : "rax", "rbx", "rcx", "r11", "r14", "memory");
    call->mr[0] = mr0;
    call->mr[1] = mr1;
    call->mr[2] = mr2;
    call->mr[3] = mr3;
}

static seL4_Word info_of(seL4_Word label, unsigned caps, unsigned length)
{
    return label << 12 | caps << 7 | length;
}

/* Capabilities, and what they are called. */

static seL4_BootInfo *boot;
static seL4_CPtr next_slot;

enum { NAMED_MAX = 64 };
static struct {
    seL4_CPtr cap;
    const char *kind;
    unsigned number;
} named[NAMED_MAX];
static unsigned named_count;

static seL4_CPtr name(seL4_CPtr cap, const char *kind, unsigned number)
{
    named[named_count].cap = cap;
    named[named_count].kind = kind;
    named[named_count++].number = number;
    return cap;
}

static void put(const char *text, seL4_Word number)
{
    console_puts(text);
    console_put_decimal(number);
}

static void put_cap(seL4_CPtr cap)
{
    for (unsigned i = 0; i < named_count; i++) {
        if (named[i].cap == cap) {
            put(named[i].kind, named[i].number);
            return;
        }
    }
    console_puts("nothing");
}

static void must(seL4_Error error, const char *what)
{
    if (error) {
        console_puts(what);
        put(" failed: ", error);
        console_puts("\n");
        seL4_DebugHalt();
    }
}

static void make_object(seL4_CPtr slot, seL4_Word type, seL4_Word bits)
{
    for (seL4_Word i = 0; i < boot->untyped.end - boot->untyped.start; i++) {
        if (!boot->untypedList[i].isDevice && boot->untypedList[i].sizeBits >= 20) {
            must(seL4_Untyped_Retype(boot->untyped.start + i, type, bits, seL4_CapInitThreadCNode,
                                     0, 0, slot, 1),
                 "retype");
            return;
        }
    }
}

static seL4_CPtr new_object(seL4_Word type, seL4_Word bits)
{
    make_object(next_slot, type, bits);
    return next_slot++;
}

static void mint(seL4_CPtr slot, seL4_CPtr source, seL4_CapRights_t rights, seL4_Word badge)
{
    must(seL4_CNode_Mint(seL4_CapInitThreadCNode, slot, 64, seL4_CapInitThreadCNode, source, 64,
                         rights, badge),
         "mint");
}

/* The stage. */

static seL4_CPtr endpoints[ENDPOINTS], badged[ENDPOINTS][BADGES];
static seL4_CPtr notifications[NOTIFICATIONS], signals[NOTIFICATIONS];
static seL4_CPtr replies[REPLIES];
static seL4_CPtr fault_ep, fault_reply, empty;

static seL4_CPtr some_ep(void)
{
    unsigned ep = pick(ENDPOINTS);
    unsigned badge = pick(2 * BADGES);
    return badge < BADGES ? badged[ep][badge] : endpoints[ep];
}

static seL4_CPtr some_ntfn(void)
{
    unsigned ntfn = pick(NOTIFICATIONS);
    return once_in(2) ? signals[ntfn] : notifications[ntfn];
}

static seL4_CPtr some_reply(void)
{
    return replies[pick(REPLIES)];
}

static seL4_CPtr some_cap(void)
{
    switch (pick(5)) {
    case 0:
        return some_ntfn();
    case 1:
        return some_reply();
    case 2:
        return empty;
    case 3:
        return seL4_CapInitThreadCNode;
    default:
        return some_ep();
    }
}

static void raise_endpoint(unsigned i)
{
    /* All rights; to call without giving caps; and only to send. */
    const seL4_CapRights_t rights[BADGES] = {seL4_AllRights, seL4_CapRights_new(1, 0, 0, 1),
                                             seL4_CapRights_new(0, 0, 0, 1)};
    make_object(endpoints[i], seL4_EndpointObject, 0);
    for (unsigned badge = 0; badge < BADGES; badge++) {
        mint(badged[i][badge], endpoints[i], rights[badge], 10 * (i + 1) + badge);
    }
}

static void raise_notification(unsigned i)
{
    make_object(notifications[i], seL4_NotificationObject, 0);
    mint(signals[i], notifications[i], seL4_AllRights, 1ul << (4 * i));
}

static void raise_stage(void)
{
    for (unsigned i = 0; i < ENDPOINTS; i++) {
        endpoints[i] = name(next_slot++, "ep", i);
        for (unsigned badge = 0; badge < BADGES; badge++) {
            badged[i][badge] = name(next_slot++, "badged-ep", 10 * (i + 1) + badge);
        }
        raise_endpoint(i);
    }
    for (unsigned i = 0; i < NOTIFICATIONS; i++) {
        notifications[i] = name(next_slot++, "ntfn", i);
        signals[i] = name(next_slot++, "signal", i);
        raise_notification(i);
    }
    for (unsigned i = 0; i < REPLIES; i++) {
        replies[i] = name(new_object(seL4_ReplyObject, 0), "reply", i);
    }
    fault_ep = new_object(seL4_EndpointObject, 0);
    fault_reply = new_object(seL4_ReplyObject, 0);
    empty = name(next_slot++, "empty", 0);
    name(seL4_CapInitThreadCNode, "cnode", 0);
}

/* Actors. */

enum deed { DO_CALL, DO_ILLEGAL_INSTRUCTION, DO_READ_NOWHERE, DO_DIVIDE_BY_ZERO };

struct actor {
    seL4_CPtr tcb, sc, cue, handler, pocket; /* pocket: where it receives caps */
    enum deed deed;
    struct call call;
    int receives; /* what the call leaves in its registers is a message */
    int has_cue;  /* there is a deed to do */
    int is_busy;  /* it has not said what came of it */
    int is_done;  /* it has something to say */
    char stack[4096] __attribute__((aligned(16)));
};
static struct actor actors[ACTORS];
static seL4_IPCBuffer buffers[ACTORS][4] __attribute__((aligned(4096)));

static void divide_by_zero(void)
{
    __asm__ volatile("divl %%ecx" : : "a"(1), "d"(0), "c"(0) : "cc");
}

static void act(struct actor *actor)
{
    volatile struct actor *shared = actor;
    for (;;) {
        struct call wait = {.number = seL4_SysWait, .cap = shared->cue};
        make(&wait);
        if (!shared->has_cue) {
            continue;
        }
        shared->has_cue = 0;
        switch (shared->deed) {
        case DO_CALL:
            make(&actor->call);
            break;
        case DO_ILLEGAL_INSTRUCTION:
            __asm__ volatile("ud2");
            break;
        case DO_READ_NOWHERE:
            (void)*(volatile char *)0x1000;
            break;
        case DO_DIVIDE_BY_ZERO:
            divide_by_zero();
            break;
        }
        shared->is_done = 1;
        shared->is_busy = 0;
    }
}

static unsigned number_of(const struct actor *actor)
{
    return (unsigned)(actor - actors);
}

static void start(struct actor *actor)
{
    seL4_UserContext context = {.rip = (seL4_Word)act,
                                .rsp = (seL4_Word)(actor->stack + sizeof(actor->stack)) - 8,
                                .rflags = 0x202,
                                .rdi = (seL4_Word)actor};
    actor->has_cue = 0;
    actor->is_busy = 0;
    must(seL4_TCB_WriteRegisters(actor->tcb, 1, 0, sizeof(context) / 8, &context), "write");
}

static seL4_CPtr frame_of(const void *address)
{
    return boot->userImageFrames.start + ((seL4_Word)address - 0x400000) / 4096;
}

static seL4_Word priority_of(const struct actor *actor)
{
    return 101 + number_of(actor) % 3;
}

static void hire(struct actor *actor)
{
    static const char *const names[ACTORS] = {"anna", "bert", "carl", "dora", "emil"};
    unsigned i = number_of(actor);
    actor->tcb = name(new_object(seL4_TCBObject, 0), "tcb", i);
    actor->sc = name(new_object(seL4_SchedContextObject, seL4_MinSchedContextBits), "sc", i);
    actor->cue = new_object(seL4_NotificationObject, 0);
    actor->handler = name(next_slot++, "handler", i);
    actor->pocket = name(next_slot++, "pocket", i);
    mint(actor->handler, fault_ep, seL4_AllRights, 100 + i);
    seL4_DebugNameThread(actor->tcb, names[i]);
    must(seL4_TCB_Configure(actor->tcb, seL4_CapInitThreadCNode, 0, seL4_CapInitThreadVSpace, 0,
                            (seL4_Word)buffers[i], frame_of(buffers[i])),
         "configure");
    must(seL4_SchedControl_ConfigureFlags(boot->schedcontrol.start, actor->sc, 10000000, 10000000,
                                          0, 0, 0),
         "configure");
    must(seL4_TCB_SetSchedParams(actor->tcb, seL4_CapInitThreadTCB, 120, priority_of(actor),
                                 actor->sc, actor->handler),
         "schedule");
    start(actor);
}

/* What is printed. */

static void put_message(const struct call *call, const seL4_IPCBuffer *buffer)
{
    seL4_Word length = call->info & 127;
    put(" badge ", call->cap);
    put(" label ", call->info >> 12);
    put(" unwrapped ", call->info >> 9 & 7);
    put(" extra ", call->info >> 7 & 3);
    put(" words ", length);
    for (seL4_Word i = 0; i < length && i < 6; i++) {
        put(i ? "," : ":", i < 4 ? call->mr[i] : buffer->msg[i]);
    }
    for (unsigned i = 0; i < (call->info >> 7 & 3); i++) {
        if (call->info >> 9 >> i & 1) {
            put(" as badge ", buffer->caps_or_badges[i]);
        }
    }
}

static void hear_actors(void)
{
    for (unsigned i = 0; i < ACTORS; i++) {
        if (actors[i].is_done) {
            actors[i].is_done = 0;
            put("  actor ", i);
            if (actors[i].deed == DO_CALL && actors[i].receives) {
                put_message(&actors[i].call, buffers[i]);
            } else {
                console_puts(" goes on");
            }
            console_puts("\n");
        }
    }
}

/* What the conductor does. */

struct deed_of_actor {
    const char *name;
    long number;
    int receives;
};

/* How often each, by how often it is listed. */
static const struct deed_of_actor deeds[] = {
    {"send", seL4_SysSend, 0},
    {"send", seL4_SysSend, 0},
    {"nbsend", seL4_SysNBSend, 0},
    {"call", seL4_SysCall, 1},
    {"call", seL4_SysCall, 1},
    {"call", seL4_SysCall, 1},
    {"recv", seL4_SysRecv, 1},
    {"recv", seL4_SysRecv, 1},
    {"recv", seL4_SysRecv, 1},
    {"recv", seL4_SysRecv, 1},
    {"recv", seL4_SysRecv, 1},
    {"nbrecv", seL4_SysNBRecv, 1},
    {"wait", seL4_SysWait, 1},
    {"nbwait", seL4_SysNBWait, 1},
    {"replyrecv", seL4_SysReplyRecv, 1},
    {"replyrecv", seL4_SysReplyRecv, 1},
    {"replyrecv", seL4_SysReplyRecv, 1},
    {"nbsendrecv", seL4_SysNBSendRecv, 1},
    {"nbsendwait", seL4_SysNBSendWait, 1},
    {"yield", seL4_SysYield, 0},
    {"unknown", 77, 0},
};
#define DEEDS (sizeof(deeds) / sizeof(deeds[0]))

static void put_exchange(const char *what, const struct call *call)
{
    console_puts(what);
    console_puts(" ");
    put_cap(call->cap);
    console_puts(" reply ");
    put_cap(call->reply);
    console_puts(" to ");
    put_cap(call->destination);
}

static void command_fault(struct actor *actor)
{
    static const char *const names[] = {"", "executes ud2", "reads nowhere", "divides by zero"};
    actor->deed = (enum deed)(1 + pick(3));
    console_puts(names[actor->deed]);
}

static void command_call(struct actor *actor)
{
    const struct deed_of_actor *deed = &deeds[pick(DEEDS)];
    seL4_IPCBuffer *buffer = buffers[number_of(actor)];
    struct call *call = &actor->call;
    unsigned caps = once_in(3) ? pick(4) : 0;
    unsigned length = pick(7);

    actor->deed = DO_CALL;
    actor->receives = deed->receives;
    call->number = deed->number;
    call->cap = once_in(10) ? some_cap() : once_in(8) ? some_ntfn() : some_ep();
    call->reply = once_in(12) ? some_cap() : some_reply();
    call->destination = some_ep();
    call->info = info_of(pick(4), caps, length);
    if (deed->number == seL4_SysNBSendWait) {
        call->reply = some_ep();
    }
    for (unsigned i = 0; i < 4; i++) {
        call->mr[i] = pick(1000);
    }
    buffer->msg[4] = pick(1000);
    buffer->msg[5] = pick(1000);
    buffer->receiveCNode = seL4_CapInitThreadCNode;
    buffer->receiveIndex = actor->pocket;
    buffer->receiveDepth = once_in(10) ? 0 : 64;
    put_exchange(deed->name, call);
    put(" words ", length);
    for (unsigned i = 0; i < caps; i++) {
        buffer->caps_or_badges[i] = once_in(12) ? 1ul << 40 : some_cap();
        console_puts(" with ");
        put_cap(buffer->caps_or_badges[i]);
    }
}

static void command(struct actor *actor)
{
    put("actor ", number_of(actor));
    console_puts(" ");
    if (once_in(10)) {
        command_fault(actor);
    } else {
        command_call(actor);
    }
    console_puts("\n");
    actor->has_cue = 1;
    actor->is_busy = 1;
    seL4_Signal(actor->cue);
}

/* From the beginning, often with all that it was hired with. */
static void restore(struct actor *actor)
{
    put("restore actor ", number_of(actor));
    seL4_TCB_Suspend(actor->tcb);
    if (!once_in(4)) {
        put(" ", seL4_SchedContext_Unbind(actor->sc));
        put(" ", seL4_TCB_SetSchedParams(actor->tcb, seL4_CapInitThreadTCB, 120, priority_of(actor),
                                         0, actor->handler));
        put(" ", seL4_TCB_SetSchedParams(actor->tcb, seL4_CapInitThreadTCB, 120, priority_of(actor),
                                         actor->sc, actor->handler));
        put(" ", seL4_CNode_Delete(seL4_CapInitThreadCNode, actor->pocket, 64));
    }
    console_puts("\n");
    start(actor);
}

static void answer_fault(void)
{
    struct call poll = {.number = seL4_SysNBRecv, .cap = fault_ep, .reply = fault_reply};
    make(&poll);
    put("fault of ", poll.cap);
    seL4_Word label = poll.info >> 12;
    if (poll.cap) {
        put(" label ", label);
        put(" words ", poll.info & 127);
        if (label == seL4_Fault_CapFault) {
            console_puts(" cap ");
            put_cap(poll.mr[1]);
            put(" receiving ", poll.mr[2]);
            put(" failure ", poll.mr[3]);
        }
        unsigned refused = once_in(4);
        put(refused ? " refused " : " answered ", refused);
        struct call reply = {
            .number = seL4_SysNBSend, .cap = fault_reply, .info = info_of(refused, 0, 0)};
        /* Past the instruction that did it, or the same once more. */
        if (label == seL4_Fault_UserException && once_in(2)) {
            reply.info |= 1;
            reply.mr[0] = poll.mr[0] + 2;
        }
        make(&reply);
    }
    console_puts("\n");
}

static void put_result(const char *what, seL4_CPtr cap, seL4_CPtr with, long error)
{
    console_puts(what);
    console_puts(" ");
    put_cap(cap);
    console_puts(" with ");
    put_cap(with);
    put(" answers ", error);
    console_puts("\n");
}

static void poll_endpoint(void)
{
    struct call call = {
        .number = seL4_SysNBRecv, .cap = endpoints[pick(ENDPOINTS)], .reply = some_reply()};
    put_exchange("poll", &call);
    make(&call);
    if (call.cap) {
        put_message(&call, seL4_GetIPCBuffer());
    }
    console_puts("\n");
}

static void send_or_reply(seL4_CPtr cap)
{
    struct call call = {.number = seL4_SysNBSend, .cap = cap, .info = info_of(pick(2), 0, 2)};
    call.mr[0] = pick(50);
    call.mr[1] = pick(50);
    put_exchange("nbsend", &call);
    console_puts("\n");
    make(&call);
}

static void replace_endpoint(unsigned i)
{
    put("replace endpoint ", i);
    console_puts("\n");
    must(seL4_CNode_Revoke(seL4_CapInitThreadCNode, endpoints[i], 64), "revoke");
    must(seL4_CNode_Delete(seL4_CapInitThreadCNode, endpoints[i], 64), "delete");
    raise_endpoint(i);
}

static void replace_notification(unsigned i)
{
    put("replace notification ", i);
    console_puts("\n");
    must(seL4_CNode_Revoke(seL4_CapInitThreadCNode, notifications[i], 64), "revoke");
    must(seL4_CNode_Delete(seL4_CapInitThreadCNode, notifications[i], 64), "delete");
    raise_notification(i);
}

static void replace_reply(unsigned i)
{
    put("replace reply ", i);
    console_puts("\n");
    must(seL4_CNode_Delete(seL4_CapInitThreadCNode, replies[i], 64), "delete");
    make_object(replies[i], seL4_ReplyObject, 0);
}

static void replace(void)
{
    if (once_in(4)) {
        replace_reply(pick(REPLIES));
    } else if (once_in(4)) {
        replace_endpoint(pick(ENDPOINTS));
    } else if (once_in(4)) {
        replace_notification(pick(NOTIFICATIONS));
    }
}

/* One invocation on a thread or its time. */
static void control(const struct actor *actor)
{
    seL4_CPtr tcb = actor->tcb;
    seL4_CPtr with;
    switch (pick(11)) {
    case 0:
        put_result("suspend", tcb, 0, seL4_TCB_Suspend(tcb));
        break;
    case 1:
        put_result("resume", tcb, 0, seL4_TCB_Resume(tcb));
        break;
    case 2: {
        seL4_Word priority = once_in(10) ? 256 : 101 + pick(6);
        put("priority ", priority);
        put_result(" of", tcb, 0, seL4_TCB_SetPriority(tcb, seL4_CapInitThreadTCB, priority));
        break;
    }
    case 3:
        with = once_in(3) ? some_cap() : notifications[pick(NOTIFICATIONS)];
        put_result("bind", tcb, with, seL4_TCB_BindNotification(tcb, with));
        break;
    case 4:
        put_result("unbind", tcb, 0, seL4_TCB_UnbindNotification(tcb));
        break;
    case 5:
        with = once_in(3) ? some_cap() : once_in(2) ? some_ntfn() : actors[pick(ACTORS)].tcb;
        put_result("bind time", actor->sc, with, seL4_SchedContext_Bind(actor->sc, with));
        break;
    case 6:
        put_result("unbind time", actor->sc, 0, seL4_SchedContext_Unbind(actor->sc));
        break;
    case 7:
        with = once_in(2) ? some_cap() : actor->handler;
        put_result("handler", tcb, with,
                   seL4_TCB_SetSchedParams(tcb, seL4_CapInitThreadTCB, 120, priority_of(actor),
                                           actor->sc, with));
        break;
    case 8:
        with = once_in(2) ? some_cap() : actor->handler;
        put_result("timeout handler", tcb, with, seL4_TCB_SetTimeoutEndpoint(tcb, with));
        break;
    case 9:
        with = some_ep();
        put_result("cancel badged sends", with, 0,
                   seL4_CNode_CancelBadgedSends(seL4_CapInitThreadCNode, with, 64));
        break;
    default: {
        unsigned flags = pick(4); /* suspend the source, resume the target */
        with = actors[pick(ACTORS)].tcb;
        put("copy registers by ", flags);
        put_result(" to", tcb, with,
                   seL4_TCB_CopyRegisters(tcb, with, flags & 1, flags >> 1, 0, 0, 0));
        break;
    }
    }
}

static void step(void)
{
    struct actor *actor = &actors[pick(ACTORS)];
    unsigned what = pick(32);
    if (what < 5) {
        if (actor->is_busy) {
            restore(actor);
        }
    } else if (what < 8) {
        answer_fault();
    } else if (what < 11) {
        control(actor);
    } else if (what < 13) {
        poll_endpoint();
    } else if (what < 14) {
        send_or_reply(signals[pick(NOTIFICATIONS)]);
    } else if (what < 16) {
        send_or_reply(once_in(2) ? some_ep() : some_reply());
    } else if (what < 17) {
        replace();
    } else if (!actor->is_busy) {
        command(actor);
    }
    hear_actors();
}

int main(seL4_BootInfo *bootinfo)
{
    boot = bootinfo;
    next_slot = boot->empty.start;
    seL4_DebugNameThread(seL4_CapInitThreadTCB, "conductor");
    must(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 100), "step back");
    raise_stage();
    for (unsigned i = 0; i < ACTORS; i++) {
        hire(&actors[i]);
    }
    for (unsigned i = 0; i < STEPS; i++) {
        step();
        if (i % 50 == 49) {
            seL4_DebugDumpScheduler();
        }
    }
    console_puts("The storm is over.\n");
    return 0;
}
