/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Mistakes. */
#include "cli/test/mistake.h"

#include <stdarg.h>
#include <stdlib.h>

struct position mistake_position(struct test_case *test, const char *where)
{
    /* Whoever asks mostly asks about what comes behind. */
    if (!test->counted || where < test->counted) {
        test->counted = test->source.text;
        test->counted_at = (struct position){.line = 1, .column = 1};
    }
    for (; test->counted < where; test->counted++) {
        if (*test->counted == '\n') {
            test->counted_at.line++;
            test->counted_at.column = 1;
        } else if ((*test->counted & 0xc0) != 0x80) {
            test->counted_at.column++;
        }
    }
    return test->counted_at;
}

void mistake_at(struct test_case *test, const char *where, const char *what, ...)
{
    char *message = NULL;
    va_list arguments;
    va_start(arguments, what);
    int length = vasprintf(&message, what, arguments);
    va_end(arguments);
    struct position at = mistake_position(test, where);
    diagnostic_error(&test->found, "%s:%u:%u: error: %s", test->path, at.line, at.column,
                     length < 0 ? "out of memory" : message);
    diagnostic_quote(&test->found, &test->source, at);
    if (length >= 0) {
        free(message);
    }
}

void mistake_advise_nearest(struct test_case *test, const struct spelling *spelling,
                            const char *otherwise)
{
    if (spelling->nearest) {
        diagnostic_advise(&test->found, "Did you mean '%s'?", spelling->nearest);
    } else {
        diagnostic_advise(&test->found, "%s", otherwise);
    }
}

void mistake_lack_memory(struct test_case *test)
{
    diagnostic_error(&test->found, "%s: error: there is no memory to read it", test->path);
}
