/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Excerpts. */
#include "cli/test/excerpt.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void excerpt_add(struct excerpt *excerpt, const char *bytes, size_t length)
{
    if (!excerpt->bytes) {
        excerpt->bytes = malloc(EXCERPT_HEAD_BYTES + EXCERPT_TAIL_BYTES);
    }
    if (!excerpt->bytes) {
        return;
    }
    while (length > 0) {
        char *to = excerpt->bytes + excerpt->total;
        size_t room = EXCERPT_HEAD_BYTES - (size_t)excerpt->total;
        if (excerpt->total >= EXCERPT_HEAD_BYTES) {
            size_t at = (size_t)((excerpt->total - EXCERPT_HEAD_BYTES) % EXCERPT_TAIL_BYTES);
            to = excerpt->bytes + EXCERPT_HEAD_BYTES + at;
            room = EXCERPT_TAIL_BYTES - at;
        }
        size_t taken = length < room ? length : room;
        memcpy(to, bytes, taken);
        excerpt->total += taken;
        bytes += taken;
        length -= taken;
    }
}

static void write_ring(FILE *stream, const char *ring, uint64_t end)
{
    size_t at = (size_t)(end % EXCERPT_TAIL_BYTES);
    fwrite(ring + at, 1, EXCERPT_TAIL_BYTES - at, stream);
    fwrite(ring, 1, at, stream);
}

char *excerpt_text(const struct excerpt *excerpt, size_t *length)
{
    char *text = NULL;
    FILE *stream = excerpt->bytes ? open_memstream(&text, length) : NULL;
    if (!stream) {
        return NULL;
    }
    uint64_t kept = EXCERPT_HEAD_BYTES + EXCERPT_TAIL_BYTES;
    if (excerpt->total <= kept) {
        fwrite(excerpt->bytes, 1, (size_t)excerpt->total, stream);
    } else {
        fwrite(excerpt->bytes, 1, EXCERPT_HEAD_BYTES, stream);
        fprintf(stream, "\n[... %" PRIu64 " bytes are left out here ...]\n", excerpt->total - kept);
        write_ring(stream, excerpt->bytes + EXCERPT_HEAD_BYTES,
                   excerpt->total - EXCERPT_HEAD_BYTES);
    }
    if (fclose(stream) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

void excerpt_free(struct excerpt *excerpt)
{
    free(excerpt->bytes);
    *excerpt = (struct excerpt){.bytes = NULL};
}
