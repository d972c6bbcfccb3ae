/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The measuring protocol. */
#include "compare/protocol.h"

#include "compare/list.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX     8
#define NS_PER_SECOND 1000000000ull

/* --- Words of a line --- */

struct words {
    size_t count;
    char *word[WORDS_MAX];
};

/* Splits in place. A line with more words than any of the protocol has WORDS_MAX of them. */
static struct words split(char *line)
{
    struct words words = {0};
    char *rest = NULL;
    for (char *word = strtok_r(line, " \t", &rest); word && words.count < WORDS_MAX;
         word = strtok_r(NULL, " \t", &rest)) {
        words.word[words.count++] = word;
    }
    return words;
}

static bool parse_number(const char *text, uint64_t *number)
{
    char *end;
    if (!isdigit((unsigned char)text[0])) {
        return false;
    }
    errno = 0;
    *number = strtoull(text, &end, 10);
    return *end == '\0' && errno == 0;
}

/* Names become names of files and stand in tables. */
static bool parse_name(const char *text, char *name)
{
    size_t length = strlen(text);
    if (length > PROTOCOL_NAME_MAX || !isalnum((unsigned char)text[0])) {
        return false;
    }
    for (const char *c = text; *c != '\0'; c++) {
        if (!isalnum((unsigned char)*c) && !strchr("._-", *c)) {
            return false;
        }
    }
    memcpy(name, text, length + 1);
    return true;
}

/* Returns false for a time beyond 584 years. */
static bool ns_of_ticks(const struct section *section, uint64_t ticks, uint64_t *ns)
{
    unsigned __int128 exact = (unsigned __int128)ticks * NS_PER_SECOND / section->ticks_per_second;
    *ns = (uint64_t)exact;
    return exact <= UINT64_MAX;
}

static bool parse_ticks(const struct section *section, const char *text, uint64_t *ns)
{
    uint64_t ticks;
    return parse_number(text, &ticks) && ns_of_ticks(section, ticks, ns);
}

/* Five bits in each of its characters, the lowest first; the sixth says that more follow. */
static bool parse_packed(const char **text, uint64_t *number)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    *number = 0;
    for (unsigned shift = 0; shift < 64; shift += 5, (*text)++) {
        const char *digit = **text != '\0' ? strchr(digits, **text) : NULL;
        if (!digit) {
            return false;
        }
        uint64_t value = (uint64_t)(digit - digits);
        uint64_t bits = (value & 31) << shift;
        if (bits >> shift != (value & 31)) {
            return false;
        }
        *number |= bits;
        if (value < 32) {
            (*text)++;
            return true;
        }
    }
    return false;
}

/* --- One function for each kind of line. They return false when it cannot be read. --- */

static bool take_begin(struct recording *recording, const struct words *words)
{
    struct section section = {0};
    if (words->count != 4 || !parse_name(words->word[2], section.name) ||
        !parse_number(words->word[3], &section.ticks_per_second) || section.ticks_per_second == 0 ||
        section.ticks_per_second > TICKS_PER_SECOND_MAX) {
        return false;
    }
    *LIST_ADD(&recording->sections) = section;
    return true;
}

static bool take_sample(struct section *section, const struct words *words)
{
    struct sample sample;
    if (words->count != 4 || !parse_ticks(section, words->word[2], &sample.latency_ns) ||
        !parse_ticks(section, words->word[3], &sample.timestamp_ns)) {
        return false;
    }
    *LIST_ADD(&section->samples) = sample;
    return true;
}

static bool unpack_sample(struct section *section, const char **text)
{
    struct sample sample;
    uint64_t latency, gap, answer;
    if (!parse_packed(text, &latency) || !parse_packed(text, &gap) ||
        __builtin_add_overflow(section->packed_ticks, gap, &answer) ||
        __builtin_add_overflow(answer, latency, &answer) ||
        !ns_of_ticks(section, latency, &sample.latency_ns) ||
        !ns_of_ticks(section, answer, &sample.timestamp_ns)) {
        return false;
    }
    section->packed_ticks = answer;
    *LIST_ADD(&section->samples) = sample;
    return true;
}

