/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* How a machine ends. */
#include "machine/ending.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define THREADS_MAX  256 /* more are not looked at one by one */
#define REPORTED_MAX 16

void ending_set(struct ending *ending, enum ending_kind kind, const char *format, ...)
{
    ending->kind = kind;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(ending->text, sizeof(ending->text), format, arguments);
    va_end(arguments);
}

enum exit_status ending_exit_status(const struct ending *ending)
{
    switch (ending->kind) {
    case ENDING_NONE:
    case ENDING_HALTED:
    case ENDING_IDLE:
    case ENDING_LEFT:
        return EXIT_OK;
    case ENDING_STUCK:
        return EXIT_STUCK;
    case ENDING_TIMEOUT:
        return EXIT_TIMEOUT;
    case ENDING_SIGNAL:
        return (enum exit_status)(EXIT_SIGNAL + ending->signal);
    case ENDING_HOST:
        return EXIT_HOST;
    }
    return EXIT_HOST;
}

struct census {
    struct kernel_thread threads[THREADS_MAX];
    size_t count;
    size_t stuck;
    size_t faulted;
    size_t busy;
    size_t waiting; /* in Receive */
};

/* A fault that nobody answers. With a handler it may be meant so: Microkit's monitor leaves a
 * faulted PD where it is, and the others carry on. */
static bool is_unhandled_fault(const struct kernel_thread *thread)
{
    return thread->wait == WAIT_FAULT && thread->object == 0 && thread->partner == 0;
}

static bool is_stuck(const struct kernel_thread *thread)
{
    return thread->wait == WAIT_SEND || thread->wait == WAIT_REPLY || is_unhandled_fault(thread);
}

/* It has something to do, or waits for somebody who has. */
static bool is_busy(const struct kernel_thread *thread)
{
    return thread->wait != WAIT_STOPPED && thread->wait != WAIT_RECEIVE;
}

static bool count_thread(void *context, const struct kernel_thread *thread)
{
    struct census *census = context;
    census->stuck += is_stuck(thread);
    census->faulted += thread->wait == WAIT_FAULT;
    census->busy += is_busy(thread);
    census->waiting += thread->wait == WAIT_RECEIVE;
    if (census->count < THREADS_MAX) {
        census->threads[census->count++] = *thread;
    }
    return true;
}

static const char *name_of(const struct kernel_thread *thread)
{
    return thread->name && thread->name[0] != '\0' ? thread->name : "(unnamed)";
}

static const struct kernel_thread *find_thread(const struct census *census, paddr tcb)
{
    for (size_t i = 0; i < census->count; i++) {
        if (tcb != 0 && census->threads[i].tcb == tcb) {
            return &census->threads[i];
        }
    }
    return NULL;
}

static const char *state_of(const struct kernel_thread *thread)
{
    switch (thread->wait) {
    case WAIT_NONE:
        return thread->has_time ? "is ready" : "has no scheduling context to run on";
    case WAIT_STOPPED:
        return "is stopped";
    case WAIT_RECEIVE:
        return "waits for a message itself";
    case WAIT_SEND:
        return "waits in Send or Call itself";
    case WAIT_REPLY:
        return "waits for a reply itself";
    case WAIT_FAULT:
        return "has faulted";
    }
    return "is gone";
}

static void append(struct ending *ending, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void append(struct ending *ending, const char *format, ...)
{
    size_t used = strlen(ending->text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(ending->text + used, sizeof(ending->text) - used, format, arguments);
    va_end(arguments);
}

static void describe(struct ending *ending, const struct census *census,
                     const struct kernel_thread *thread)
{
    const struct kernel_thread *partner = find_thread(census, thread->partner);
    append(ending, "\n      '%s' ", name_of(thread));
    if (thread->wait == WAIT_NONE) {
        append(ending, "%s", state_of(thread));
    } else if (thread->wait == WAIT_FAULT) {
        append(ending, "has faulted, and %s",
               is_unhandled_fault(thread) ? "has no fault handler"
                                          : "the fault is with its handler");
    } else if (thread->wait == WAIT_SEND) {
        append(ending, "waits in Send or Call on the endpoint at 0x%llx: nobody receives there",
               (unsigned long long)thread->object);
    } else if (partner) {
        append(ending, "waits for the reply of '%s', which %s", name_of(partner),
               state_of(partner));
    } else {
        append(ending, "waits for a reply to its call, and nobody is left to give it");
    }
    append(ending, " (priority %u, at 0x%llx)", thread->priority,
           (unsigned long long)(thread->registers ? thread->registers->r[X86_RIP] : 0));
}

/* Those that `matters` says matter, of whom there are so many. */
static void describe_each(struct ending *ending, const struct census *census,
                          bool (*matters)(const struct kernel_thread *thread), size_t count)
{
    size_t reported = 0;
    for (size_t i = 0; i < census->count && reported < REPORTED_MAX; i++) {
        if (matters(&census->threads[i])) {
            describe(ending, census, &census->threads[i]);
            reported++;
        }
    }
    if (reported < count) {
        append(ending, "\n      and %zu more", count - reported);
    }
}

static void describe_stuck(struct ending *ending, const struct census *census)
{
    ending_set(ending, ENDING_STUCK,
               "stuck: nothing can run any more, and what %zu thread%s for cannot come",
               census->stuck, census->stuck == 1 ? " waits" : "s wait");
    describe_each(ending, census, is_stuck, census->stuck);
}

static void describe_idle(struct ending *ending, const struct census *census)
{
    ending_set(ending, ENDING_IDLE, "idle: every thread rests, and nothing can come");
    if (census->faulted == 0) {
        return;
    }
    append(ending, "; faulted:");
    for (size_t i = 0; i < census->count; i++) {
        if (census->threads[i].wait == WAIT_FAULT) {
            append(ending, " '%s'", name_of(&census->threads[i]));
        }
    }
}

void ending_of_rest(struct kernel *kernel, struct ending *ending)
{
    struct census census = {.count = 0};
    kernel_each_thread(kernel, count_thread, &census);
    if (census.stuck > 0) {
        describe_stuck(ending, &census);
    } else {
        describe_idle(ending, &census);
    }
}

void ending_of_timeout(struct kernel *kernel, uint64_t timeout_ns, struct ending *ending)
{
    struct census census = {.count = 0};
    kernel_each_thread(kernel, count_thread, &census);
    ending_set(ending, ENDING_TIMEOUT, "time-out: it still ran after %.3g s",
               (double)timeout_ns / 1e9);
    describe_each(ending, &census, is_busy, census.busy);
    if (census.busy > 0 && census.waiting > 0) {
        append(ending, "\n      %zu other%s for a message", census.waiting,
               census.waiting == 1 ? " waits" : "s wait");
    } else if (census.waiting > 0) {
        append(ending, "\n      every thread waits for a message: from a timer or another device");
    }
}
