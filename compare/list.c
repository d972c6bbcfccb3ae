/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Arrays that grow. */
#include "compare/list.h"

#include "machine/ending.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void end_without_memory(void)
{
    fputs("quoll: the host has no memory left for the measurements\n"
          "      Ask for fewer iterations or rounds. The runs that are over are kept.\n",
          stderr);
    exit(EXIT_HOST);
}

void *list_room(void *items, size_t count, size_t *room, size_t item_size)
{
    if (count < *room) {
        return items;
    }
    size_t wanted = *room == 0 ? 16 : *room * 2;
    void *grown = wanted < SIZE_MAX / item_size ? realloc(items, wanted * item_size) : NULL;
    if (!grown) {
        end_without_memory();
    }
    memset((char *)grown + count * item_size, 0, (wanted - count) * item_size);
    *room = wanted;
    return grown;
}

void *list_new(size_t count, size_t item_size)
{
    void *items = calloc(count > 0 ? count : 1, item_size);
    if (!items) {
        end_without_memory();
    }
    return items;
}

char *text_of(const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0) {
        end_without_memory();
    }
    return text;
}
