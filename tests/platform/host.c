/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Hosts that fail: every call to Linux, one at a time, in the midst of a machine's life. */
#include "tests/platform/fixture.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "platform/isolated/host.h"

/* Calls so far, of all threads, and which of them fails; 0: none. */
static unsigned calls, failing;
static int code;

static bool fails(void)
{
    if (__atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST) != failing) {
        return false;
    }
    errno = code;
    return true;
}

static void *failing_calloc(size_t count, size_t bytes)
{
    return fails() ? NULL : host_linux.calloc(count, bytes);
}

static int failing_memfd_create(const char *name, unsigned flags)
{
    return fails() ? -1 : host_linux.memfd_create(name, flags);
}

static int failing_ftruncate(int fd, off_t bytes)
{
    return fails() ? -1 : host_linux.ftruncate(fd, bytes);
}

static ssize_t failing_write(int fd, const void *from, size_t bytes)
{
    return fails() ? -1 : host_linux.write(fd, from, bytes);
}

static ssize_t failing_read(int fd, void *to, size_t bytes)
{
    return fails() ? -1 : host_linux.read(fd, to, bytes);
}

static ssize_t failing_read_now(int fd, void *to, size_t bytes)
{
    return fails() ? -1 : host_linux.read_now(fd, to, bytes);
}

static ssize_t failing_pread(int fd, void *to, size_t bytes, off_t offset)
{
    return fails() ? -1 : host_linux.pread(fd, to, bytes, offset);
}

static ssize_t failing_pwrite(int fd, const void *from, size_t bytes, off_t offset)
{
    return fails() ? -1 : host_linux.pwrite(fd, from, bytes, offset);
}

static int failing_pipe2(int fds[2], int flags)
{
    return fails() ? -1 : host_linux.pipe2(fds, flags);
}

static void *failing_mmap(void *address, size_t bytes, int prot, int flags, int fd, off_t offset)
{
    return fails() ? MAP_FAILED : host_linux.mmap(address, bytes, prot, flags, fd, offset);
}

static pid_t failing_spawn(const struct host_spawn *spawn)
{
    return fails() ? -1 : host_linux.spawn(spawn);
}

static int failing_futex_wait(uint32_t *word, uint32_t value, const struct timespec *until)
{
    return fails() ? -1 : host_linux.futex_wait(word, value, until);
}

static int failing_tgkill(pid_t process, pid_t thread, int number)
{
    return fails() ? -1 : host_linux.tgkill(process, thread, number);
}

static int failing_cpu_ns(pid_t process, uint64_t *ns)
{
    return fails() ? -1 : host_linux.cpu_ns(process, ns);
}

static int failing_pin(pid_t thread, int cpu)
{
    return fails() ? -1 : host_linux.pin(thread, cpu);
}

static int failing_user_dispatch(void)
{
    return fails() ? -1 : host_linux.user_dispatch();
}

static int failing_start_thread(pthread_t *thread, const pthread_attr_t *attributes,
                                void *(*body)(void *), void *argument)
{
    return fails() ? code : host_linux.start_thread(thread, attributes, body, argument);
}

static int failing_perf_event_open(const struct perf_event_attr *attributes, pid_t thread)
{
    return fails() ? -1 : host_linux.perf_event_open(attributes, thread);
}

static int failing_schedule(pid_t thread, int policy)
{
    return fails() ? -1 : host_linux.schedule(thread, policy);
}

/* futex_wake is left alone: it cannot fail on a word that is mapped. */
static void let_fail(unsigned nth, int with)
{
    calls = 0;
    failing = nth;
    code = with;
    host = host_linux;
    host.calloc = failing_calloc;
    host.memfd_create = failing_memfd_create;
    host.ftruncate = failing_ftruncate;
    host.write = failing_write;
    host.read = failing_read;
    host.read_now = failing_read_now;
    host.pread = failing_pread;
    host.pwrite = failing_pwrite;
    host.pipe2 = failing_pipe2;
    host.mmap = failing_mmap;
    host.spawn = failing_spawn;
    host.futex_wait = failing_futex_wait;
    host.tgkill = failing_tgkill;
    host.cpu_ns = failing_cpu_ns;
    host.pin = failing_pin;
    host.start_thread = failing_start_thread;
    host.schedule = failing_schedule;
    host.perf_event_open = failing_perf_event_open;
    host.user_dispatch = failing_user_dispatch;
}

static unsigned open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    unsigned count = 0;
    while (readdir(folder) != NULL) {
        count++;
    }
    closedir(folder);
    return count;
}

/* Run, whatever comes: what is not mapped is mapped, what is lost is tried again. Returns whether the
 * guest got to its system call. */
static bool run_through(struct fixture *f, uint64_t rip)
{
    for (int i = 0; i < 10; i++) {
        f->registers.r[X86_RIP] = rip;
        switch (platform_run(f->platform, &f->thread, RUN_FOREVER, &f->error)) {
        case RUN_SYSCALL:
            return true;
        case RUN_FAULT:
            EXPECT_EQ(X86_PAGE_FAULT, f->thread.fault.vector);
            platform_map(f->platform, f->thread.vspace, CODE, CODE_FRAME, 0x1000, false);
            break;
        case RUN_LOST:
            EXPECT_TRUE(strlen(f->error.text) > 20);
            break;
        case RUN_KICKED:
            break;
        }
    }
    return false;
}