static bool take_packed(struct section *section, const struct words *words)
{
    if (words->count != 3) {
        return false;
    }
    const char *text = words->word[2];
    size_t count = section->samples.count;
    uint64_t ticks = section->packed_ticks;
    while (*text != '\0') {
        if (!unpack_sample(section, &text)) {
            section->samples.count = count;
            section->packed_ticks = ticks;
            return false;
        }
    }
    return true;
}

static bool take_throughput(struct section *section, const struct words *words)
{
    struct throughput throughput;
    if (words->count != 5 || !parse_number(words->word[2], &throughput.bytes) ||
        !parse_number(words->word[3], &throughput.requests) ||
        !parse_ticks(section, words->word[4], &throughput.duration_ns) ||
        throughput.duration_ns == 0) {
        return false;
    }
    *LIST_ADD(&section->throughputs) = throughput;
    return true;
}

static bool take_event(struct section *section, const struct words *words)
{
    struct event event;
    if (words->count != 4 || !parse_name(words->word[2], event.what) ||
        !parse_ticks(section, words->word[3], &event.timestamp_ns)) {
        return false;
    }
    *LIST_ADD(&section->events) = event;
    return true;
}

static bool take_count(struct section *section, const struct words *words)
{
    struct count count;
    if (words->count != 4 || !parse_name(words->word[2], count.what) ||
        !parse_number(words->word[3], &count.n)) {
        return false;
    }
    *LIST_ADD(&section->counts) = count;
    return true;
}

static bool take_part(struct section *section, const struct words *words)
{
    struct part_life life = {0};
    if (words->count != 5 || !parse_name(words->word[2], life.name) ||
        !parse_number(words->word[3], &life.signs) ||
        !parse_ticks(section, words->word[4], &life.longest_ns)) {
        return false;
    }
    *LIST_ADD(&section->lives) = life;
    return true;
}

/* What stands behind the crash's number: "never", or two times and perhaps "restarted". */
static bool parse_silence(const struct section *section, const struct words *words,
                          struct silence *silence)
{
    if (words->count == 5) {
        return strcmp(words->word[4], "never") == 0;
    }
    silence->ends = true;
    silence->restarted = words->count == 7;
    return words->count >= 6 && words->count <= 7 &&
           parse_ticks(section, words->word[4], &silence->ns) &&
           parse_ticks(section, words->word[5], &silence->after_ns) &&
           silence->after_ns <= silence->ns &&
           (words->count == 6 || strcmp(words->word[6], "restarted") == 0);
}

static bool take_silence(struct section *section, const struct words *words)
{
    struct silence silence = {0};
    if (words->count < 5 || !parse_name(words->word[2], silence.part) ||
        !parse_number(words->word[3], &silence.crash) || silence.crash == 0 ||
        silence.crash > UINT32_MAX || !parse_silence(section, words, &silence)) {
        return false;
    }
    *LIST_ADD(&section->silences) = silence;
    return true;
}

static bool take_memory(struct section *section, const struct words *words)
{
    struct memory_use use;
    if (words->count != 6 || !parse_name(words->word[2], use.component) ||
        !parse_number(words->word[3], &use.private_bytes) ||
        !parse_number(words->word[4], &use.shared_bytes) ||
        !parse_number(words->word[5], &use.kernel_bytes)) {
        return false;
    }
    *LIST_ADD(&section->memories) = use;
    return true;
}

static bool take_idle(struct section *section, const struct words *words)
{
    return words->count == 4 && parse_ticks(section, words->word[2], &section->idle_wall_ns) &&
           parse_ticks(section, words->word[3], &section->idle_cpu_ns) && section->idle_wall_ns > 0;
}

static bool take_end(struct section *section, const struct words *words)
{
    if (words->count != 3 || strcmp(words->word[2], section->name) != 0) {
        return false;
    }
    section->complete = true;
    return true;
}

