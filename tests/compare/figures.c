/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "compare/figures.h"
#include "compare/fault.h"
#include "compare/parts.h"
#include "compare/unit.h"
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double value_of(const struct figures *figures, const char *name, const char *of)
{
    const struct figure *figure = figures_find(figures, name, of);
    EXPECT_TRUE(figure != NULL);
    return figure->value;
}

/* A caller whose answers come every 100 ns; two crashes, and another part hears of them. */
static void record_fault(struct recording *recording)
{
    char line[64];
    recording_take(recording, "measure begin fault 1000000000");
    for (unsigned i = 1; i <= 20; i++) {
        snprintf(line, sizeof(line), "measure sample 90 %u", i * 100 + (i > 10 ? 500 : 0));
        recording_take(recording, line);
    }
    static const char *const rest[] = {
        "measure event reported 20", "measure event crash 450",       "measure event reported 460",
        "measure event crash 1050",  "measure event reported 1090",   "measure event stopped 1095",
        "measure count requests 20", "measure count longest-gap 600", "measure end fault",
    };
    for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++) {
        recording_take(recording, rest[i]);
    }
}

TEST(what_follows_a_crash_counts_from_it)
{
    struct recording recording = {0};
    record_fault(&recording);
    struct fault_story story = fault_story_of(&recording.sections.items[0]);
    struct figures figures = {0};
    figures_add_fault(&figures, &recording.sections.items[0], &story);
    EXPECT_EQ(2, story.crashes);
    EXPECT_TRUE(value_of(&figures, "fault_after_crash", "reported") == 25);
    EXPECT_TRUE(value_of(&figures, "fault_after_crash_worst", "reported") == 40);
    EXPECT_TRUE(value_of(&figures, "fault_after_crash", "stopped") == 45);
    EXPECT_TRUE(value_of(&figures, "fault_after_crash", "next-answer") == 300); /* 50 and 550 */
    EXPECT_TRUE(value_of(&figures, "fault_gap_worst", "") == 600);
    EXPECT_TRUE(value_of(&figures, "fault_gap", "") == 350);
    EXPECT_TRUE(value_of(&figures, "fault_longest_gap", "") == 600);
    EXPECT_TRUE(value_of(&figures, "fault_count", "requests") == 20);
    EXPECT_TRUE(figures_find(&figures, "fault_count", "longest-gap") == NULL);
    free(figures.items);
    free(story.items);
    recording_free(&recording);
}

TEST(what_came_before_the_first_crash_is_no_part_of_the_story)
{
    struct recording recording = {0};
    record_fault(&recording);
    struct fault_story story = fault_story_of(&recording.sections.items[0]);
    for (size_t i = 0; i < story.count; i++) {
        EXPECT_TRUE(story.items[i].crash >= 1 && story.items[i].since_ns >= 0);
    }
    EXPECT_EQ(7, story.count); /* two crashes, two answers, two reports, one stop */
    free(story.items);
    recording_free(&recording);
}

TEST(a_system_has_the_median_of_its_runs_and_their_range)
{
    struct figures runs[3] = {0};
    const double values[] = {30, 10, 20};
    for (unsigned i = 0; i < 3; i++) {
        figures_add(&runs[i], "start_up", "", "ns", values[i]);
    }
    figures_add(&runs[1], "idle_cpu", "", "percent", 2);
    struct figures over = figures_over(runs, 3, &(struct distribution){0});
    const struct figure *start = figures_find(&over, "start_up", "");
    EXPECT_TRUE(start->value == 20 && start->low == 10 && start->high == 30 && start->runs == 3);
    const struct figure *idle = figures_find(&over, "idle_cpu", "");
    EXPECT_TRUE(idle->value == 2 && idle->low == 2 && idle->high == 2 && idle->runs == 1);
    EXPECT_EQ(2, over.count);
    free(over.items);
    for (unsigned i = 0; i < 3; i++) {
        free(runs[i].items);
    }
}

TEST(latencies_of_a_system_are_those_of_all_its_samples)
{
    uint64_t first[] = {1, 1, 1, 9};
    uint64_t second[] = {5, 5};
    uint64_t both[] = {1, 1, 1, 9, 5, 5};
    struct figures runs[2] = {0};
    struct distribution d = distribution_of(first, 4);
    figures_add_latency(&runs[0], &d);
    d = distribution_of(second, 2);
    figures_add_latency(&runs[1], &d);
    d = distribution_of(both, 6);
    struct figures over = figures_over(runs, 2, &d);
    const struct figure *median = figures_find(&over, "latency_median", "");
    EXPECT_TRUE(median->value == 3 && median->low == 1 && median->high == 5);
    EXPECT_TRUE(value_of(&over, "latency_count", "") == 6);
    free(over.items);
    free(runs[0].items);
    free(runs[1].items);
}