/* A bit of everything. Returns whether the platform could be opened. */
static bool live(int ram_fd)
{
    struct fixture f = {0};
    struct platform_options options = {
        .ram_fd = ram_fd, .ram_bytes = RAM_BYTES, .rewrite = true, .cpu = -1};
    f.thread = (struct platform_thread){
        .tcb = TCB_A, .vspace = VSPACE_A, .name = "guest", .registers = &f.registers};
    int result = platform_open(&options, &f.platform, &f.error);
    if (result != 0) {
        EXPECT_TRUE(result < 0);
        EXPECT_TRUE(strncmp(f.error.text, "cannot ", 7) == 0 ||
                    strncmp(f.error.text, "the process of a VSpace", 23) == 0);
        return false;
    }
    platform_map(f.platform, VSPACE_A, CODE, CODE_FRAME, 0x1000, false);
    EXPECT_TRUE(run_through(&f, CODE));
    EXPECT_TRUE(run_through(&f, CODE));
    platform_unmap(f.platform, VSPACE_A, CODE, 0x1000);
    f.thread.tcb = TCB_B;
    EXPECT_TRUE(run_through(&f, CODE));
    f.thread.vspace = VSPACE_B;
    EXPECT_TRUE(run_through(&f, CODE));
    /* Nothing is ever there, so it is not hit; a host that does not set it makes the thread slower. */
    const struct x86_breakpoint breakpoints[X86_BREAKPOINTS] = {
        {.address = DATA + 0x8000, .bytes = 8, .on = X86_BREAK_ON_WRITE, .enabled = true}};
    f.thread.breakpoints = breakpoints;
    EXPECT_TRUE(run_through(&f, CODE));
    f.thread.breakpoints = NULL;
    platform_map(f.platform, VSPACE_A, DATA, CODE_FRAME, 0x1000, true);
    EXPECT_TRUE(run_through(&f, CODE));
    platform_release_thread(f.platform, TCB_A);
    platform_release_vspace(f.platform, VSPACE_B);
    platform_close(f.platform);
    return true;
}

static int ram_with_code(void)
{
    static const uint8_t site[] = {0x48, 0x89, 0xe3, 0x0f, 0x05, 0x48, 0x89, 0xdc};
    int ram = memfd_create("test-ram", MFD_CLOEXEC);
    EXPECT_EQ(0, ftruncate(ram, RAM_BYTES));
    EXPECT_EQ((ssize_t)sizeof(site), pwrite(ram, site, sizeof(site), CODE_FRAME));
    return ram;
}

static void expect_every_failure_is_survived(int with)
{
    int ram = ram_with_code();
    let_fail(0, 0);
    EXPECT_TRUE(live(ram));
    unsigned all = calls;
    unsigned files = open_files();
    unsigned refused = 0;
    EXPECT_TRUE(all > 30);
    for (unsigned n = 1; n <= all; n++) {
        let_fail(n, with);
        refused += !live(ram);
        host = host_linux;
        EXPECT_EQ(0, fixture_children());
        EXPECT_EQ(files, open_files());
    }
    /* Some are needed to open at all, others not. */
    EXPECT_TRUE(refused > 8);
    EXPECT_TRUE(refused < all);
    close(ram);
}

TEST(every_failure_for_lack_of_memory_is_survived)
{
    expect_every_failure_is_survived(ENOMEM);
}

TEST(every_failure_for_lack_of_processes_is_survived)
{
    expect_every_failure_is_survived(EAGAIN);
}

TEST(every_failure_for_lack_of_permission_is_survived)
{
    expect_every_failure_is_survived(EPERM);
}

/* The mapper's answer to the nth batch of orders: a refusal, after some were done. */
static ssize_t refusing_read(int fd, void *to, size_t bytes)
{
    ssize_t got = host_linux.read(fd, to, bytes);
    if (got == 1 && fails()) {
        *(uint8_t *)to = (uint8_t)code;
    }
    return got;
}

TEST(orders_that_linux_refuses_in_a_cell_are_survived)
{
    static const int codes[] = {ENOMEM, EAGAIN, EINVAL};
    int ram = ram_with_code();
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        unsigned n = 0;
        do {
            calls = 0;
            failing = ++n;
            code = codes[i];
            host.read = refusing_read;
            live(ram);
            host = host_linux;
            EXPECT_EQ(0, fixture_children());
        } while (calls >= n);
        EXPECT_TRUE(n > 6);
    }
    close(ram);
}

TEST(a_cpu_that_is_not_there_is_named)
{
    struct platform *platform;
    struct platform_error error;
    int ram = ram_with_code();
    struct platform_options options = {
        .ram_fd = ram, .ram_bytes = RAM_BYTES, .rewrite = true, .cpu = 1023};
    EXPECT_EQ(-EINVAL, platform_open(&options, &platform, &error));
    EXPECT_TRUE(strstr(error.text, "cannot run on CPU 1023: Invalid argument\n") == error.text);
    close(ram);
}

static int forbidden_futex_wake(uint32_t *word)
{
    (void)word;
    errno = EPERM;
    return -1;
}

TEST(a_host_that_forbids_futex_is_named_before_anybody_waits)
{
    struct platform *platform;
    struct platform_error error;
    int ram = ram_with_code();
    struct platform_options options = {
        .ram_fd = ram, .ram_bytes = RAM_BYTES, .rewrite = true, .cpu = -1};
    host.futex_wake = forbidden_futex_wake;
    int result = platform_open(&options, &platform, &error);
    host = host_linux;
    EXPECT_EQ(-EPERM, result);
    EXPECT_TRUE(strstr(error.text, "cannot wake a thread with futex: ") == error.text);
    EXPECT_TRUE(strstr(error.text, "security policy") != NULL);
    close(ram);
}
