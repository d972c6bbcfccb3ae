/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Sends requests to the server and takes the time.
 *
 *     client startup|latency|throughput|fault|rest ITERATIONS BYTES [quiet]
 *
 * BYTES is the size of a message for throughput; 0: several. When it has measured it tells the supervisor
 * and waits for its word; then it prints.
 */
#include "linux_baseline/protocol.h"
#include "linux_baseline/report.h"

#include <inttypes.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define SIZES        8
#define REQUESTS_MAX 10000 /* of each size */
#define COOL_DOWN    1000  /* requests after the last crash, for parts to give a sign after it */

static uint64_t *shared;
static struct notes *notes;
static struct message message;

static uint64_t iterations, size_bytes;
static struct sample *samples;
static uint64_t first, answered, longest_gap;
static uint64_t size_ticks[SIZES];

/* Returns the answer. Without a server there is none, and the supervisor says why. */
static uint64_t request(enum request kind, size_t words)
{
    message.request = kind;
    if (send(FD_REQUEST, &message, message_bytes(words), MSG_NOSIGNAL) < 0 ||
        recv(FD_REQUEST, &message, sizeof(message), 0) != (ssize_t)message_bytes(1)) {
        exit(EXIT_HOST);
    }
    return message.words[0];
}

static bool add(uint64_t left, uint64_t right)
{
    message.words[0] = left;
    message.words[1] = right;
    return request(REQUEST_ADD, 2) == left + right;
}

/* The crashes are spread evenly over the requests. */
static void crash_if_due(unsigned *crashes, uint64_t number)
{
    static const uint64_t one = 1;
    while (*crashes < CRASHES && number >= iterations * (*crashes + 1) / (CRASHES + 1)) {
        ++*crashes;
        if (write(FD_CRASH, &one, sizeof(one)) != sizeof(one)) {
            die("tell the crasher to crash");
        }
    }
}

