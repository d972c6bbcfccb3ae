/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Invoking a kernel object: a call to its cap, with a label that says what to do, up to three more
 * caps and some words. The answer's label is the error.
 *
 * An error leaves message registers 0 to 3, which say more about it, in the IPC buffer: see
 * sel4/errors.h. Every invocation may answer seL4_InvalidCapability (the slot is empty or holds
 * a cap of another type) and seL4_IllegalOperation; each object's section of the manual has the rest.
 */
#pragma once

#include <sel4/errors.h>
#include <sel4/invocation.h>
#include <sel4/sel4_arch/syscalls.h>
#include <sel4/syscalls.h>

struct sel4_answer {
    int error; /* a seL4_Error */
    struct sel4_mrs mrs;
};

/* Calls, and keeps the rule about errors. */
LIBSEL4_INLINE_FUNC struct sel4_answer sel4_perform(seL4_CPtr service, seL4_MessageInfo_t info,
                                                    struct sel4_mrs mrs)
{
    seL4_Word badge;
    info = sel4_send_receive(seL4_SysCall, service, info, &badge, &mrs, 0);
    struct sel4_answer answer = {(int)seL4_MessageInfo_get_label(info), mrs};
    if (answer.error != seL4_NoError) {
        sel4_mrs_to_buffer(mrs);
#ifdef CONFIG_KERNEL_INVOCATION_REPORT_ERROR_IPC
        if (seL4_CanPrintError()) {
            seL4_DebugPutString(seL4_GetDebugError());
        }
#endif
    }
    return answer;
}

/*
 * Invokes with the first `cap_count` of the caps and the first `word_count` of the words. Always
 * inline: the compiler knows the counts, and only the stores that are needed remain.
 */
__attribute__((always_inline)) LIBSEL4_INLINE_FUNC struct sel4_answer
sel4_query(seL4_Word cap_count, seL4_CPtr service, seL4_CPtr cap0, seL4_CPtr cap1, seL4_CPtr cap2,
           seL4_Word word_count, enum invocation_label label, seL4_Word word0, seL4_Word word1,
           seL4_Word word2, seL4_Word word3, seL4_Word word4, seL4_Word word5, seL4_Word word6,
           seL4_Word word7)
{
    const struct sel4_mrs mrs = {word0, word1, word2, word3};
    if (cap_count > 0) {
        seL4_SetCap(0, cap0);
    }
    if (cap_count > 1) {
        seL4_SetCap(1, cap1);
    }
    if (cap_count > 2) {
        seL4_SetCap(2, cap2);
    }
    if (word_count > 4) {
        seL4_SetMR(4, word4);
    }
    if (word_count > 5) {
        seL4_SetMR(5, word5);
    }
    if (word_count > 6) {
        seL4_SetMR(6, word6);
    }
    if (word_count > 7) {
        seL4_SetMR(7, word7);
    }
    return sel4_perform(service, seL4_MessageInfo_new(label, 0, cap_count, word_count), mrs);
}

/*
 * The shape of every stub: the caps, that of the object first; the label, and up to eight words.
 *
 *     return SEL4_INVOKE((_service, src_root), CNodeCopy, dest_index, dest_depth, ...);
 *
 * SEL4_INVOKE is the error, and SEL4_QUERY the whole answer. The macros below count the arguments
 * and fill the missing ones with 0.
 */
#define SEL4_INVOKE(caps, ...) ((seL4_Error)SEL4_QUERY(caps, __VA_ARGS__).error)
#define SEL4_QUERY(caps, ...)                                                                      \
    sel4_query(SEL4_COUNT_REST caps, SEL4_FIRST_4 caps, SEL4_COUNT_REST(__VA_ARGS__),              \
               SEL4_FIRST_9(__VA_ARGS__))

#define SEL4_COUNT_REST(...) SEL4_10TH(__VA_ARGS__, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0)
#define SEL4_FIRST_4(...)    SEL4_CUT_4(__VA_ARGS__, 0, 0, 0, 0)
#define SEL4_FIRST_9(...)    SEL4_CUT_9(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0, 0, 0)

#define SEL4_10TH(a, b, c, d, e, f, g, h, i, tenth, ...) tenth
#define SEL4_CUT_4(a, b, c, d, ...)                      a, b, c, d
#define SEL4_CUT_9(a, b, c, d, e, f, g, h, i, ...)       a, b, c, d, e, f, g, h, i
