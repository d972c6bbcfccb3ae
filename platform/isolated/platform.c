/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Opening a platform, which proves that the host has what it takes; and closing it. */
#include "platform/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/prctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "abi/x86/exceptions.h"
#include "platform/isolated/bases.h"
#include "platform/isolated/bell.h"
#include "platform/isolated/beside.h"
#include "platform/isolated/cell.h"
#include "platform/isolated/fpu.h"
#include "platform/isolated/host.h"
#include "platform/isolated/isolated.h"
#include "platform/isolated/pages.h"
#include "platform/isolated/thread.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010u
#endif

/* The stub as a program, from build/include. */
static const uint8_t stub_program[] = {
#include "stub_program.inc"
};

#define NOEXEC_ADVICE                                                                              \
    "Quoll executes a small program from memory (memfd_create). A security policy of the host "    \
    "or\n"                                                                                         \
    "the container forbids it; look at `sysctl vm.memfd_noexec`, which must not be 2."

static int make_stub(struct platform *platform, struct platform_error *error)
{
    /* Linux before 6.3 does not know MFD_EXEC, and needs none. */
    int fd = host.memfd_create("quoll-stub", MFD_CLOEXEC | MFD_EXEC);
    if (fd < 0 && errno == EINVAL) {
        fd = host.memfd_create("quoll-stub", MFD_CLOEXEC);
    }
    if (fd < 0) {
        return host_refused(error, errno, "make memory for the stub", NOEXEC_ADVICE);
    }
    ssize_t written = host.write(fd, stub_program, sizeof(stub_program));
    if (written != (ssize_t)sizeof(stub_program)) {
        int code = written < 0 ? errno : ENOSPC;
        close(fd);
        return host_failed(error, code, "write the stub to memory");
    }
    platform->stub_fd = fd;
    return 0;
}

static uint64_t mmap_min_address(void)
{
    uint64_t address = 0;
    FILE *file = fopen("/proc/sys/vm/mmap_min_addr", "re");
    if (file != NULL) {
        if (fscanf(file, "%" SCNu64, &address) != 1) {
            address = 0;
        }
        fclose(file);
    }
    /* Reported as 0 the page at 0 could be mapped by some users and not by others. */
    return address < 0x1000 ? 0x1000 : address;
}

static void list_reserved(struct platform *platform)
{
    const struct platform_range ranges[] = {
        {0, mmap_min_address() - 1, "is below vm.mmap_min_addr, where Linux maps nothing"},
        {STUB_LOW_BASE, STUB_LOW_BASE + STUB_LOW_BYTES - 1,
         "is where Quoll's stub keeps the system calls that it rewrites"},
        {STUB_BASE, STUB_BASE + STUB_HIGH_BYTES - 1, "is where Quoll's stub lives"},
    };
    platform->reserved_count = sizeof(ranges) / sizeof(ranges[0]);
    memcpy(platform->reserved, ranges, sizeof(ranges));
}

size_t platform_reserved(const struct platform *platform, const struct platform_range **ranges)
{
    *ranges = platform->reserved;
    return platform->reserved_count;
}

bool platform_traps_tsc(const struct platform *platform)
{
    return platform->traps_tsc;
}

bool platform_traps_cpuid(const struct platform *platform)
{
    return platform->traps_cpuid;
}

#define PROBE_ADDRESS 0x1000000
#define PROBE_OBJECT  0x1000

#define PROBE_TSC   (PROBE_ADDRESS + 2)
#define PROBE_CPUID (PROBE_ADDRESS + 4)

/* syscall, rdtsc, cpuid, syscall */
static const uint8_t probe_code[] = {0x0f, 0x05, 0x0f, 0x31, 0x0f, 0xa2, 0x0f, 0x05};

static enum run_result run_probe_thread(struct platform *platform, struct platform_thread *thread,
                                        struct platform_error *error)
{
    enum run_result result;
    do {
        result = platform_run(platform, thread, RUN_FOREVER, error);
    } while (result == RUN_KICKED);
    return result;
}

#define MEASURED_EXCHANGES 16

/* What a system call takes when nobody disturbs it. */
static uint64_t measure_exchange(struct platform *platform, struct platform_thread *thread,
                                 struct platform_error *error)
{
    uint64_t least_ns = UINT64_MAX;
    for (unsigned i = 0; i < MEASURED_EXCHANGES; i++) {
        uint64_t start_ns = host_now_ns();
        if (run_probe_thread(platform, thread, error) != RUN_SYSCALL) {
            return 0;
        }
        uint64_t took_ns = host_now_ns() - start_ns;
        least_ns = took_ns < least_ns ? took_ns : least_ns;
    }
    return least_ns;
}

/* Does the instruction at this address raise the exception? */
static bool run_traps(struct platform *platform, struct platform_thread *thread, uint64_t rip,
                      enum x86_vector vector, struct platform_error *error)
{
    struct x86_registers registers = {.r = {[X86_RIP] = rip}};
    thread->registers = &registers;
    return run_probe_thread(platform, thread, error) == RUN_FAULT &&
           thread->fault.vector == vector && registers.r[X86_RIP] == rip;
}

