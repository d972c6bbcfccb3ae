/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * An invocation while it is decoded and performed, and the ways to answer it.
 *
 * Decode functions have the form `enum answer decode_x(struct call *)`: they check everything, in
 * seL4's order, and end in `return answer_…(call, …)` for each refusal or in a perform function and
 * `return ANSWER_DONE`. The message was copied from the guest once, before decoding.
 */
#pragma once

#include "abi/errors.h"
#include "kernel/state.h"

enum answer {
    ANSWER_DONE,
    ANSWER_REFUSED,
    ANSWER_PREEMPTED, /* the call is to be executed again from its own instruction */
};

#define CALL_ARGS_MAX    32
#define CALL_RESULTS_MAX 24

struct call {
    struct kernel *k;
    struct tcb *caller;
    enum invocation label; /* InvalidInvocation when the number means nothing */
    uint64_t label_number; /* what the guest wrote */
    struct slot *slot;     /* of the invoked cap */
    struct cap cap;
    cptr cptr;

    unsigned length;              /* words of the message that exist, at most MESSAGE_LENGTH_MAX */
    uint64_t args[CALL_ARGS_MAX]; /* the first of them; 0 beyond length */
    struct slot *extra[3];
    unsigned extra_count;

    bool is_call;        /* the caller waits for an answer */
    bool is_blocking;    /* Send and Call, not NBSend */
    bool can_donate;     /* MCS: the scheduling context may go along */
    bool is_first_phase; /* MCS: of NBSendRecv and its kin */

    /* Filled in by perform functions that return words. */
    unsigned result_count;
    uint64_t results[CALL_RESULTS_MAX];

    /* Filled in by answer_…(): the reply's label and message registers. */
    seL4_Error error;
    unsigned error_word_count;
    uint64_t error_words[6];
};

/*
 * Why a call was refused, for a person: half a sentence in which each %u, %x and %n stands for the
 * next argument, as decimal, hexadecimal, or the name of the thread with that TCB address; %s is a
 * text of the host's, passed as uintptr_t.
 *
 *     WHY("priority %u is above the authority's MCP, %u", priority, mcp)
 */
struct why {
    const char *text;
    uint64_t args[5]; /* from index 1 */
};
#define WHY(text, ...) ((struct why){(text), {0, __VA_ARGS__}})

/* Each fills in the whole answer, reports the reason in debug configurations, and returns
 * ANSWER_REFUSED. Argument and cap numbers count from 0 and 0 is the invoked cap, as in seL4. */
enum answer answer_truncated(struct call *call, unsigned words, unsigned caps); /* what it needs */
enum answer answer_illegal(struct call *call, struct why why);
enum answer answer_invalid_argument(struct call *call, unsigned number, struct why why);
enum answer answer_invalid_cap(struct call *call, unsigned number, struct why why);
enum answer answer_range(struct call *call, uint64_t least, uint64_t greatest, struct why why);
enum answer answer_alignment(struct call *call, struct why why);
enum answer answer_delete_first(struct call *call, struct why why);
enum answer answer_revoke_first(struct call *call, struct why why);
enum answer answer_not_enough_memory(struct call *call, uint64_t bytes_left, struct why why);

enum lookup_side { LOOKUP_SOURCE, LOOKUP_DESTINATION }; /* what MR0 of FailedLookup says */
enum answer answer_failed_lookup(struct call *call, enum lookup_side side,
                                 struct lookup_failure failure);
/* The same for lookups of other things than caps. */
enum answer answer_failed_lookup_of(struct call *call, enum lookup_side side,
                                    struct lookup_failure failure, struct why why);

/* The label does not exist for this object. */
enum answer answer_unknown_label(struct call *call);

/* A word that the caller gets back in its next message register. */
static inline void call_result(struct call *call, uint64_t word)
{
    ASSERT(call->result_count < CALL_RESULTS_MAX);
    call->results[call->result_count++] = word;
}

/* The message that reports a lookup failure, from `words[0]` on: its type, then what it has.
 * Returns how many words. */
unsigned lookup_failure_words(struct lookup_failure failure, uint64_t words[4]);
