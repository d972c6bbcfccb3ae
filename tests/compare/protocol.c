/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "compare/protocol.h"
#include "tests/test.h"

#include <stdio.h>
#include <string.h>

static void take_all(struct recording *recording, const char *const *lines)
{
    for (; *lines; lines++) {
        recording_take(recording, *lines);
    }
}

TEST(a_section_is_read_from_its_begin_to_its_end)
{
    struct recording recording = {0};
    take_all(&recording,
             (const char *const[]){"measure begin latency 2000000000", "measure sample 26 100",
                                   "measure sample 30 200", "measure count requests 2",
                                   "measure event crash 4000000000", "measure end latency", NULL});
    const struct section *section = recording_find(&recording, "latency");
    EXPECT_TRUE(section != NULL && section->complete);
    EXPECT_EQ(2, section->samples.count);
    EXPECT_EQ(13, section->samples.items[0].latency_ns);
    EXPECT_EQ(100, section->samples.items[1].timestamp_ns);
    EXPECT_STR("requests", section->counts.items[0].what);
    EXPECT_EQ(2, section->counts.items[0].n);
    EXPECT_EQ(2000000000, section->events.items[0].timestamp_ns);
    EXPECT_EQ(0, recording.wrong_lines);
    EXPECT_TRUE(recording_has(&recording, "latency"));
    EXPECT_FALSE(recording_has(&recording, "fault"));
    recording_free(&recording);
}

/* measured/README.md: latency, then the ticks since the answer before. 26 is "a", 33 "hB", 1060 "khB". */
TEST(packed_samples_are_unpacked_over_lines)
{
    struct recording recording = {0};
    take_all(&recording,
             (const char *const[]){"measure begin latency 1000000000", "measure packed aKhBB",
                                   "measure packed khBA", "measure end latency", NULL});
    const struct section *section = recording_find(&recording, "latency");
    EXPECT_EQ(0, recording.wrong_lines);
    EXPECT_EQ(3, section->samples.count);
    EXPECT_EQ(26, section->samples.items[0].latency_ns);
    EXPECT_EQ(36, section->samples.items[0].timestamp_ns);
    EXPECT_EQ(33, section->samples.items[1].latency_ns);
    EXPECT_EQ(70, section->samples.items[1].timestamp_ns);
    EXPECT_EQ(1060, section->samples.items[2].latency_ns);
    EXPECT_EQ(1130, section->samples.items[2].timestamp_ns);
    recording_free(&recording);
}

TEST(packed_samples_that_cannot_be_read_are_counted_and_change_nothing)
{
    static const char *const wrong[] = {"measure packed",
                                        "measure packed aK hB",
                                        "measure packed aKa", /* no gap */
                                        "measure packed aKaK!",
                                        "measure packed aKh",
                                        "measure packed a////////////////",
                                        "measure packed A//////////////fA"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct recording recording = {0};
        take_all(&recording,
                 (const char *const[]){"measure begin latency 1000000000", wrong[i],
                                       "measure packed aK", "measure end latency", NULL});
        const struct section *section = recording_find(&recording, "latency");
        EXPECT_EQ(1, recording.wrong_lines);
        EXPECT_EQ(1, section->samples.count);
        EXPECT_EQ(36, section->samples.items[0].timestamp_ns);
        recording_free(&recording);
    }
}

TEST(throughput_memory_and_rest_are_read)
{
    struct recording recording = {0};
    take_all(&recording,
             (const char *const[]){"measure begin all 1000", "measure throughput 64 10 5",
                                   "measure memory server 4096 8192 1", "measure idle 1000 5",
                                   "measure end all", NULL});
    const struct section *section = recording_find(&recording, "all");
    EXPECT_EQ(64, section->throughputs.items[0].bytes);
    EXPECT_EQ(10, section->throughputs.items[0].requests);
    EXPECT_EQ(5000000, section->throughputs.items[0].duration_ns);
    EXPECT_STR("server", section->memories.items[0].component);
    EXPECT_EQ(8192, section->memories.items[0].shared_bytes);
    EXPECT_EQ(1000000000, section->idle_wall_ns);
    EXPECT_EQ(5000000, section->idle_cpu_ns);
    recording_free(&recording);
}

TEST(lines_of_others_are_left_alone)
{
    struct recording recording = {0};
    EXPECT_FALSE(recording_take(&recording, "hello, world"));
    EXPECT_FALSE(recording_take(&recording, "measured begin latency 1"));
    EXPECT_FALSE(recording_take(&recording, "client: measure begin latency 1"));
    EXPECT_FALSE(recording_take(&recording, ""));
    EXPECT_EQ(0, recording.wrong_lines);
    EXPECT_EQ(0, recording.sections.count);
}

TEST(a_line_that_cannot_be_read_is_counted_and_changes_nothing)
{
    static const char *const wrong[] = {
        "measure ",
        "measure begin latency",
        "measure begin latency 0",
        "measure begin latency -1",
        "measure begin latency 1000000000001",
        "measure begin ../etc 1000",
        "measure begin a,b 1000",
        "measure sample 1 2 3",
        "measure sample 1",
        "measure sample one 2",
        "measure sample 0x10 2",
        "measure sample 18446744073709551616 2",
        "measure throughput 1 2 0",
        "measure event two words 3",
        "measure count x 1 2 3 4 5 6 7",
        "measure end other",
        "measure unknown 1 2",
    };
    struct recording recording = {0};
    recording_take(&recording, "measure begin latency 1000000000");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        EXPECT_TRUE(recording_take(&recording, wrong[i]));
        EXPECT_EQ(i + 1, recording.wrong_lines);
    }
    EXPECT_STR(wrong[0], recording.first_wrong);
    EXPECT_EQ(1, recording.sections.count);
    EXPECT_EQ(0, recording.sections.items[0].samples.count);
    EXPECT_FALSE(recording.sections.items[0].complete);
    recording_free(&recording);
}

