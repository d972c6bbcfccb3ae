/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* A root task that asks the classic kernel questions and prints its answers. */
#include "tests/system/classic/kernel.h"

#define ROOT  seL4_CapInitThreadCNode
#define SELF  seL4_CapInitThreadTCB
#define DEPTH 64

static struct abi_ipc_buffer *buffer;
static word untyped;
static word next_slot;

/* Invocations. */

struct arguments {
    word words[24];
    word caps[MESSAGE_EXTRA_CAPS_MAX];
    unsigned length;
    unsigned caps_length;
};

static struct message invoke(word cap, word label, struct arguments a)
{
    struct message m = {.badge = cap, .info = info(label, a.caps_length, a.length)};
    for (unsigned i = 0; i < a.length; i++) {
        if (i < MESSAGE_REGISTERS) {
            m.mr[i] = a.words[i];
        } else {
            buffer->msg[i] = a.words[i];
        }
    }
    for (unsigned i = 0; i < a.caps_length; i++) {
        buffer->caps_or_badges[i] = a.caps[i];
    }
    syscall(SYS_Call, &m);
    return m;
}
#define COUNT(...)              (sizeof((word[]){__VA_ARGS__}) / sizeof(word))
#define WORDS(...)              .length = COUNT(__VA_ARGS__), .words = {__VA_ARGS__}
#define CAPS(...)               .caps_length = COUNT(__VA_ARGS__), .caps = {__VA_ARGS__}
#define INVOKE(cap, label, ...) invoke((cap), (label), (struct arguments){__VA_ARGS__})

static word error_of(struct message m)
{
    return m.info >> MESSAGE_LABEL_SHIFT;
}

/* Print the call, its error, and the message registers that go with that. */
#define TRY(cap, label, ...) answer(#label " " #__VA_ARGS__, INVOKE(cap, label, __VA_ARGS__))

static void answer(const char *call, struct message m)
{
    put(call);
    put(" =");
    word words[] = {error_of(m), m.mr[0], m.mr[1], m.mr[2]};
    unsigned count = error_of(m) == seL4_FailedLookup ? 4 : 1 + (m.info & 0x7f);
    for (unsigned i = 0; i < count && i < 4; i++) {
        put(" ");
        put_number(words[i]);
    }
    put("\n");
}

static word make(word type, word bits)
{
    word slot = next_slot++;
    struct message m = INVOKE(untyped, UntypedRetype, WORDS(type, bits, 0, 0, slot, 1), CAPS(ROOT));
    if (error_of(m) != seL4_NoError) {
        say("no object: error", error_of(m));
    }
    return slot;
}

static word mint(word source, word rights, word badge)
{
    word slot = next_slot++;
    INVOKE(ROOT, CNodeMint, WORDS(slot, DEPTH, source, DEPTH, rights, badge), CAPS(ROOT));
    return slot;
}

/* Threads. Each does one thing, then waits for ever. */

#define THREADS_MAX 24
#define STACK_WORDS 512

struct thread {
    word cap;
    word name;
    word ep; /* what it does that with */
    void (*body)(struct thread *self);
    word stack[STACK_WORDS];
};

static struct thread threads[THREADS_MAX];
static unsigned thread_count;
static word nowhere; /* an endpoint to which nobody sends */

static void thread_main(struct thread *self)
{
    self->body(self);
    for (;;) {
        transfer(SYS_Recv, nowhere, 0, 0);
    }
}

static struct thread *thread_new(void (*body)(struct thread *), word priority, word ep)
{
    struct thread *thread = &threads[thread_count];
    *thread = (struct thread){.cap = make(seL4_TCBObject, 0), .name = 'a' + thread_count, .ep = ep};
    thread->body = body;
    thread_count++;
    INVOKE(thread->cap, TCBSetSpace, WORDS(0, 0, 0), CAPS(ROOT, seL4_CapInitThreadVSpace));
    INVOKE(thread->cap, TCBSetPriority, WORDS(priority), CAPS(SELF));
    /* rip, rsp, rflags, rax, rbx, rcx, rdx, rsi, rdi. */
    INVOKE(thread->cap, TCBWriteRegisters,
           WORDS(0, 9, (word)thread_main, (word)(thread->stack + STACK_WORDS - 1), 0x202, 0, 0, 0,
                 0, 0, (word)thread));
    return thread;
}

