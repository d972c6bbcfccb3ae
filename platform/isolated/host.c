/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "platform/isolated/host.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/futex.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/stub/layout.h"

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif

/* Above the descriptors that a cell keeps, so that none of them is overwritten while they move. */
#define FD_ASIDE 64

/* Linux takes 0.1 to 100 ms. */
#define SLICE_NS 100000

struct child {
    const struct host_spawn *spawn;
    int error;
};

static void close_all_but(int kept)
{
    static const int keep_first = CELL_FD_RAM;
    for (int fd = 0; fd < keep_first; fd++) {
        close(fd);
    }
    if (syscall(SYS_close_range, CELL_FD_FIRST_FREE, kept - 1, 0) != 0 ||
        syscall(SYS_close_range, kept + 1, ~0u, 0) != 0) {
        for (int fd = CELL_FD_FIRST_FREE; fd < 1024; fd++) {
            if (fd != kept) {
                close(fd);
            }
        }
    }
}

/* slice_ns: 0 for Linux's own choice. */
static int set_policy(pid_t thread, int policy, uint64_t slice_ns)
{
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
    } attributes = {.size = sizeof(attributes), .policy = (uint32_t)policy, .runtime = slice_ns};
    return (int)syscall(SYS_sched_setattr, thread, &attributes, 0);
}

/* Without it everything works, some microseconds slower, so nobody looks at the result. */
void host_short_slices(void)
{
    set_policy(0, SCHED_OTHER, SLICE_NS);
}

void host_sleep_on(uint32_t *word, uint32_t value, uint64_t until_ns)
{
    struct timespec until = {.tv_sec = (time_t)(until_ns / 1000000000u),
                             .tv_nsec = (long)(until_ns % 1000000000u)};
    host.futex_wait(word, value, until_ns == RUN_FOREVER ? NULL : &until);
}

/* Shares memory with the parent, which sleeps until the exec: only system calls here. */
__attribute__((no_sanitize("address", "undefined"))) static int child_main(void *argument)
{
    struct child *child = argument;
    const struct host_spawn *spawn = child->spawn;
    static char *const nothing[] = {NULL};
    static char name[] = "quoll-cell";
    static char *const arguments[] = {name, NULL};

    int ram = fcntl(spawn->ram, F_DUPFD, FD_ASIDE);
    int control = fcntl(spawn->control, F_DUPFD, FD_ASIDE);
    int reply = fcntl(spawn->reply, F_DUPFD, FD_ASIDE);
    int program = fcntl(spawn->program, F_DUPFD_CLOEXEC, FD_ASIDE);
    if (ram < 0 || control < 0 || reply < 0 || program < 0 || dup2(ram, CELL_FD_RAM) < 0 ||
        dup2(control, CELL_FD_CONTROL) < 0 || dup2(reply, CELL_FD_REPLY) < 0) {
        /* EINVAL: the limit on open files is below FD_ASIDE. */
        child->error = errno == EINVAL ? EMFILE : errno;
        _exit(1);
    }
    close_all_but(program);
    host_short_slices();
    syscall(SYS_execveat, program, "", arguments, nothing, AT_EMPTY_PATH);
    child->error = errno;
    _exit(1);
}

static pid_t linux_spawn(const struct host_spawn *spawn)
{
    static char stack[16384] __attribute__((aligned(16)));
    struct child child = {.spawn = spawn};

    /* The child must not run this program's handlers on the shared memory; and the stub wants all
     * signals blocked, which an exec keeps. */
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    pid_t pid = clone(child_main, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, &child);
    int error = pid < 0 ? errno : child.error;
    sigprocmask(SIG_SETMASK, &before, NULL);

    if (pid > 0 && error != 0) {
        waitpid(pid, NULL, __WALL);
        pid = -1;
    }
    errno = error;
    return pid;
}

static int linux_futex_wait(uint32_t *word, uint32_t value, const struct timespec *until)
{
    return (int)syscall(SYS_futex, word, FUTEX_WAIT_BITSET, value, until, NULL,
                        FUTEX_BITSET_MATCH_ANY);
}

