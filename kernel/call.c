/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The ways to answer an invocation. */
#include "kernel/call.h"

#include "kernel/call_names.h"
#include "kernel/mismatch.h"
#include "kernel/say.h"

/* One sentence for a person: the call, why, the cap, the thread. */
static void report(struct call *call, struct why why)
{
    if (!call->k->config.printing) {
        return;
    }
    struct line line = {0};
    if (call->label != InvalidInvocation) {
        line_add(&line, "seL4_");
        line_add(&line, call_name(call->label));
    } else {
        line_add(&line, "invocation with label ");
        line_add_decimal(&line, call->label_number);
    }
    line_add(&line, ": ");
    line_add_why(call->k, &line, why);
    line_add(&line, " (thread '");
    line_add(&line, call->caller->name);
    line_add(&line, "', ");
    line_add(&line, cap_type_name(cap_type(call->cap)));
    line_add(&line, " cap ");
    line_add_hex(&line, call->cptr);
    line_add(&line, ")");
    say(call->k, &line);
}

static void add_error_word(struct call *call, uint64_t word)
{
    call->error_words[call->error_word_count++] = word;
}

static enum answer refuse(struct call *call, seL4_Error error, struct why why)
{
    call->error = error;
    call->error_word_count = 0;
    call->k->stats.refusals++;
    report(call, why);
    return ANSWER_REFUSED;
}

enum answer answer_truncated(struct call *call, unsigned words, unsigned caps)
{
    return refuse(call, seL4_TruncatedMessage,
                  WHY("the message has %u words and %u caps, and needs %u and %u", call->length,
                      call->extra_count, words, caps));
}

enum answer answer_illegal(struct call *call, struct why why)
{
    return refuse(call, seL4_IllegalOperation, why);
}

enum answer answer_invalid_argument(struct call *call, unsigned number, struct why why)
{
    refuse(call, seL4_InvalidArgument, why);
    add_error_word(call, number);
    return ANSWER_REFUSED;
}

enum answer answer_invalid_cap(struct call *call, unsigned number, struct why why)
{
    refuse(call, seL4_InvalidCapability, why);
    add_error_word(call, number);
    return ANSWER_REFUSED;
}

enum answer answer_range(struct call *call, uint64_t least, uint64_t greatest, struct why why)
{
    refuse(call, seL4_RangeError, why);
    add_error_word(call, least);
    add_error_word(call, greatest);
    return ANSWER_REFUSED;
}

enum answer answer_alignment(struct call *call, struct why why)
{
    return refuse(call, seL4_AlignmentError, why);
}

enum answer answer_delete_first(struct call *call, struct why why)
{
    return refuse(call, seL4_DeleteFirst, why);
}

enum answer answer_revoke_first(struct call *call, struct why why)
{
    return refuse(call, seL4_RevokeFirst, why);
}

enum answer answer_not_enough_memory(struct call *call, uint64_t bytes_left, struct why why)
{
    refuse(call, seL4_NotEnoughMemory, why);
    add_error_word(call, bytes_left);
    return ANSWER_REFUSED;
}

unsigned lookup_failure_words(struct lookup_failure failure, uint64_t words[4])
{
    words[0] = failure.kind;
    switch (failure.kind) {
    case seL4_MissingCapability:
        words[1] = failure.bits_left;
        return 2;
    case seL4_DepthMismatch:
        words[1] = failure.bits_left;
        words[2] = failure.bits_found;
        return 3;
    case seL4_GuardMismatch:
        words[1] = failure.bits_left;
        words[2] = failure.guard;
        words[3] = failure.bits_found;
        return 4;
    default:
        return 1;
    }
}

static struct why why_lookup_failed(enum lookup_side side, struct lookup_failure failure)
{
    bool source = side == LOOKUP_SOURCE;
    switch (failure.kind) {
    case seL4_InvalidRoot:
        return source ? WHY("the source's root is no CNode") : WHY("the root is no CNode");
    case seL4_MissingCapability:
        return source ? WHY("the source slot is empty or no CNode where one is needed, with %u "
                            "bits left",
                            failure.bits_left)
                      : WHY("there is no such cap, with %u bits left", failure.bits_left);
    case seL4_DepthMismatch:
        return source ? WHY("the source's depth does not fit: %u bits left, %u at this level",
                            failure.bits_left, failure.bits_found)
                      : WHY("the depth does not fit: %u bits left, %u at this level",
                            failure.bits_left, failure.bits_found);
    default:
        return source ? WHY("the source's guard does not match: it is %x in %u bits", failure.guard,
                            failure.bits_found)
                      : WHY("the guard does not match: it is %x in %u bits", failure.guard,
                            failure.bits_found);
    }
}

enum answer answer_failed_lookup(struct call *call, enum lookup_side side,
                                 struct lookup_failure failure)
{
    return answer_failed_lookup_of(call, side, failure, why_lookup_failed(side, failure));
}

enum answer answer_failed_lookup_of(struct call *call, enum lookup_side side,
                                    struct lookup_failure failure, struct why why)
{
    refuse(call, seL4_FailedLookup, why);
    add_error_word(call, side == LOOKUP_SOURCE);
    uint64_t words[4];
    unsigned count = lookup_failure_words(failure, words);
    for (unsigned i = 0; i < count; i++) {
        add_error_word(call, words[i]);
    }
    return ANSWER_REFUSED;
}

enum answer answer_unknown_label(struct call *call)
{
    enum answer answer = answer_illegal(call, WHY("this object has no such operation"));
    mismatch_label(call);
    return answer;
}
