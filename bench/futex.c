/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * What plain Linux takes on the same CPU at least: a futex ping-pong of two pinned processes. Requests over
 * a socket are what `quoll baseline` measures.
 *
 * Prints the lines that bench/run reads: "mhz N" for the time stamp counter, and "ticks NAME MEDIAN
 * TENTH NINETIETH".
 */
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/samples.h"

#define SAMPLES 4000
#define WARM_UP 200

/* Shared by both processes; each word in a cache line of its own. */
struct shared {
    _Alignas(64) atomic_uint ping;
    _Alignas(64) atomic_uint pong;
};

static struct shared *shared;
static uint64_t samples[SAMPLES];

static void die(const char *what)
{
    fprintf(stderr, "futex: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void futex_wake(atomic_uint *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void futex_wait_for(atomic_uint *word, unsigned value)
{
    unsigned seen;
    while ((seen = atomic_load(word)) != value) {
        syscall(SYS_futex, word, FUTEX_WAIT, seen, NULL, NULL, 0);
    }
}

static pid_t start(void (*run)(int), int argument)
{
    pid_t child = fork();
    if (child < 0) {
        die("fork");
    }
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        run(argument);
        _exit(0);
    }
    return child;
}

static void finish(const char *name, pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    samples_sort(samples, SAMPLES);
    printf("ticks %s %llu %llu %llu\n", name,
           (unsigned long long)samples_percentile(samples, SAMPLES, 50),
           (unsigned long long)samples_percentile(samples, SAMPLES, 10),
           (unsigned long long)samples_percentile(samples, SAMPLES, 90));
}

static void futex_server(int unused)
{
    (void)unused;
    for (unsigned turn = 1;; turn++) {
        futex_wait_for(&shared->ping, turn);
        atomic_store(&shared->pong, turn);
        futex_wake(&shared->pong);
    }
}

static void measure_futex(void)
{
    pid_t child = start(futex_server, 0);
    for (int i = -WARM_UP; i < SAMPLES; i++) {
        unsigned turn = (unsigned)(i + WARM_UP + 1);
        uint64_t begin = ticks_now();
        atomic_store(&shared->ping, turn);
        futex_wake(&shared->ping);
        futex_wait_for(&shared->pong, turn);
        if (i >= 0) {
            samples[i] = ticks_now() - begin;
        }
    }
    finish("futex", child);
}

/* Ticks per microsecond, against the clock, over 50 ms. */
static void measure_mhz(void)
{
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC_RAW, &from);
    uint64_t begin = ticks_now();
    usleep(50000);
    clock_gettime(CLOCK_MONOTONIC_RAW, &to);
    uint64_t ticks = ticks_now() - begin;
    double us = (double)(to.tv_sec - from.tv_sec) * 1e6 + (double)(to.tv_nsec - from.tv_nsec) / 1e3;
    printf("mhz %.1f\n", (double)ticks / us);
}

int main(void)
{
    cpu_set_t cpu;
    CPU_ZERO(&cpu);
    CPU_SET(0, &cpu);
    if (sched_setaffinity(0, sizeof(cpu), &cpu)) {
        die("sched_setaffinity");
    }
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        die("mmap");
    }
    measure_mhz();
    measure_futex();
    return 0;
}