static int linux_futex_wake(uint32_t *word)
{
    return (int)syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static ssize_t linux_read_now(int fd, void *to, size_t bytes)
{
    struct iovec part = {.iov_base = to, .iov_len = bytes};
    return preadv2(fd, &part, 1, -1, RWF_NOWAIT);
}

static int linux_cpu_ns(pid_t process, uint64_t *ns)
{
    clockid_t clock;
    struct timespec used;
    int code = clock_getcpuclockid(process, &clock);
    if (code != 0) {
        errno = code;
        return -1;
    }
    if (clock_gettime(clock, &used) != 0) {
        return -1;
    }
    *ns = (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
    return 0;
}

static int linux_pin(pid_t thread, int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    return sched_setaffinity(thread, sizeof(set), &set);
}

static int linux_schedule(pid_t thread, int policy)
{
    return set_policy(thread, policy, thread == 0 ? 0 : SLICE_NS);
}

static int linux_user_dispatch(void)
{
    return prctl(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0);
}

static int linux_perf_event_open(const struct perf_event_attr *attributes, pid_t thread)
{
    return (int)syscall(SYS_perf_event_open, attributes, thread, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static int linux_tgkill(pid_t process, pid_t thread, int number)
{
    return (int)syscall(SYS_tgkill, process, thread, number);
}

#define HOST_LINUX                                                                                 \
    {                                                                                              \
        .calloc = calloc, .memfd_create = memfd_create, .ftruncate = ftruncate, .write = write,    \
        .read = read, .read_now = linux_read_now, .pread = pread, .pwrite = pwrite,                \
        .pipe2 = pipe2, .mmap = mmap, .spawn = linux_spawn, .futex_wait = linux_futex_wait,        \
        .futex_wake = linux_futex_wake, .tgkill = linux_tgkill, .cpu_ns = linux_cpu_ns,            \
        .pin = linux_pin, .schedule = linux_schedule, .user_dispatch = linux_user_dispatch,        \
        .perf_event_open = linux_perf_event_open, .start_thread = pthread_create,                  \
    }

const struct host host_linux = HOST_LINUX;
struct host host = HOST_LINUX;

int host_refused(struct platform_error *error, int code, const char *what, const char *advice)
{
    int length = snprintf(error->text, sizeof(error->text), "cannot %s: %s", what, strerror(code));
    if (advice != NULL && length > 0 && (size_t)length < sizeof(error->text)) {
        snprintf(error->text + length, sizeof(error->text) - (size_t)length, "\n%s", advice);
    }
    return -code;
}

static const char *usual_advice(int code)
{
    switch (code) {
    case EAGAIN:
        return "Too few processes are allowed: each VSpace takes one and each thread another.\n"
               "Raise `ulimit -u`, or the pids limit of the container (docker: --pids-limit).";
    case ENOMEM:
        return "The host is short of memory, or a memory limit of this process is reached\n"
               "(`ulimit -v`, the memory limit of the container).";
    case EMFILE:
        return "Too few open files are allowed: each VSpace takes one. Raise `ulimit -n`.";
    case ENFILE:
        return "The host has no open files left. Raise fs.file-max as root.";
    case EPERM:
    case EACCES:
        return "A security policy of the host or the container forbids it. Quoll needs no\n"
               "privileges, but memfd_create, execveat, seccomp and futex have to be allowed.";
    case ENOSYS:
        return "This Linux is too old for Quoll or hides the call. Linux 5.9 is the oldest that "
               "works.";
    case EINTR:
    default:
        return NULL;
    }
}

int host_failed(struct platform_error *error, int code, const char *what)
{
    return host_refused(error, code, what, usual_advice(code));
}

static uint64_t read_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t host_now_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t host_thread_cpu_ns(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t host_line_ns(pid_t process, pid_t thread)
{
    char name[64] = "/proc/thread-self/schedstat";
    if (process != 0) {
        snprintf(name, sizeof(name), "/proc/%d/task/%d/schedstat", (int)process, (int)thread);
    }
    uint64_t ns = 0;
    FILE *file = fopen(name, "re");
    if (file != NULL) {
        if (fscanf(file, "%*u %" SCNu64, &ns) != 1) {
            ns = 0;
        }
        fclose(file);
    }
    return ns;
}
