/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What the initialiser tells a person when it cannot go on. */
#include "microkit/initialiser/initialiser.h"

#include <stddef.h>

static void put(char c)
{
#ifdef CONFIG_PRINTING
    seL4_DebugPutChar(c);
#else
    (void)c;
#endif
}

void report(const char *text)
{
    for (; *text != '\0'; text++) {
        put(*text);
    }
}

static void report_in_base(uint64_t value, unsigned base)
{
    char digits[24];
    size_t at = sizeof digits;
    digits[--at] = '\0';
    do {
        digits[--at] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    report(&digits[at]);
}

void report_hex(uint64_t value)
{
    report("0x");
    report_in_base(value, 16);
}

void report_number(uint64_t value)
{
    report_in_base(value, 10);
}

/* 'mr_ring', or for one of many: 'mr_ring' (number 3 of 16). */
void report_object(const struct initialiser *init, uint32_t object)
{
    const struct spec_objects *run = object_run(init, object);
    report("'");
    report((const char *)init->spec + run->name);
    report("'");
    if (run->count > 1) {
        report(" (number ");
        report_number(object - run->first + 1);
        report(" of ");
        report_number(run->count);
        report(")");
    }
}

void stop(void)
{
    report("\n");
#ifdef CONFIG_DEBUG_BUILD
    seL4_DebugHalt();
#endif
    for (;;) {
        seL4_TCB_Suspend(seL4_CapInitThreadTCB);
    }
}

static const char *error_name(seL4_Error error)
{
    static const char *const names[seL4_NumErrors] = {
        [seL4_NoError] = "seL4_NoError",
        [seL4_InvalidArgument] = "seL4_InvalidArgument",
        [seL4_InvalidCapability] = "seL4_InvalidCapability",
        [seL4_IllegalOperation] = "seL4_IllegalOperation",
        [seL4_RangeError] = "seL4_RangeError",
        [seL4_AlignmentError] = "seL4_AlignmentError",
        [seL4_FailedLookup] = "seL4_FailedLookup",
        [seL4_TruncatedMessage] = "seL4_TruncatedMessage",
        [seL4_DeleteFirst] = "seL4_DeleteFirst",
        [seL4_RevokeFirst] = "seL4_RevokeFirst",
        [seL4_NotEnoughMemory] = "seL4_NotEnoughMemory",
    };
    return (unsigned)error < seL4_NumErrors ? names[error] : "an unknown error";
}

static void report_failure(const struct initialiser *init, const char *deed, uint32_t object)
{
    report("INITIALISER|ERROR: cannot ");
    report(deed);
    report(" ");
    report_object(init, object);
}

void check(const struct initialiser *init, seL4_Error error, const char *deed, uint32_t object)
{
    if (error != seL4_NoError) {
        report_failure(init, deed, object);
        report(": ");
        report(error_name(error));
        stop();
    }
}

void check_at(const struct initialiser *init, seL4_Error error, const char *deed, uint32_t object,
              uint64_t vaddr)
{
    if (error != seL4_NoError) {
        report_failure(init, deed, object);
        report(" at ");
        report_hex(vaddr);
        report(": ");
        report(error_name(error));
        stop();
    }
}
