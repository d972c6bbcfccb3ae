/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Results. */
#include "cli/test/result.h"

#include <stdlib.h>
#include <string.h>

size_t results_count(const struct results *results, enum verdict verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < results->count; i++) {
        count += results->all[i].verdict == verdict;
    }
    return count;
}

bool result_is_bad(const struct result *result)
{
    return result->verdict == VERDICT_FAILED || result->verdict == VERDICT_BROKEN;
}

const char *result_message(const struct result *result, size_t *length)
{
    const struct diagnostic *first = result->failures.first;
    const char *text = first ? first->text : "there was no memory to say why";
    *length = strcspn(text, "\n");
    return text;
}

void result_free(struct result *result)
{
    diagnostics_free(&result->failures);
    free(result->output);
    free(result->report);
    free(result->command);
    case_close(&result->test);
}
