/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/bytes.h"

#include <stdlib.h>
#include <string.h>

static bool bytes_reserve(struct bytes *bytes, size_t size)
{
    if (size <= bytes->capacity - bytes->size) {
        return true;
    }
    size_t capacity = bytes->capacity * 2 + size;
    uint8_t *data = capacity < size ? NULL : realloc(bytes->data, capacity);
    if (data == NULL) {
        bytes->lost = true;
        return false;
    }
    bytes->data = data;
    bytes->capacity = capacity;
    return true;
}

size_t bytes_append(struct bytes *bytes, const void *data, size_t size)
{
    size_t offset = bytes->size;
    if (size == 0 || !bytes_reserve(bytes, size)) {
        return offset;
    }
    if (data != NULL) {
        memcpy(bytes->data + offset, data, size);
    } else {
        memset(bytes->data + offset, 0, size);
    }
    bytes->size += size;
    return offset;
}

size_t bytes_align(struct bytes *bytes, size_t alignment)
{
    bytes_append(bytes, NULL, -bytes->size & (alignment - 1));
    return bytes->size;
}

void bytes_free(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct bytes){0};
}