TEST(a_sample_outside_a_section_is_wrong)
{
    struct recording recording = {0};
    recording_take(&recording, "measure sample 1 2");
    EXPECT_EQ(1, recording.wrong_lines);
    take_all(&recording, (const char *const[]){"measure begin latency 1000", "measure end latency",
                                               "measure sample 1 2", NULL});
    EXPECT_EQ(2, recording.wrong_lines);
    EXPECT_EQ(0, recording.sections.items[0].samples.count);
    recording_free(&recording);
}

TEST(a_time_that_fits_no_word_is_wrong)
{
    struct recording recording = {0};
    take_all(&recording,
             (const char *const[]){"measure begin latency 1", "measure sample 18446744073 1",
                                   "measure sample 18446744074 1", NULL});
    EXPECT_EQ(1, recording.sections.items[0].samples.count);
    EXPECT_EQ(18446744073000000000ull, recording.sections.items[0].samples.items[0].latency_ns);
    EXPECT_EQ(1, recording.wrong_lines);
    recording_free(&recording);
}

TEST(a_recording_is_complete_when_all_its_sections_are)
{
    struct recording recording = {0};
    EXPECT_FALSE(recording_is_complete(&recording));
    take_all(&recording, (const char *const[]){"measure begin a 1", "measure end a",
                                               "measure begin b 1", NULL});
    EXPECT_FALSE(recording_is_complete(&recording));
    recording_take(&recording, "measure end b");
    EXPECT_TRUE(recording_is_complete(&recording));
    recording_free(&recording);
}

/* --- Lines --- */

struct heard {
    char text[4096];
    unsigned broken;
};

static void hear(void *context, const char *line, bool whole)
{
    struct heard *heard = context;
    strcat(heard->text, line);
    strcat(heard->text, "|");
    heard->broken += !whole;
}

TEST(lines_come_out_of_pieces_that_end_anywhere)
{
    struct line_reader reader = {0};
    struct heard heard = {0};
    static const char text[] = "one\r\ntwo\n\nthr";
    for (size_t i = 0; i < strlen(text); i++) {
        line_reader_feed(&reader, &text[i], 1, hear, &heard);
    }
    EXPECT_STR("one|two||", heard.text);
    line_reader_finish(&reader, hear, &heard);
    EXPECT_STR("one|two||thr|", heard.text);
    EXPECT_EQ(0, heard.broken);
}

TEST(a_line_that_is_too_long_is_never_one_of_the_protocol)
{
    struct line_reader reader = {0};
    struct heard heard = {0};
    char text[2 * PROTOCOL_LINE_MAX + 90];
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\n';
    line_reader_feed(&reader, text, sizeof(text), hear, &heard);
    EXPECT_EQ(3, heard.broken);
    line_reader_feed(&reader, "y\n", 2, hear, &heard);
    EXPECT_EQ(3, heard.broken);
    EXPECT_STR("y|", strstr(heard.text, "|y|") + 1);
}

TEST(a_nul_in_a_line_hides_nothing)
{
    struct line_reader reader = {0};
    struct heard heard = {0};
    line_reader_feed(&reader, "a\0b\n", 4, hear, &heard);
    EXPECT_STR("a?b|", heard.text);
}

/* --- Parts around crashes --- */

TEST(a_part_tells_its_life_and_its_silences)
{
    struct recording recording = {0};
    take_all(&recording,
             (const char *const[]){"measure begin fault 1000000", "measure part logger 12 40",
                                   "measure silence logger 1 300 250",
                                   "measure silence logger 2 7 5 restarted",
                                   "measure silence logger 3 never", NULL});
    const struct section *section = &recording.sections.items[0];
    EXPECT_EQ(0, recording.wrong_lines);
    EXPECT_EQ(12, section->lives.items[0].signs);
    EXPECT_EQ(40000, section->lives.items[0].longest_ns);
    EXPECT_EQ(3, section->silences.count);
    const struct silence *silences = section->silences.items;
    EXPECT_TRUE(silences[0].ends && !silences[0].restarted);
    EXPECT_EQ(300000, silences[0].ns);
    EXPECT_EQ(250000, silences[0].after_ns);
    EXPECT_TRUE(silences[1].ends && silences[1].restarted);
    EXPECT_FALSE(silences[2].ends);
    recording_free(&recording);
}

TEST(silences_that_cannot_be_are_wrong)
{
    struct recording recording = {0};
    take_all(&recording,
             (const char *const[]){
                 "measure begin fault 1000000", "measure part logger 12",
                 "measure part logger 1 2 3", "measure part a/b 1 2",
                 "measure silence logger 0 never", "measure silence logger 4294967296 never",
                 "measure silence logger 1", "measure silence logger 1 always",
                 "measure silence logger 1 5 6", "measure silence logger 1 6 5 started",
                 "measure silence logger 1 6 5 restarted 1", "measure silence logger never", NULL});
    EXPECT_EQ(11, recording.wrong_lines);
    EXPECT_EQ(0, recording.sections.items[0].lives.count);
    EXPECT_EQ(0, recording.sections.items[0].silences.count);
    recording_free(&recording);
}