static void resume(struct thread *thread)
{
    INVOKE(thread->cap, TCBResume, .length = 0);
}

static void suspend(struct thread *thread)
{
    INVOKE(thread->cap, TCBSuspend, .length = 0);
}

static void print_name(struct thread *self)
{
    put_char((char)self->name);
}

static void send_name(struct thread *self)
{
    transfer(SYS_Send, self->ep, info(1, 0, 1), self->name);
}

static void call_and_print(struct thread *self)
{
    struct message m = transfer(SYS_Call, self->ep, info(2, 0, 1), self->name);
    put("answered: label, badge, word");
    put_char(' ');
    put_number(m.info >> MESSAGE_LABEL_SHIFT);
    put_char(' ');
    put_number(m.badge);
    put_char(' ');
    put_number(m.mr[0]);
    put("\n");
}

static void receive_and_print(struct thread *self)
{
    struct message m = transfer(SYS_Recv, self->ep, 0, 0);
    put_char((char)self->name);
    put_char((char)m.mr[0]);
}

static void yield_twice(struct thread *self)
{
    for (unsigned i = 0; i < 3; i++) {
        put_char((char)self->name);
        transfer(SYS_Yield, 0, 0, 0);
    }
}

static void fault_then_send(struct thread *self)
{
    (void)self;
    __asm__ volatile("movq %0, 0x10" ::"r"(1ul) : "memory");
}

static void illegal(struct thread *self)
{
    (void)self;
    __asm__ volatile("ud2");
}

static void set_priority(word priority)
{
    INVOKE(SELF, TCBSetPriority, WORDS(priority), CAPS(SELF));
}

/* Let all others run until they wait. */
static void let_run(void)
{
    set_priority(1);
    set_priority(200);
    put("\n");
}

/* Questions. */

static void ask_scheduler(void)
{
    put("resumed one after another: ");
    for (unsigned i = 0; i < 3; i++) {
        resume(thread_new(print_name, 100, 0));
    }
    let_run();

    put("three that yield: ");
    for (unsigned i = 0; i < 3; i++) {
        resume(thread_new(yield_twice, 100, 0));
    }
    let_run();

    put("priority set again: ");
    struct thread *first = thread_new(print_name, 100, 0);
    struct thread *second = thread_new(print_name, 100, 0);
    resume(first);
    resume(second);
    INVOKE(first->cap, TCBSetPriority, WORDS(100), CAPS(SELF));
    let_run();
}

static void ask_endpoints(void)
{
    word ep = make(seL4_EndpointObject, 0);
    resume(thread_new(send_name, 210, ep));
    resume(thread_new(send_name, 220, ep));
    resume(thread_new(send_name, 205, ep));
    put("senders: ");
    for (unsigned i = 0; i < 3; i++) {
        put_char((char)transfer(SYS_Recv, ep, 0, 0).mr[0]);
    }
    put("\n");

    resume(thread_new(receive_and_print, 210, ep));
    resume(thread_new(receive_and_print, 220, ep));
    put("receivers: ");
    transfer(SYS_Send, ep, info(0, 0, 1), '1');
    transfer(SYS_Send, ep, info(0, 0, 1), '2');
    put("\n");
    say("nothing to receive:", transfer(SYS_NBRecv, ep, 0, 0).badge);
}

