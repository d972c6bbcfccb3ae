/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Calls the server and takes the time: of the first answer, of each call, and by message size. */

#include "protocol.h"
#include "samples.h"

#define SERVER 0

#define SIZES        8
#define REQUESTS_MAX 10000 /* of each size */

/* Set by the tool: see ipc.system. */
const struct tsc_frequency *tsc;
const seL4_Uint64 *first_init;
seL4_Uint64 *shared;

static const seL4_Word sizes[SIZES] = {8, 64, 256, MESSAGE_BYTES, 1024, 4096, 16384, SHARED_BYTES};
static seL4_Uint64 size_ticks[SIZES];

static seL4_Uint64 wrong; /* answers */

static void add(seL4_Word left, seL4_Word right)
{
    microkit_mr_set(0, left);
    microkit_mr_set(1, right);
    microkit_ppcall(SERVER, microkit_msginfo_new(REQUEST_ADD, 2));
    wrong += microkit_mr_get(0) != left + right;
}

static void measure_calls(seL4_Uint64 count)
{
    for (seL4_Word i = 0; i < WARM_UP; i++) {
        add(i, 1);
    }
    seL4_Uint64 first = ticks_now();
    for (seL4_Word i = 0; i < count; i++) {
        seL4_Uint64 begin = ticks_now();
        add(i, 1);
        seL4_Uint64 end = ticks_now();
        samples[i] = (struct sample){.latency = end - begin, .timestamp = end - first};
    }
}

static void sum_message(seL4_Word words, seL4_Word value)
{
    for (seL4_Word i = 0; i < words; i++) {
        microkit_mr_set((seL4_Uint8)i, value);
    }
    microkit_ppcall(SERVER, microkit_msginfo_new(REQUEST_SUM_MESSAGE, (seL4_Uint16)words));
    wrong += microkit_mr_get(0) != words * value;
}

static void sum_shared(seL4_Word words, seL4_Word value)
{
    for (seL4_Word i = 0; i < words; i++) {
        shared[i] = value;
    }
    microkit_mr_set(0, words);
    microkit_ppcall(SERVER, microkit_msginfo_new(REQUEST_SUM_SHARED, 1));
    wrong += microkit_mr_get(0) != words * value;
}

static seL4_Uint64 measure_size(seL4_Word bytes, seL4_Uint64 count)
{
    void (*sum)(seL4_Word, seL4_Word) = bytes <= MESSAGE_BYTES ? sum_message : sum_shared;
    seL4_Word words = bytes / sizeof(seL4_Word);
    sum(words, 1);
    seL4_Uint64 begin = ticks_now();
    for (seL4_Word i = 0; i < count; i++) {
        sum(words, i);
    }
    return ticks_now() - begin;
}

static void report_throughput(seL4_Uint64 count)
{
    for (unsigned i = 0; i < SIZES; i++) {
        put_text("measure throughput ");
        put_number(sizes[i]);
        put(' ');
        put_number(count);
        put(' ');
        put_number(size_ticks[i]);
        put('\n');
    }
}

void init(void)
{
    struct wish wish;
    if (!read_iterations(&wish)) {
        return;
    }
    seL4_Uint64 count = wish.count;
    add(1, 1);
    seL4_Uint64 first_answer = ticks_now();
    seL4_Uint64 throughput_count = count < REQUESTS_MAX ? count : REQUESTS_MAX;
    measure_calls(count);
    for (unsigned i = 0; i < SIZES && count > 0; i++) {
        size_ticks[i] = measure_size(sizes[i], throughput_count);
    }

    report_begin("startup", tsc);
    report("event", "first-init", *first_init);
    report("event", "first-answer", first_answer);
    report_end("startup");
    report_begin("latency", tsc);
    report_samples(&wish);
    report("count", "requests", count);
    report("count", "wrong", wrong);
    report_end("latency");
    report_begin("throughput", tsc);
    if (count > 0) {
        report_throughput(throughput_count);
    }
    report_end("throughput");
}

void notified(microkit_channel ch)
{
    (void)ch;
}
