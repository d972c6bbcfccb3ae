/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The objects that live in kernel-private memory, at their physical address and with seL4's own
 * sizes. What one file owns, that file's header explains; the shapes stand here together because
 * they refer to one another.
 *
 * References between objects are physical addresses, 0 for none. The functions `…_at` turn one
 * into a pointer for the length of a kernel entry (state.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/objects.h"
#include "abi/x86/debug.h"
#include "abi/x86/registers.h"
#include "kernel/cap.h"

typedef uint64_t cptr; /* a guest's address of a slot */

/* A first-in first-out queue of threads, linked through tcb.queue. */
struct tcb_queue {
    paddr head;
    paddr tail;
};

struct tcb_link {
    paddr previous;
    paddr next;
};

enum thread_state {
    THREAD_INACTIVE,
    THREAD_RUNNING, /* runs or is ready to */
    THREAD_RESTART, /* ready; will execute its system call (again) */
    THREAD_BLOCKED_ON_RECEIVE,
    THREAD_BLOCKED_ON_SEND,
    THREAD_BLOCKED_ON_REPLY,
    THREAD_BLOCKED_ON_NOTIFICATION,
};

/* Why a lookup failed, as a cap fault or FailedLookup reports it. */
struct lookup_failure {
    uint8_t kind;       /* seL4_LookupFailureType; seL4_NoFailure when it did not fail */
    uint8_t bits_left;  /* missing capability, depth mismatch, guard mismatch */
    uint8_t bits_found; /* depth mismatch; of a guard mismatch: the guard's bits */
    uint64_t guard;     /* guard mismatch */
};

enum fault_kind {
    NO_FAULT,
    CAP_FAULT,
    UNKNOWN_SYSCALL,
    USER_EXCEPTION,
    DEBUG_EXCEPTION,
    TIMEOUT_FAULT,
    VM_FAULT,
};

/* What stopped a thread; turned into a message by fault.c. */
struct fault {
    uint64_t kind; /* enum fault_kind */
    union {
        struct {
            cptr address;
            bool in_receive_phase;
            struct lookup_failure failure;
        } cap;
        struct {
            uint64_t number;
        } syscall;
        struct {
            uint64_t vector;
            uint64_t error;
        } exception;
        struct {
            uint64_t reason;
            uint64_t address;
            uint64_t breakpoint;
        } debug;
        struct {
            uint64_t badge; /* data of the scheduling context */
        } timeout;
        struct {
            uint64_t address;
            uint64_t fsr;
            bool is_instruction;
            bool is_lost_cell; /* the host lost the address space; guests see a VM fault */
        } vm;
    };
};

/* The slots that a TCB begins with. */
enum tcb_slot {
    TCB_CSPACE,
    TCB_VSPACE,
    TCB_IPC_BUFFER,
    TCB_FAULT_HANDLER,   /* MCS */
    TCB_TIMEOUT_HANDLER, /* MCS */
    TCB_SLOTS,
    TCB_REPLY = TCB_FAULT_HANDLER,    /* classic: its master reply cap */
    TCB_CALLER = TCB_TIMEOUT_HANDLER, /* classic: the reply cap of whom it received a call from */
};

#define TCB_NAME_BYTES 128

/*
 * A thread control block.
 *
 * Owner   the untyped that it was retyped from; it dies with the last cap to it.
 * Queued  in at most one queue: ready, release, an endpoint's or a notification's.
 */
struct tcb {
    struct slot slots[TCB_SLOTS];

    /* rip is the address of the instruction that entered the kernel last, next_rip where the thread
     * goes on. A system call that is to be executed again has next_rip == rip. */
    struct x86_registers registers;
    uint64_t next_rip;
    bool in_syscall; /* it entered the kernel with `syscall` last and leaves it the same way */

    uint64_t state; /* enum thread_state */
    struct {
        paddr object; /* endpoint or notification blocked on */
        paddr reply;  /* MCS: reply object, while blocked on receive or reply */
        uint64_t badge;
        bool can_grant; /* of the sender's endpoint cap; classic: or of the receiver's */
        bool can_grant_reply;
        bool is_call;
    } wait;
    struct tcb_link queue;
    bool in_ready_queue;
    bool in_release_queue;

    paddr bound_notification;
    uint64_t ipc_buffer; /* address in the thread's VSpace; the frame is in TCB_IPC_BUFFER */
    uint64_t flags;      /* TCB_FLAG_… */
    uint8_t priority;
    uint8_t mcp;
    uint8_t domain;

    paddr sc;                 /* MCS; 0: passive */
    paddr yield_to;           /* MCS: the scheduling context that this thread yielded to */
    uint64_t time_slice;      /* classic: ticks left */
    cptr fault_handler;       /* classic: looked up when it faults */
    bool is_stopped_by_fault; /* classic: nobody could be told, and it has not been resumed */

    struct fault fault;

    bool single_step;
    uint64_t single_step_left; /* instructions until its handler hears of it */
    struct x86_breakpoint breakpoints[X86_BREAKPOINTS];
    uint64_t breakpoints_used; /* a bit for each that was set; none: the CPU has none enabled */

    uint64_t utilisation_ticks;
    uint64_t times_scheduled;

    struct tcb_link all;       /* every thread there is, for dumps and reports */
    char name[TCB_NAME_BYTES]; /* NUL-terminated; debug configurations */
};
_Static_assert(sizeof(struct tcb) <= 1u << TCB_BITS, "a TCB fits");

enum endpoint_state { ENDPOINT_IDLE, ENDPOINT_SENDING, ENDPOINT_RECEIVING };

/* A rendezvous. 16 bytes, so the two links are in units of 2048, a TCB's alignment. */
struct endpoint {
    uint64_t head_2k : 37;
    uint64_t state : 2; /* enum endpoint_state */
    uint64_t : 25;
    uint64_t tail_2k : 37;
    uint64_t : 27;
};
_Static_assert(sizeof(struct endpoint) == 1u << seL4_EndpointBits, "an endpoint fits");

enum notification_state { NOTIFICATION_IDLE, NOTIFICATION_WAITING, NOTIFICATION_ACTIVE };

/* A word of binary semaphores. The classic kernel's are 32 bytes, so links are as an endpoint's. */
struct notification {
    uint64_t badge; /* signals not yet received, when active */
    uint64_t head_2k : 37;
    uint64_t state : 2; /* enum notification_state */
    uint64_t : 25;
    uint64_t tail_2k : 37;
    uint64_t : 27;
    paddr bound_tcb;
    paddr sc; /* MCS, and beyond the end of a classic one */
};
_Static_assert(offsetof(struct notification, sc) == 1u << NOTIFICATION_BITS_CLASSIC, "fits");
_Static_assert(sizeof(struct notification) <= 1u << NOTIFICATION_BITS_MCS, "fits");

/*
 * A reply object: links a caller, or a faulter, with whoever can answer it. 32 bytes.
 *
 * Objects of one scheduling context form its call stack: `next` is towards the thread that runs on
 * the donated context, `previous` towards the first caller.
 */
struct reply {
    paddr tcb; /* the caller, blocked on reply; or the thread that is about to receive with this */
    paddr previous;
    paddr next; /* a reply object, or the scheduling context when is_head */
    uint64_t is_head;
};
_Static_assert(sizeof(struct reply) == 1u << seL4_ReplyBits, "a reply object fits");

struct refill {
    uint64_t time_ticks; /* when it can be used */
    uint64_t amount_ticks;
};
_Static_assert(sizeof(struct refill) == SCHED_CONTEXT_REFILL_BYTES, "a refill");

/*
 * A right to time: the budget may be used once in each period. The refills, a ring of refills_max,
 * follow it and say which part of the budget can be used when; their amounts add up to it.
 */
struct sched_context {
    uint64_t period_ticks;   /* 0: round robin, the budget is there again at once */
    uint64_t consumed_ticks; /* since the last seL4_SchedContext_Consumed */
    uint64_t badge;
    paddr tcb;
    paddr reply; /* top of the call stack */
    paddr notification;
    paddr yield_from; /* TCB that yielded to this one and waits to hear what was consumed */
    uint64_t refill_head;
    uint64_t refill_tail;
    uint64_t refills_max; /* 0: not configured, so inactive */
    bool sporadic;        /* unused budget is kept until the thread wakes, not until it runs */
};
_Static_assert(sizeof(struct sched_context) <= 96, "leaves room for two refills");
