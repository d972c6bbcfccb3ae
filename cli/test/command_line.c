/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Command lines. */
#include "cli/test/command_line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t command_line_timeout_ns(const struct test_case *test, const struct run_options *options)
{
    return test->timeout_ns != 0 ? test->timeout_ns : options->timeout_ns;
}

static void add(struct command_line *line, const char *word)
{
    line->words[line->count++] = word;
}

void command_line_make(struct command_line *line, const struct test_case *test,
                       const struct run_options *options)
{
    const char *time = options->time ? options->time : test->time;
    line->count = 0;
    snprintf(line->timeout, sizeof(line->timeout), "%.6g",
             (double)command_line_timeout_ns(test, options) / 1e9);
    add(line, "quoll");
    add(line, test->boots ? "boot" : "run");
    add(line, "--timeout");
    add(line, line->timeout);
    if (time) {
        add(line, "--time");
        add(line, time);
    }
    for (size_t i = 0; i < options->folder_count && !test->boots; i++) {
        add(line, "--search-path");
        add(line, options->folders[i]);
    }
    for (size_t i = 0; i < test->argument_count; i++) {
        add(line, test->arguments[i]);
    }
    if (test->system[0] == '-') {
        add(line, "--");
    }
    add(line, test->system);
    line->words[line->count] = NULL;
}

static bool needs_quotes(const char *word)
{
    return word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                             "/._-+=:,@%")] != '\0' ||
           word[0] == '\0';
}

/* What is typed, as the first argument of printf(1). */
static void write_typed(FILE *stream, const struct pattern *pattern)
{
    for (size_t i = 0; i < pattern->length; i++) {
        unsigned char c = (unsigned char)pattern->text[i];
        if (c == '\n') {
            fputs("\\n", stream);
        } else if (c < 0x20 || c >= 0x7f || strchr("'\\%", c)) {
            fprintf(stream, "\\%03o", c);
        } else {
            fputc(c, stream);
        }
    }
}

/* All at once: it is what can be said in a line. */
static void write_input(FILE *stream, const struct test_case *test)
{
    const char *before = "printf '";
    for (size_t i = 0; i < test->rule_count; i++) {
        if (test->rules[i].kind == RULE_INPUT) {
            fputs(before, stream);
            write_typed(stream, &test->rules[i].pattern);
            before = "";
        }
    }
    if (before[0] == '\0') {
        fputs("' | ", stream);
    }
}

char *command_line_text(const struct test_case *test, const struct run_options *options)
{
    struct command_line line;
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    if (!stream) {
        return NULL;
    }
    command_line_make(&line, test, options);
    line.words[0] = program_invocation_name;
    write_input(stream, test);
    for (size_t i = 0; i < line.count; i++) {
        const char *word = line.words[i];
        fputs(i > 0 ? " " : "", stream);
        if (!needs_quotes(word)) {
            fputs(word, stream);
            continue;
        }
        fputc('\'', stream);
        for (; *word != '\0'; word++) {
            fputs(*word == '\'' ? "'\\''" : (char[]){*word, '\0'}, stream);
        }
        fputc('\'', stream);
    }
    return fclose(stream) == 0 ? text : NULL;
}
