/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A small machine for tests of the kernel: booted, its root task at its first instruction, no host.
 *
 * The kernel is one of the two products, whichever the test is linked with; what a test can see of
 * it is in mcs/ or classic/. The port is a recorder. Guests are driven from outside: a test puts registers in place and enters
 * the kernel, as the platform would.
 */
#pragma once

#include "tests/test.h"

#include "abi/bootinfo.h"
#include "abi/message.h"
#include "kernel/cnode.h"
#include "kernel/state.h"
#include "product_under_test.h"

#define SYSCALL_ENUMERATOR(name, number) SYS_##name = (number),
enum {
    SYSCALLS_UNDER_TEST(SYSCALL_ENUMERATOR)
        SYSCALLS_OPTIONAL(SYSCALL_ENUMERATOR, SYSCALLS_UNDER_TEST_LAST)
};
#undef SYSCALL_ENUMERATOR

struct fixture_mapping {
    paddr vspace;
    uint64_t vaddr;
    paddr frame; /* of an unmapping: 0 */
    uint64_t bytes;
    bool writable;
};

struct fixture {
    struct kernel *k;
    uint8_t *ram;
    uint8_t *objects;
    struct kernel_next next; /* what the kernel answered last */

    cptr free_slot;     /* first slot of the root CNode that is still empty */
    cptr untyped;       /* of 4 MiB or more, all tests take from it */
    cptr sched_control; /* MCS */

    /* The recorder. */
    uint64_t now_ticks; /* the clock; tests advance it. 1000 ticks are a microsecond. */
    char console[1024];
    size_t console_length;
    char report[512]; /* the last line for a person */
    unsigned report_count;
    unsigned fault_count;
    struct kernel_fault last_fault; /* its registers are those of last_fault_registers */
    struct x86_registers last_fault_registers;
    unsigned map_count;
    struct fixture_mapping last_map;
    unsigned unmap_count;
    struct fixture_mapping last_unmap;
    paddr last_written_page;
    unsigned released_vspaces;
    unsigned released_threads;
    uint64_t cleared_bytes;
    bool tells_no_use;      /* of memory that was never written */
    unsigned pending_asked; /* once in so many slots that are emptied */
    struct {
        unsigned count;
        uint16_t port;
        unsigned width;
        uint32_t value;
    } last_out;
    uint32_t in_value;   /* what port_in answers */
    int pending_irq;     /* -1: none */
    bool preempt_always; /* interrupt_pending answers true */
    bool irq_masked[256];
    struct {
        unsigned ioapic;
        unsigned pin;
        bool level;
        bool low;
        unsigned irq;
        unsigned count;
    } route;
};

#define TICKS_PER_US 1000ul

/* A machine with 64 MiB, by the name of its configuration; of the product under test, whichever the
 * configuration is for. */
struct fixture *fixture_new(const char *config);
void fixture_free(struct fixture *f);

/* The answer to an invocation through Call. */
struct result {
    uint64_t error; /* the label */
    uint64_t words[8];
    unsigned length;
};

#define FIXTURE_ARGS_MAX 24

/* What is invoked with what. Unused arguments and caps are 0; `length` counts the arguments. */
struct invocation_of {
    cptr cap;
    enum invocation label;
    unsigned length;
    uint64_t args[FIXTURE_ARGS_MAX];
    unsigned caps_length;
    cptr caps[3];
};

#define COUNT_OF(type, ...) (sizeof((type[]){__VA_ARGS__}) / sizeof(type))
#define ARGS(...)           .length = COUNT_OF(uint64_t, __VA_ARGS__), .args = {__VA_ARGS__}
#define CAPS(...)           .caps_length = COUNT_OF(cptr, __VA_ARGS__), .caps = {__VA_ARGS__}

/* Invoke as the running thread, by Call. CALL(f, cap, CNodeCopy, ARGS(1, 64), CAPS(2)). */
struct result fixture_invoke(struct fixture *f, struct invocation_of what);
#define CALL(f, cap_, label_, ...)                                                                 \
    fixture_invoke((f), (struct invocation_of){.cap = (cap_), .label = (label_), __VA_ARGS__})

/* Enter the kernel as the running thread would: with a system call, an exception, an interrupt. */
void fixture_syscall(struct fixture *f, int64_t number);
void fixture_exception(struct fixture *f, uint8_t vector, uint64_t error, uint64_t address);
void fixture_debug_exception(struct fixture *f, uint64_t debug); /* X86_DEBUG_… */
void fixture_lost(struct fixture *f);
void fixture_interrupt(struct fixture *f);

/* The running thread, and a register of it. */
struct tcb *fixture_current(struct fixture *f);
uint64_t *fixture_register(struct fixture *f, enum x86_register which);

/* The slot that a cptr of the root task means. */
struct slot *fixture_slot(struct fixture *f, cptr address);
#define EXPECT_CAP(f, address, type_) EXPECT_EQ(type_, fixture_slot(f, address)->cap.type)

/* A new object in the next free slot, taken from f->untyped. */
cptr fixture_make(struct fixture *f, enum object_type type, uint64_t size_bits);
/* A number of free slots in a row; returns the first. */
cptr fixture_slots(struct fixture *f, unsigned count);

/* A thread that shares the root task's CSpace and VSpace, has an IPC buffer of its own and, with MCS
 * and unless it is passive, a scheduling context of 10 ms in 10 ms. It is stopped; fixture_start()
 * makes it ready, which at a higher priority than the running one means that it runs. */
struct fixture_thread {
    cptr cap;
    cptr sc; /* MCS */
    struct tcb *tcb;
};
enum fixture_time { FIXTURE_ACTIVE, FIXTURE_PASSIVE };
struct fixture_thread fixture_thread(struct fixture *f, uint8_t priority, enum fixture_time time);
void fixture_start(struct fixture *f, struct fixture_thread thread);

/* The number by which a guest names an invocation or an object type. */
uint64_t fixture_label(struct fixture *f, enum invocation label);
uint64_t fixture_type(struct fixture *f, enum object_type type);

/* The IPC buffer of a thread. */
struct abi_ipc_buffer *fixture_buffer(struct fixture *f, struct tcb *tcb);

/* Every link of the derivation tree goes both ways, and empty slots are in no list. */
void fixture_expect_tree_sound(struct fixture *f);

/* Each product's own: mcs/fixture_product.c, classic/fixture_product.c. */

/* Where bootinfo describes untyped memory, and fill in f->sched_control. */
const struct abi_untyped_description *fixture_untyped_list(struct fixture *f, const void *bootinfo,
                                                           struct abi_slot_region *slots);
/* Share the root task's CSpace, and have this VSpace and fault handler, or no handler: 0. */
void fixture_set_space(struct fixture *f, cptr thread, cptr vspace, cptr handler);
/* A new reply object; classic: 0, for nobody receives with one. */
cptr fixture_new_reply(struct fixture *f);
/* What must hold between two entries of this product alone: everywhere, and for a thread. */
void fixture_expect_kernel_sound(struct fixture *f);
void fixture_expect_thread_sound(struct fixture *f, const struct tcb *tcb);
/* Let it run on time of its own. */
void fixture_give_time(struct fixture *f, struct fixture_thread *thread);
