/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What the initialiser tells a person when it cannot go on. */
#include "microkit/initialiser/initialiser.h"

#include <stddef.h>

/* 'mr_ring', or for one of many: 'mr_ring' (number 3 of 16). */
void report_object(const struct initialiser *init, uint32_t object)
{
    const struct spec_objects *run = object_run(init, object);
    console_puts("'");
    console_puts((const char *)init->spec + run->name);
    console_puts("'");
    if (run->count > 1) {
        console_puts(" (number ");
        console_put_decimal(object - run->first + 1);
        console_puts(" of ");
        console_put_decimal(run->count);
        console_puts(")");
    }
}

void stop(void)
{
    console_puts("\n");
    /* A fault that nobody handles: what watches the kernel learns that this is no ordinary end. */
    __builtin_trap();
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
    console_puts("INITIALISER|ERROR: cannot ");
    console_puts(deed);
    console_puts(" ");
    report_object(init, object);
}

void check(const struct initialiser *init, seL4_Error error, const char *deed, uint32_t object)
{
    if (error != seL4_NoError) {
        report_failure(init, deed, object);
        console_puts(": ");
        console_puts(error_name(error));
        stop();
    }
}

void check_at(const struct initialiser *init, seL4_Error error, const char *deed, uint32_t object,
              uint64_t vaddr)
{
    if (error != seL4_NoError) {
        report_failure(init, deed, object);
        console_puts(" at ");
        console_put_hex(vaddr);
        console_puts(": ");
        console_puts(error_name(error));
        stop();
    }
}