TEST(throughput_is_requests_and_bytes_a_second)
{
    struct recording recording = {0};
    struct figures figures = {0};
    recording_take(&recording, "measure begin throughput 1000");
    recording_take(&recording, "measure throughput 64 100 500");
    figures_add_throughput(&figures, &recording.sections.items[0]);
    EXPECT_TRUE(value_of(&figures, "throughput_requests", "64") == 200);
    EXPECT_TRUE(value_of(&figures, "throughput_bytes", "64") == 12800);
    free(figures.items);
    recording_free(&recording);
}

TEST(figures_are_written_in_three_digits_and_a_unit)
{
    char text[UNIT_TEXT_MAX];
    EXPECT_STR("13.2 µs", unit_text(text, "ns", 13249));
    EXPECT_STR("999 ns", unit_text(text, "ns", 999));
    EXPECT_STR("1.50 s", unit_text(text, "ns", 1.5e9));
    EXPECT_STR("64.0 KiB", unit_text(text, "bytes", 65536));
    EXPECT_STR("75.3 k/s", unit_text(text, "per_second", 75300));
    EXPECT_STR("12", unit_text(text, "count", 12));
    EXPECT_STR("0 %", unit_text(text, "percent", 0));
    EXPECT_STR("-20.0 µs", unit_text(text, "ns", -20000));
}

/* --- Parts around crashes --- */

static struct figures figures_of_parts(const char *const *lines)
{
    struct recording recording = {0};
    struct figures figures = {0};
    recording_take(&recording, "measure begin fault 1000000000");
    for (; *lines; lines++) {
        recording_take(&recording, *lines);
    }
    figures_add_parts(&figures, &recording.sections.items[0]);
    recording_free(&recording);
    return figures;
}

TEST(a_part_stops_that_is_silent_for_longer_than_it_ever_was_before)
{
    char text[PART_TEXT_MAX];
    struct figures figures = figures_of_parts((const char *const[]){
        "measure part a 9 100", "measure silence a 1 100 1", "measure silence a 2 101 1", NULL});
    EXPECT_TRUE(value_of(&figures, "part_went_on", "a") == 1);
    EXPECT_TRUE(value_of(&figures, "part_stopped", "a") == 1);
    EXPECT_TRUE(value_of(&figures, "part_silence", "a") == 100.5);
    EXPECT_TRUE(value_of(&figures, "part_silence_worst", "a") == 101);
    EXPECT_TRUE(value_of(&figures, "part_silence_before", "a") == 100);
    EXPECT_STR("stopped in 1 crash, for at most 101 ns", part_text(text, &figures, "a"));
    free(figures.items);
}

TEST(each_part_has_what_became_of_it)
{
    char text[PART_TEXT_MAX];
    struct figures figures = figures_of_parts((const char *const[]){
        "measure part a 9 100", "measure part b 9 0", "measure part c 0 0",
        "measure silence b 1 5000 5000 restarted", "measure silence a 1 9 1",
        "measure silence b 2 7000 5000 restarted", "measure silence b 3 never",
        "measure silence c 1 never", "measure silence c 2 never", NULL});
    EXPECT_STR("went on", part_text(text, &figures, "a"));
    EXPECT_STR("restarted in 2 crashes, after at most 7.00 µs; never came back in 1 crash",
               part_text(text, &figures, "b"));
    EXPECT_STR("never came back in 2 crashes", part_text(text, &figures, "c"));
    EXPECT_TRUE(figures_find(&figures, "part_silence", "c") == NULL);
    EXPECT_STR("", part_text(text, &figures, "d"));
    free(figures.items);
}

TEST(what_became_of_a_part_in_one_of_several_runs_is_not_lost)
{
    char text[PART_TEXT_MAX];
    struct distribution none = {0};
    const char *const on[] = {"measure part a 9 100", "measure silence a 1 9 1", NULL};
    const char *const lost[] = {"measure part a 9 100", "measure silence a 1 never", NULL};
    struct figures runs[] = {figures_of_parts(on), figures_of_parts(lost), figures_of_parts(on)};
    struct figures over = figures_over(runs, 3, &none);
    EXPECT_STR("never came back in 1 crash", part_text(text, &over, "a"));
    free(over.items);
    for (size_t i = 0; i < 3; i++) {
        free(runs[i].items);
    }
}
