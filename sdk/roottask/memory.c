/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The four functions that compilers call on their own. Weak: a libc brings its own. */

#include <stddef.h>

__attribute__((weak)) void *memcpy(void *restrict target, const void *restrict source, size_t n);
__attribute__((weak)) void *memmove(void *target, const void *source, size_t n);
__attribute__((weak)) void *memset(void *target, int byte, size_t n);
__attribute__((weak)) int memcmp(const void *left, const void *right, size_t n);

/* `rep` so that no compiler finds a loop here that looks like a memcpy(). */
void *memcpy(void *restrict target, const void *restrict source, size_t n)
{
    void *to = target;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(source), "+c"(n) : : "memory");
    return target;
}

void *memmove(void *target, const void *source, size_t n)
{
    if ((size_t)((char *)target - (const char *)source) >= n) {
        return memcpy(target, source, n);
    }
    char *to = (char *)target + n - 1;
    const char *from = (const char *)source + n - 1;
    __asm__ volatile("std\n\trep movsb\n\tcld" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
    return target;
}

void *memset(void *target, int byte, size_t n)
{
    void *to = target;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(byte) : "memory");
    return target;
}

int memcmp(const void *left, const void *right, size_t n)
{
    const unsigned char *l = left, *r = right;
    for (size_t i = 0; i < n; i++) {
        if (l[i] != r[i]) {
            return l[i] - r[i];
        }
    }
    return 0;
}
