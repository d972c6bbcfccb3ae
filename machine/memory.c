/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The machine's memory. */
#include "machine/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * From Linux 6.3 on a memfd says whether it may be executed as a file, and a host can insist that
 * it may not (vm.memfd_noexec). Ours is mapped only, code and all, which is another thing.
 */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

#define PUNCH_BYTES_MIN 0x10000
#define PAGE_BYTES      0x1000

/* /proc/self/pagemap: one word a page. */
#define PAGEMAP_PRESENT (UINT64_C(1) << 63)
#define PAGEMAP_SWAPPED (UINT64_C(1) << 62)
#define PAGEMAP_WORDS   256u

static int make_memfd(void)
{
    int fd = memfd_create("quoll-ram", MFD_CLOEXEC | MFD_NOEXEC_SEAL);
    if (fd < 0 && errno == EINVAL) {
        fd = memfd_create("quoll-ram", MFD_CLOEXEC);
    }
    return fd;
}

static void *map_anonymous(uint64_t bytes)
{
    return mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                -1, 0);
}

int memory_open(struct memory *memory, uint64_t bytes, struct machine_error *error)
{
    *memory = (struct memory){.bytes = bytes, .ram = MAP_FAILED, .objects = MAP_FAILED};
    memory->pages_fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    memory->ram_fd = make_memfd();
    if (memory->ram_fd >= 0 && ftruncate(memory->ram_fd, (off_t)bytes) == 0) {
        memory->ram = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
                           memory->ram_fd, 0);
        memory->objects = memory->ram == MAP_FAILED ? MAP_FAILED : map_anonymous(bytes);
    }
    if (memory->objects == MAP_FAILED) {
        int failure = -errno;
        machine_error_set(error,
                          "cannot make %llu MiB of memory: %s\n"
                          "      The machine reserves twice that in addresses, and uses what its "
                          "system touches.\n"
                          "      Try a smaller --memory, or raise the limit (ulimit -v, -f or -n).",
                          (unsigned long long)(bytes >> 20), strerror(-failure));
        memory_close(memory);
        return failure;
    }
    return 0;
}

void memory_close(struct memory *memory)
{
    if (memory->objects != MAP_FAILED && memory->objects) {
        munmap(memory->objects, memory->bytes);
    }
    if (memory->ram != MAP_FAILED && memory->ram) {
        munmap(memory->ram, memory->bytes);
    }
    if (memory->ram_fd >= 0) {
        close(memory->ram_fd);
    }
    if (memory->pages_fd >= 0) {
        close(memory->pages_fd);
    }
    *memory = (struct memory){.ram_fd = -1, .pages_fd = -1};
}

/* Reading an untouched page costs the host no memory; writing zeros to it would. */
static void clear_touched(uint8_t *memory, uint64_t bytes)
{
    for (uint64_t done = 0; done < bytes; done += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, memory + done, sizeof(word));
        if (word != 0) {
            memset(memory + done, 0, bytes - done);
            return;
        }
    }
}

static bool give_back(struct memory *memory, uint64_t base, uint64_t bytes)
{
    bool whole_pages = (base | bytes) % PAGE_BYTES == 0;
    return whole_pages && bytes > PUNCH_BYTES_MIN &&
           fallocate(memory->ram_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)base,
                     (off_t)bytes) == 0 &&
           madvise(memory->objects + base, bytes, MADV_DONTNEED) == 0;
}

void memory_clear(struct memory *memory, uint64_t base, uint64_t bytes)
{
    if (!give_back(memory, base, bytes)) {
        clear_touched(memory->ram + base, bytes);
        clear_touched(memory->objects + base, bytes);
    }
}

static size_t used_pages(const uint64_t *words, size_t count)
{
    while (count > 0 && (words[count - 1] & (PAGEMAP_PRESENT | PAGEMAP_SWAPPED)) == 0) {
        count--;
    }
    return count;
}

uint64_t memory_used(const struct memory *memory, uint64_t base, uint64_t bytes)
{
    uint64_t words[PAGEMAP_WORDS];
    uint64_t first = ((uintptr_t)memory->objects + base) / PAGE_BYTES;
    uint64_t count = bytes / PAGE_BYTES;
    while (count > 0) {
        uint64_t looked = count < PAGEMAP_WORDS ? count : PAGEMAP_WORDS;
        size_t size = looked * sizeof(words[0]);
        off_t at = (off_t)((first + count - looked) * sizeof(words[0]));
        if (pread(memory->pages_fd, words, size, at) != (ssize_t)size) {
            break;
        }
        size_t used = used_pages(words, looked);
        count -= looked - used;
        if (used != 0) {
            break;
        }
    }
    return count * PAGE_BYTES;
}