static void ask_replies(void)
{
    word ep = make(seL4_EndpointObject, 0);
    word slot = next_slot++;

    resume(thread_new(call_and_print, 210, mint(ep, 0xf, 7)));
    struct message m = transfer(SYS_Recv, ep, 0, 0);
    say("call: label", m.info >> MESSAGE_LABEL_SHIFT);
    say("call: badge", m.badge);
    transfer(SYS_Reply, 0, info(5, 0, 1), 0x77);

    transfer(SYS_Reply, 0, info(5, 0, 1), 0x78);
    TRY(ROOT, CNodeSaveCaller, WORDS(slot, DEPTH));
    say("saved nobody:", identify(slot));

    struct thread *caller = thread_new(call_and_print, 210, ep);
    resume(caller);
    transfer(SYS_Recv, ep, 0, 0);
    TRY(ROOT, CNodeSaveCaller, WORDS(ROOT, DEPTH));
    TRY(ROOT, CNodeSaveCaller, WORDS(slot, 65));
    TRY(ROOT, CNodeSaveCaller, WORDS(slot));
    TRY(ROOT, CNodeSaveCaller, WORDS(slot, DEPTH));
    say("saved:", identify(slot));
    TRY(ROOT, CNodeCopy, WORDS(next_slot, DEPTH, slot, DEPTH, 0xf), CAPS(ROOT));
    TRY(ROOT, CNodeMint, WORDS(next_slot, DEPTH, slot, DEPTH, 0xf, 3), CAPS(ROOT));
    TRY(ROOT, CNodeMutate, WORDS(next_slot, DEPTH, slot, DEPTH, 3), CAPS(ROOT));
    say("mutated:", identify(next_slot));
    slot = next_slot++;
    m = transfer(SYS_Call, slot, info(6, 0, 1), 0x79);
    say("answered by a call: label", m.info >> MESSAGE_LABEL_SHIFT);
    say("used up:", identify(slot));

    caller = thread_new(call_and_print, 210, ep);
    resume(caller);
    transfer(SYS_Recv, ep, 0, 0);
    INVOKE(ROOT, CNodeSaveCaller, WORDS(slot, DEPTH));
    suspend(caller);
    say("caller suspended:", identify(slot));
    resume(caller);
    m = transfer(SYS_Recv, ep, 0, 0);
    say("calls again: label", m.info >> MESSAGE_LABEL_SHIFT);
    transfer(SYS_NBRecv, ep, 0, 0);
    transfer(SYS_Reply, 0, info(5, 0, 1), 0x7a);
    put("nobody was answered\n");

    resume(thread_new(call_and_print, 210, mint(ep, RIGHT_WRITE, 9)));
    say("call that may not be answered: badge", transfer(SYS_NBRecv, ep, 0, 0).badge);
    INVOKE(ROOT, CNodeSaveCaller, WORDS(slot, DEPTH));
    say("holds:", identify(slot));
}

static void handle(struct thread *thread, word handler)
{
    INVOKE(thread->cap, TCBSetSpace, WORDS(handler, 0, 0), CAPS(ROOT, seL4_CapInitThreadVSpace));
}

static void ask_faults(void)
{
    word ep = make(seL4_EndpointObject, 0);
    word elsewhere = make(seL4_EndpointObject, 0);
    struct thread *thread = thread_new(fault_then_send, 210, 0);
    handle(thread, mint(ep, RIGHT_WRITE | RIGHT_GRANT_REPLY, 8));
    resume(thread);
    struct message m = transfer(SYS_Recv, ep, 0, 0);
    say("VM fault: label", m.info >> MESSAGE_LABEL_SHIFT);
    say("badge", m.badge);
    say("address", m.mr[1]);
    say("prefetch", m.mr[2]);
    say("FSR", m.mr[3]);

    thread = thread_new(illegal, 210, 0);
    handle(thread, mint(ep, RIGHT_WRITE | RIGHT_GRANT, 8));
    resume(thread);
    m = transfer(SYS_Recv, ep, 0, 0);
    say("exception: label", m.info >> MESSAGE_LABEL_SHIFT);
    say("vector", buffer->msg[3]);

    thread = thread_new(illegal, 210, 0);
    handle(thread, mint(ep, RIGHT_WRITE, 8));
    resume(thread);
    say("a handler without grant hears:", transfer(SYS_NBRecv, ep, 0, 0).badge);

    /* A fault of which nobody has heard is sent in place of the next message. */
    thread = thread_new(fault_then_send, 210, elsewhere);
    handle(thread, mint(ep, 0xf, 8));
    resume(thread);
    suspend(thread);
    INVOKE(thread->cap, TCBWriteRegisters,
           WORDS(1, 9, (word)thread_main, (word)(thread->stack + STACK_WORDS - 1), 0x202, 0, 0, 0,
                 0, 0, (word)(thread_new(send_name, 210, elsewhere))));
    m = transfer(SYS_NBRecv, elsewhere, 0, 0);
    say("instead of a message: label", m.info >> MESSAGE_LABEL_SHIFT);
    say("length", m.info & 0x7f);
}