/* A cell with one page, in which the code stands. */
static int run_probe(struct platform *platform, struct platform_error *error)
{
    struct x86_registers registers = {.r = {[X86_RIP] = PROBE_ADDRESS}};
    struct platform_thread thread = {
        .tcb = PROBE_OBJECT, .vspace = PROBE_OBJECT, .name = "probe", .registers = &registers};

    platform_map(platform, PROBE_OBJECT, PROBE_ADDRESS, 0, 0x1000, false);
    enum run_result result = run_probe_thread(platform, &thread, error);
    if (result == RUN_SYSCALL) {
        platform->stolen.exchange_ns = measure_exchange(platform, &thread, error);
    }
    if (result == RUN_SYSCALL && platform->options.trap_tsc) {
        platform->traps_tsc =
            run_traps(platform, &thread, PROBE_TSC, X86_GENERAL_PROTECTION, error);
    }
    if (result == RUN_SYSCALL && platform->options.trap_cpuid) {
        platform->traps_cpuid =
            run_traps(platform, &thread, PROBE_CPUID, X86_INVALID_OPCODE, error);
    }
    platform_release_vspace(platform, PROBE_OBJECT);
    platform_release_thread(platform, PROBE_OBJECT);
    if (result == RUN_LOST) {
        return -ECHILD;
    }
    if (result != RUN_SYSCALL || registers.r[X86_RIP] != PROBE_ADDRESS) {
        return host_refused(error, ENOSYS, "catch the system call of a guest",
                            "Linux did not stop it as it should have. Linux 5.9 is the oldest "
                            "that works.");
    }
    return 0;
}

static int probe(struct platform *platform, struct platform_error *error)
{
    struct platform_options options = platform->options;
    int ram = host.memfd_create("quoll-probe", MFD_CLOEXEC);
    if (ram < 0) {
        return host_failed(error, errno, "make memory to try the host with");
    }
    int result;
    if (host.ftruncate(ram, 0x1000) != 0 ||
        host.write(ram, probe_code, sizeof(probe_code)) != (ssize_t)sizeof(probe_code)) {
        result = host_failed(error, errno, "fill memory to try the host with");
    } else {
        platform->options.ram_fd = ram;
        platform->options.ram_bytes = 0x1000;
        platform->options.writes = NULL; /* whoever it asks is not made yet */
        result = run_probe(platform, error);
    }
    close(ram);
    platform->options = options;
    platform->stats = (struct platform_stats){0};
    return result;
}

/* A sleeper woken on another CPU costs seven times as much, so the core and its cells share one. Their
 * deadlines are worth nothing with Linux's default slack of 50 us. */
static int pin(struct platform *platform, struct platform_error *error)
{
    int cpu = platform->options.cpu >= 0 ? platform->options.cpu : sched_getcpu();
    sched_getaffinity(0, sizeof(platform->affinity_before), &platform->affinity_before);
    if (host.pin(0, cpu) != 0) {
        int code = errno;
        char what[64];
        snprintf(what, sizeof(what), "run on CPU %d", cpu);
        return host_refused(error, code, what,
                            "It does not exist, or this process may not use it (`taskset -p $$`).");
    }
    beside_start(platform, cpu);
    prctl(PR_SET_TIMERSLACK, 1);
    /* Woken by a guest, the core waits for the few instructions until the guest sleeps. */
    platform->ordinary = sched_getscheduler(0) == SCHED_OTHER;
    if (platform->ordinary) {
        host.schedule(0, SCHED_BATCH);
    }
    return 0;
}

static int prepare(struct platform *platform, struct platform_error *error)
{
    int code = pin(platform, error);
    if (code == 0) {
        code = alarm_start(platform, error);
    }
    if (code == 0) {
        code = fpu_probe(platform, error);
    }
    if (code == 0) {
        code = bases_probe(platform, error);
    }
    if (code == 0) {
        code = make_stub(platform, error);
    }
    if (code != 0) {
        return code;
    }
    platform->user_dispatch = host.user_dispatch() == 0;
    list_reserved(platform);
    return probe(platform, error);
}

/* All that wait here wait with it: where it is forbidden, nobody would ever say so. */
static int prove_futex(struct platform_error *error)
{
    uint32_t word = 0;
    return host.futex_wake(&word) < 0 ? host_failed(error, errno, "wake a thread with futex") : 0;
}

int platform_open(const struct platform_options *options, struct platform **opened,
                  struct platform_error *error)
{
    int code = prove_futex(error);
    if (code != 0) {
        return code;
    }
    struct platform *platform = host.calloc(1, sizeof(*platform));
    if (platform == NULL) {
        return host_failed(error, ENOMEM, "make a platform");
    }
    platform->options = *options;
    platform->stub_fd = -1;
    code = prepare(platform, error);
    if (code != 0) {
        platform_close(platform);
        return code;
    }
    stolen_start(platform);
    *opened = platform;
    return 0;
}

void platform_close(struct platform *platform)
{
    if (platform == NULL) {
        return;
    }
    alarm_stop(platform);
    for (size_t i = 0; i < platform->cells.capacity; i++) {
        if (platform->cells.entries[i].key != 0) {
            cell_free(platform->cells.entries[i].value);
        }
    }
    table_free(&platform->cells);
    pages_free_frames(platform);
    thunk_free(platform);
    for (size_t i = 0; i < platform->threads.capacity; i++) {
        if (platform->threads.entries[i].key != 0) {
            struct thread *thread = platform->threads.entries[i].value;
            free(thread->fpu);
            free(thread);
        }
    }
    table_free(&platform->threads);
    if (platform->stub_fd >= 0) {
        close(platform->stub_fd);
    }
    if (CPU_COUNT(&platform->affinity_before) > 0) {
        sched_setaffinity(0, sizeof(platform->affinity_before), &platform->affinity_before);
        prctl(PR_SET_TIMERSLACK, 0);
        if (platform->ordinary) {
            host.schedule(0, SCHED_OTHER);
        }
    }
    free(platform);
}