/* Who has no part in the requests is told to give a sign of life. */
static void call_the_roll(uint64_t number)
{
    static const char roll = CONTROL_ROLL;
    if (notes->watched && number % ROLL_CALL == 0) {
        (void)send(FD_LOG, "roll call", 9, MSG_DONTWAIT | MSG_NOSIGNAL);
        (void)send(FD_CONTROL, &roll, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
}

/* Requests that are not measured, in the rhythm of those that are. */
static void keep_asking(unsigned count)
{
    for (uint64_t i = 0; i < count; i++) {
        add(i, 1);
        sign_of(notes, PART_CLIENT, false);
        call_the_roll(i);
    }
}

static void measure_requests(bool with_crashes)
{
    unsigned crashes = with_crashes ? 0 : CRASHES;
    keep_asking(WARM_UP);
    first = ticks_now();
    uint64_t last = first;
    for (uint64_t i = 0; i < iterations; i++) {
        crash_if_due(&crashes, i);
        uint64_t begin = ticks_now();
        answered += add(i, 1);
        uint64_t end = ticks_now();
        samples[i] = (struct sample){.latency = end - begin, .timestamp = end - first};
        if (end - last > longest_gap) {
            longest_gap = end - last;
        }
        last = end;
        sign_of(notes, PART_CLIENT, false);
        call_the_roll(i);
    }
}

static bool sum_message(uint64_t words, uint64_t value)
{
    for (uint64_t i = 0; i < words; i++) {
        message.words[i] = value;
    }
    return request(REQUEST_SUM_MESSAGE, words) == words * value;
}

static bool sum_shared(uint64_t words, uint64_t value)
{
    for (uint64_t i = 0; i < words; i++) {
        shared[i] = value;
    }
    message.words[0] = words;
    return request(REQUEST_SUM_SHARED, 1) == words * value;
}

static uint64_t measure_size(uint64_t bytes, uint64_t count)
{
    bool (*sum)(uint64_t, uint64_t) = bytes <= MESSAGE_BYTES ? sum_message : sum_shared;
    uint64_t words = bytes / sizeof(uint64_t);
    sum(words, 1);
    uint64_t begin = ticks_now();
    for (uint64_t i = 0; i < count; i++) {
        answered += sum(words, i);
    }
    return ticks_now() - begin;
}

/* --- What can be measured: doing it, then printing it --- */

static void measure_startup(void)
{
    add(1, 1);
    notes->first_answer = ticks_now();
}

static void report_nothing(void)
{
}

static void measure_latency(void)
{
    measure_requests(false);
}

static void report_latency(void)
{
    report_begin("latency");
    report_samples(samples, iterations);
    report_count("requests", iterations);
    report_count("wrong", iterations - answered);
    report_end("latency");
    report_flush();
    summarise_samples("latency", samples, iterations);
}

static const uint64_t all_sizes[SIZES] = {8,    64,   256,   MESSAGE_BYTES,
                                          1024, 4096, 16384, SHARED_BYTES};

static const uint64_t *sizes(unsigned *count)
{
    *count = size_bytes > 0 ? 1 : SIZES;
    return size_bytes > 0 ? &size_bytes : all_sizes;
}

static uint64_t requests_of_each_size(void)
{
    return iterations < REQUESTS_MAX ? iterations : REQUESTS_MAX;
}

static void measure_throughput(void)
{
    unsigned count;
    const uint64_t *size = sizes(&count);
    for (uint64_t i = 0; i < WARM_UP; i++) {
        add(i, 1);
    }
    for (unsigned i = 0; i < count && iterations > 0; i++) {
        size_ticks[i] = measure_size(size[i], requests_of_each_size());
    }
}

static void report_throughput(void)
{
    unsigned count;
    const uint64_t *size = sizes(&count);
    uint64_t requests = requests_of_each_size();
    report_begin("throughput");
    for (unsigned i = 0; i < count && iterations > 0; i++) {
        printf("measure throughput %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", size[i], requests,
               size_ticks[i]);
    }
    report_end("throughput");
    report_flush();
    for (unsigned i = 0; i < count && iterations > 0; i++) {
        summarise("throughput: %6" PRIu64 " bytes: %8.0f requests/s, %8.1f MB/s", size[i],
                  (double)requests * 1e9 / (double)size_ticks[i],
                  (double)(requests * size[i]) * 1e3 / (double)size_ticks[i]);
    }
}

static void measure_fault(void)
{
    measure_requests(true);
}

static void summarise_crash(unsigned i)
{
    bool last = notes->restarted[i] == 0;
    uint64_t after = last ? notes->stopped : notes->restarted[i];
    summarise("fault: reported %.0f us after the crash, %s after %.0f us",
              (double)(notes->reported[i] - notes->crashed[i]) / 1e3,
              last ? "given up" : "restarted", (double)(after - notes->crashed[i]) / 1e3);
}

static void report_crashes(void)
{
    for (unsigned i = 0; i < notes->crashes && i < CRASHES; i++) {
        report_event("crash", notes->crashed[i] - first);
        if (i < notes->reports) {
            report_event("reported", notes->reported[i] - first);
        }
        if (notes->restarted[i] > 0) {
            report_event("restarted", notes->restarted[i] - first);
        }
        summarise_crash(i);
    }
    if (notes->stopped > 0) {
        report_event("stopped", notes->stopped - first);
    }
}

static void report_part(const char *name, enum part part)
{
    const struct pulse *pulse = &notes->pulses[part];
    report_life(name, pulse->signs, pulse->longest);
    for (unsigned i = 0; i < notes->crashes && i < CRASHES; i++) {
        if (i >= pulse->crashes) {
            report_silence_for_ever(name, i + 1);
        } else {
            report_silence(name, i + 1, pulse->silences[i].end - pulse->silences[i].begin,
                           pulse->silences[i].end - notes->crashed[i],
                           pulse->silences[i].restarted);
        }
    }
}

static void report_parts(void)
{
    static const char *const names[PARTS] = {"client", "server", "logger", "supervisor", "crasher"};
    for (int part = 0; part < PARTS; part++) {
        report_part(names[part], (enum part)part);
    }
}

/* The crashes are over by now, but perhaps no part has given a sign since the last of them. */
static void report_fault(void)
{
    keep_asking(COOL_DOWN);
    report_begin("fault");
    report_samples(samples, iterations);
    report_crashes();
    report_count("requests", iterations);
    report_count("answered", answered);
    report_count("lost", iterations - answered);
    report_count("crashes", notes->crashes);
    report_count("reports", notes->reports);
    report_count("longest-gap", longest_gap);
    report_parts();
    report_end("fault");
    report_flush();
    summarise_samples("fault", samples, iterations);
    summarise("fault: %" PRIu64 " of %" PRIu64 " requests answered, the longest gap %.0f us",
              answered, iterations, (double)longest_gap / 1e3);
}

/* As much work as the others, so that memory is touched as theirs is. */
static void work_and_rest(void)
{
    measure_requests(false);
    for (unsigned i = 0; i < SIZES; i++) {
        measure_size(all_sizes[i], 1);
    }
}

static const struct task {
    const char *name;
    void (*measure)(void);
    void (*report)(void);
} tasks[] = {
    {"startup", measure_startup, report_nothing},
    {"latency", measure_latency, report_latency},
    {"throughput", measure_throughput, report_throughput},
    {"fault", measure_fault, report_fault},
    {"rest", work_and_rest, report_nothing},
};

static const struct task *find_task(const char *name)
{
    for (size_t i = 0; i < sizeof(tasks) / sizeof(tasks[0]); i++) {
        if (strcmp(tasks[i].name, name) == 0) {
            return &tasks[i];
        }
    }
    return NULL;
}

static void wait_for_supervisor(void)
{
    char done = CONTROL_DONE;
    if (send(FD_CONTROL, &done, 1, MSG_NOSIGNAL) != 1 || recv(FD_CONTROL, &done, 1, 0) != 1) {
        exit(EXIT_HOST);
    }
}

/* All of it there from the start, so that no page comes while the time is taken. */
static struct sample *room_for(uint64_t count)
{
    void *memory = mmap(NULL, count * sizeof(*samples), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED) {
        die("keep so many samples");
    }
    return memory;
}

int main(int count, char **arguments)
{
    const struct task *task = count >= 4 ? find_task(arguments[1]) : NULL;
    if (!task) {
        fprintf(stderr, "quoll: baseline: the client is started by the supervisor\n");
        return EXIT_HOST;
    }
    iterations = strtoull(arguments[2], NULL, 10);
    size_bytes = strtoull(arguments[3], NULL, 10);
    if (count > 4) {
        summarise_nothing();
    }
    signal(SIGPIPE, SIG_IGN); /* an error of write() then, and reported as one */
    shared = map_shared(FD_SHARED, (void *)SHARED_ADDRESS, SHARED_BYTES);
    notes = map_shared(FD_NOTES, NULL, sizeof(*notes));
    samples = room_for(iterations + 1);
    task->measure();
    wait_for_supervisor();
    task->report();
    return 0;
}