/* --- Recordings --- */

static struct section *open_section(struct recording *recording)
{
    size_t count = recording->sections.count;
    struct section *last = count > 0 ? &recording->sections.items[count - 1] : NULL;
    return last && !last->complete ? last : NULL;
}

static bool take_words(struct recording *recording, const struct words *words)
{
    static const struct {
        const char *kind;
        bool (*take)(struct section *section, const struct words *words);
    } kinds[] = {
        {"sample", take_sample},   {"packed", take_packed}, {"throughput", take_throughput},
        {"event", take_event},     {"count", take_count},   {"part", take_part},
        {"silence", take_silence}, {"memory", take_memory}, {"idle", take_idle},
        {"end", take_end},
    };
    struct section *section = open_section(recording);
    if (words->count < 2) {
        return false;
    }
    if (strcmp(words->word[1], "begin") == 0) {
        return take_begin(recording, words);
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(words->word[1], kinds[i].kind) == 0) {
            return section && kinds[i].take(section, words);
        }
    }
    return false;
}

bool recording_take(struct recording *recording, const char *line)
{
    char copy[PROTOCOL_LINE_MAX + 1];
    size_t length = strlen(line);
    if (strncmp(line, "measure ", 8) != 0 || length >= sizeof(copy)) {
        return false;
    }
    memcpy(copy, line, length + 1);
    struct words words = split(copy);
    if (!take_words(recording, &words)) {
        if (recording->wrong_lines++ == 0) {
            memcpy(recording->first_wrong, line, length + 1);
        }
    }
    return true;
}

void recording_free(struct recording *recording)
{
    for (size_t i = 0; i < recording->sections.count; i++) {
        struct section *section = &recording->sections.items[i];
        free(section->samples.items);
        free(section->throughputs.items);
        free(section->events.items);
        free(section->counts.items);
        free(section->lives.items);
        free(section->silences.items);
        free(section->memories.items);
    }
    free(recording->sections.items);
    *recording = (struct recording){0};
}

const struct section *recording_find(const struct recording *recording, const char *name)
{
    for (size_t i = 0; i < recording->sections.count; i++) {
        if (strcmp(recording->sections.items[i].name, name) == 0) {
            return &recording->sections.items[i];
        }
    }
    return NULL;
}

bool recording_is_complete(const struct recording *recording)
{
    for (size_t i = 0; i < recording->sections.count; i++) {
        if (!recording->sections.items[i].complete) {
            return false;
        }
    }
    return recording->sections.count > 0;
}

size_t recording_samples(const struct recording *recording)
{
    size_t count = 0;
    for (size_t i = 0; i < recording->sections.count; i++) {
        count += recording->sections.items[i].samples.count;
    }
    return count;
}

bool recording_has(const struct recording *recording, const char *name)
{
    const struct section *section = recording_find(recording, name);
    return section && section->complete;
}

/* --- Lines --- */

static void end_line(struct line_reader *reader, line_taker *take, void *context, bool whole)
{
    if (whole && reader->length > 0 && reader->line[reader->length - 1] == '\r') {
        reader->length--;
    }
    reader->line[reader->length] = '\0';
    take(context, reader->line, whole);
    reader->length = 0;
}

void line_reader_feed(struct line_reader *reader, const char *bytes, size_t count, line_taker *take,
                      void *context)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == '\n') {
            end_line(reader, take, context, !reader->broken);
            reader->broken = false;
            continue;
        }
        if (reader->length == PROTOCOL_LINE_MAX) {
            end_line(reader, take, context, false);
            reader->broken = true;
        }
        /* A NUL would end the line early, and hide what follows. */
        reader->line[reader->length++] = bytes[i] == '\0' ? '?' : bytes[i];
    }
}

void line_reader_finish(struct line_reader *reader, line_taker *take, void *context)
{
    if (reader->length > 0) {
        end_line(reader, take, context, !reader->broken);
    }
    reader->broken = false;
}
