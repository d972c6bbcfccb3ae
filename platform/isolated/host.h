/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Linux, as the isolated platform uses it. All calls go through one table, so that a test can make
 * the nth one fail, for every n. What is not said here is as in section 2 of the manual: -1 and errno.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "platform/platform.h"

/* How to start a cell: the new process holds these three descriptors under the numbers of
 * platform/stub/layout.h, and no other. */
struct host_spawn {
    int program; /* a memfd that holds the stub */
    int ram, control, reply;
};

struct perf_event_attr;

struct host {
    void *(*calloc)(size_t count, size_t bytes);
    int (*memfd_create)(const char *name, unsigned flags);
    int (*ftruncate)(int fd, off_t bytes);
    ssize_t (*write)(int fd, const void *from, size_t bytes);
    ssize_t (*read)(int fd, void *to, size_t bytes);
    /* As read, but with EAGAIN where that would wait, and EOPNOTSUPP where Linux cannot tell. */
    ssize_t (*read_now)(int fd, void *to, size_t bytes);
    ssize_t (*pread)(int fd, void *to, size_t bytes, off_t offset);
    ssize_t (*pwrite)(int fd, const void *from, size_t bytes, off_t offset);
    int (*pipe2)(int fds[2], int flags);
    void *(*mmap)(void *address, size_t bytes, int prot, int flags, int fd, off_t offset);
    pid_t (*spawn)(const struct host_spawn *spawn);
    /* As FUTEX_WAIT_BITSET with an absolute CLOCK_MONOTONIC time, or NULL. */
    int (*futex_wait)(uint32_t *word, uint32_t value, const struct timespec *until);
    int (*futex_wake)(uint32_t *word);
    int (*tgkill)(pid_t process, pid_t thread, int signal);
    /* CPU time that the process has used so far, all its threads together. */
    int (*cpu_ns)(pid_t process, uint64_t *ns);
    int (*pin)(pid_t thread, int cpu); /* thread: 0 for the calling one */
    /* As SCHED_OTHER or SCHED_BATCH: thread 0, the calling one; a cell's keeps its short slices. */
    int (*schedule)(pid_t thread, int policy);
    int (*user_dispatch)(void); /* 0 if Linux has Syscall User Dispatch */
    /* On any CPU, and closed on exec. thread: 0 for the calling one. */
    int (*perf_event_open)(const struct perf_event_attr *attributes, pid_t thread);
    int (*start_thread)(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *),
                        void *argument); /* 0 or the errno */
};

/* The table in use; host_linux unless a test changed it. */
extern struct host host;
extern const struct host host_linux;

/* Fill in a message: what could not be done, errno in words, and advice (may be NULL).
 * Returns   -code, for the caller to return. */
int host_refused(struct platform_error *error, int code, const char *what, const char *advice);

/* The same with the advice that usually fits the errno. */
int host_failed(struct platform_error *error, int code, const char *what);

/*
 * Ask that the calling thread, when it is woken, takes the CPU from one with longer slices. Guests and
 * the alarm do. A guest that the core wakes runs at once, while the core is still awake: then
 * neither has to be woken again when the guest comes back.
 */
void host_short_slices(void);

/* Sleep while the word has the value; at most until then, in CLOCK_MONOTONIC or RUN_FOREVER. May return
 * for no reason. */
void host_sleep_on(uint32_t *word, uint32_t value, uint64_t until_ns);

/* CLOCK_MONOTONIC */
uint64_t host_now_ns(void);

/* How long a thread has stood in line for a CPU in its life; process 0: the calling thread. 0 where Linux does
 * not tell. */
uint64_t host_line_ns(pid_t process, pid_t thread);

/* CPU time of the calling thread. */
uint64_t host_thread_cpu_ns(void);
