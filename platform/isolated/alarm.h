/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Who takes the CPU from a guest in time: a thread of the kernel's process that sleeps until the deadline
 * and then signals the guest.
 *
 * The core thread cannot do it. It is a batch task, so that a guest that rings is not thrown off the CPU
 * before it sleeps (bell.c); woken while a guest computes, it waits for Linux's tick.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "platform/platform.h"

struct cell;

struct alarm {
    bool started, closing;
    pthread_t thread;
    uint32_t word;     /* changes when it should look again */
    uint64_t until_ns; /* what the core wants */
    uint64_t armed_ns; /* what it sleeps for */
    uint64_t running;  /* process and thread that run now, 32 bits each; 0: none */
};

/* Returns 0 or -errno with *error filled in. */
int alarm_start(struct platform *platform, struct platform_error *error);

/* Nothing happens if it was not started. */
void alarm_stop(struct platform *platform);

/* This thread of the cell runs until then. */
void alarm_set(struct cell *cell, unsigned slot, uint64_t until_ns);

/* It does not run any more. */
void alarm_clear(struct platform *platform);

/* Signal the guest that runs now, if one does. From any thread and from signal handlers; the caller is
 * counted in platform->kickers. */
void alarm_preempt(struct platform *platform);