static void ask_tcbs(void)
{
    word tcb = make(seL4_TCBObject, 0);
    word vspace = seL4_CapInitThreadVSpace;
    word ep = make(seL4_EndpointObject, 0);
    TRY(tcb, TCBConfigure, WORDS(0, 0, 0), CAPS(ROOT, vspace, 0));
    TRY(tcb, TCBConfigure, WORDS(0, 0, 0, 0), CAPS(ROOT, vspace));
    TRY(tcb, TCBConfigure, WORDS(0, 0, 0, 0x1000), CAPS(ROOT, vspace, ep));
    TRY(tcb, TCBConfigure, WORDS(0, 0, 0, 0), CAPS(SELF, vspace, 0));
    TRY(tcb, TCBConfigure, WORDS(0, 0, 0, 0), CAPS(ROOT, ROOT, 0));
    TRY(tcb, TCBConfigure, WORDS(~0ul, 0, 0, 0), CAPS(ROOT, vspace, 0));
    TRY(tcb, TCBSetSpace, WORDS(0, 0), CAPS(ROOT, vspace));
    TRY(tcb, TCBSetSpace, WORDS(0, 0, 0), CAPS(ROOT));
    TRY(tcb, TCBSetSpace, WORDS(0, 0, 0), CAPS(vspace, vspace));
    TRY(tcb, TCBSetSpace, WORDS(0, 0, 0), CAPS(ROOT, ROOT));
    TRY(tcb, TCBSetSchedParams, WORDS(1), CAPS(SELF));
    TRY(tcb, TCBSetSchedParams, WORDS(1, 2), .caps_length = 0);
    TRY(tcb, TCBSetSchedParams, WORDS(1, 2), CAPS(ROOT));
    TRY(tcb, TCBSetSchedParams, WORDS(256, 2), CAPS(SELF));
    TRY(tcb, TCBSetSchedParams, WORDS(1, 256), CAPS(SELF));
    TRY(tcb, TCBSetSchedParams, WORDS(1, 2), CAPS(SELF));
    TRY(seL4_CapInitThreadSC, TCBResume, .length = 0);
    word small = make(seL4_UntypedObject, 5);
    word slot = next_slot++;
    TRY(small, UntypedRetype, WORDS(seL4_NotificationObject, 0, 0, 0, next_slot, 2), CAPS(ROOT));
    TRY(small, UntypedRetype, WORDS(seL4_NotificationObject, 0, 0, 0, slot, 1), CAPS(ROOT));
}

static void ask_bootinfo(const struct abi_bootinfo_classic *bootinfo)
{
    say("nodes", bootinfo->nodes);
    say("I/O page table levels", bootinfo->io_page_table_levels);
    say("CNode bits", bootinfo->init_cnode_size_bits);
    say("extra bytes", bootinfo->extra_length);
    say("empty after untyped", bootinfo->empty.start - bootinfo->untyped.end);
    say("TCB", identify(SELF));
    say("scheduling context", identify(seL4_CapInitThreadSC));
    say("domain", identify(seL4_CapDomain));
}

/* The largest piece of RAM. */
static word find_untyped(const struct abi_bootinfo_classic *bootinfo)
{
    word best = 0;
    for (word i = 0; bootinfo->untyped.start + i < bootinfo->untyped.end; i++) {
        const struct abi_untyped_description *u = &bootinfo->untyped_list[i];
        if (!u->is_device && u->size_bits >= bootinfo->untyped_list[best].size_bits) {
            best = i;
        } else if (bootinfo->untyped_list[best].is_device) {
            best = i + 1;
        }
    }
    return bootinfo->untyped.start + best;
}

void answers_main(const struct abi_bootinfo_classic *bootinfo);

void answers_main(const struct abi_bootinfo_classic *bootinfo)
{
    buffer = (struct abi_ipc_buffer *)bootinfo->ipc_buffer;
    untyped = find_untyped(bootinfo);
    next_slot = bootinfo->empty.start;
    nowhere = make(seL4_EndpointObject, 0);
    set_priority(200);
    put("BEGIN\n");
    ask_bootinfo(bootinfo);
    ask_tcbs();
    ask_scheduler();
    ask_endpoints();
    ask_replies();
    ask_faults();
    put("END\n");
    transfer(SYS_DebugHalt, 0, 0, 0);
}

__asm__(".section .text.start, \"ax\"\n"
        ".globl _start\n"
        "_start:\n"
        "    leaq __stack_top(%rip), %rsp\n"
        "    xorl %ebp, %ebp\n"
        "    call answers_main\n"
        ".text\n");
