/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Test cases from files: their lines, and the whole. */
#include "cli/test/case.h"

#include "cli/test/key.h"
#include "cli/test/mistake.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MAX (1u << 20)

/* --- Lines --- */

static struct part trim(const char *start, const char *end)
{
    while (start < end && isblank((unsigned char)*start)) {
        start++;
    }
    return (struct part){start, line_length_trimmed(start, (size_t)(end - start))};
}

/* KEY [MARK]: VALUE */
static bool split(struct test_case *test, struct part whole, struct line *line)
{
    const char *end = whole.text + whole.length;
    const char *colon = memchr(whole.text, ':', whole.length);
    if (!colon) {
        mistake_at(test, whole.text, "there is no ':' in this line");
        diagnostic_advise(&test->found, "Lines are KEY: VALUE, such as `expect: hello, world`, or "
                                        "comments that start with #.");
        return false;
    }
    struct part left = trim(whole.text, colon);
    size_t key_length = 0;
    while (key_length < left.length && !isblank((unsigned char)left.text[key_length])) {
        key_length++;
    }
    line->key = (struct part){left.text, key_length};
    line->mark = trim(left.text + key_length, colon);
    line->value = trim(colon + 1, end);
    return true;
}

static bool is_complete(struct test_case *test, const struct line *line, const struct key *key)
{
    if (line->mark.length > 0 && !key->marks) {
        mistake_at(test, line->mark.text, "'%s' takes no mark", key->name);
        diagnostic_advise(&test->found, "Write `%s: VALUE`.", key->name);
        return false;
    }
    if (line->value.length == 0) {
        mistake_at(test, line->key.text, "'%s' has no value", key->name);
        diagnostic_advise(&test->found, key->marks
                                            ? "For an empty line, write \"\" in quotes."
                                            : "Write it behind the ':', or take the line away.");
        return false;
    }
    return true;
}

/* Where each key was first seen; line 0: nowhere. */
struct first_seen {
    struct position at[KEY_COUNT];
};

static bool is_first(struct test_case *test, const struct line *line, const struct key *key,
                     struct first_seen *seen)
{
    struct position *first = &seen->at[key_number(key)];
    if (first->line != 0 && !key->many) {
        mistake_at(test, line->key.text, "'%s' is said twice", key->name);
        diagnostic_advise(&test->found, "It stands first in line %u. Take one of them away.",
                          first->line);
        return false;
    }
    *first = mistake_position(test, line->key.text);
    return true;
}

static void take_line(struct test_case *test, struct part whole, struct first_seen *seen)
{
    struct line line;
    if (whole.length == 0 || whole.text[0] == '#' || !split(test, whole, &line)) {
        return;
    }
    const struct key *key = key_find(test, line.key);
    if (key && is_complete(test, &line, key) && is_first(test, &line, key, seen)) {
        key->take(test, &line);
    }
}

/* --- The whole --- */

static bool exists_beside(struct test_case *test, const char *ending)
{
    free(test->system);
    if (asprintf(&test->system, "%s%s", test->name, ending) < 0) {
        test->system = NULL;
    }
    return test->system && access(test->system, F_OK) == 0;
}

/* Nothing was said: what has the file's own name? */
static void find_system(struct test_case *test)
{
    static const char *const endings[] = {".system", ".img", ".json", ".elf"};
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        if (exists_beside(test, endings[i])) {
            test->boots = strcmp(endings[i], ".elf") == 0;
            return;
        }
    }
    if (!test->skip && test->found.errors == 0) { /* else it may be one of the mistakes */
        diagnostic_error(&test->found, "%s: error: there is nothing to run", test->path);
        diagnostic_advise(
            &test->found,
            "It names no `system:` or `boot:`, and there is no %s.system, .img, .json "
            "or .elf.",
            test->name);
    }
}

static bool asserts(const struct test_case *test, bool positive)
{
    bool found = !positive && (test->ends_at.line != 0 || test->exact);
    for (size_t i = 0; i < test->rule_count; i++) {
        enum rule_kind kind = test->rules[i].kind;
        found |= kind == RULE_EXPECT || kind == RULE_ANYWHERE ||
                 (!positive && (kind == RULE_NEVER || kind == RULE_REPORT));
    }
    return found;
}

static void check_whole(struct test_case *test)
{
    if (!asserts(test, false)) {
        diagnostic_error(&test->found, "%s: error: it expects nothing, so it could not fail",
                         test->path);
        diagnostic_advise(&test->found, "Write a line of the output that is to come, such as "
                                        "`expect: hello, world`, or how it ends: `ends: idle`.");
    } else if (test->ends == ENDS_MATCHED && !asserts(test, true)) {
        diagnostic_error(&test->found,
                         "%s:%u:%u: error: it is to end when all has come, and nothing is to come",
                         test->path, test->ends_at.line, test->ends_at.column);
        diagnostic_quote(&test->found, &test->source, test->ends_at);
        diagnostic_advise(&test->found, "Write an `expect:` or `anywhere:`.");
    }
    for (size_t i = 0; i < test->rule_count && !test->exact; i++) {
        const struct rule *rule = &test->rules[i];
        if (rule->kind == RULE_IGNORE) {
            diagnostic_error(&test->found, "%s:%u:%u: error: 'ignore' has no effect here",
                             test->path, rule->at.line, rule->at.column);
            diagnostic_quote(&test->found, &test->source, rule->at);
            diagnostic_advise(&test->found, "Other lines fail a test only with `exact: yes`.");
            break;
        }
    }
}

static char *name_of(const char *path)
{
    size_t length = strlen(path);
    if (length > 5 && strcmp(path + length - 5, ".test") == 0) {
        length -= 5;
    }
    return strndup(path, length);
}

static void parse_lines(struct test_case *test)
{
    const char *c = test->source.text;
    const char *end = c + test->source.length;
    struct first_seen seen = {0};
    if (test->source.length >= 3 && memcmp(c, "\xef\xbb\xbf", 3) == 0) {
        c += 3; /* a byte order mark */
    }
    while (c < end) {
        const char *newline = memchr(c, '\n', (size_t)(end - c));
        const char *line_end = newline ? newline : end;
        take_line(test, trim(c, line_end), &seen);
        c = line_end + 1;
    }
}

static bool starts(struct test_case *test, const char *path)
{
    *test = (struct test_case){.path = strdup(path), .name = name_of(path)};
    if (!test->path || !test->name) {
        diagnostic_error(&test->found, "%s: error: there is no memory to read it", path);
    }
    return test->path && test->name;
}

static void parse(struct test_case *test, char *text, size_t length)
{
    test->source = (struct source){.name = test->path, .text = text, .length = length};
    const char *nul = memchr(text, '\0', length);
    if (nul) {
        mistake_at(test, nul, "there is a NUL byte in it");
        diagnostic_advise(&test->found, "A test is a text. For a NUL to be typed, write \\0.");
        return;
    }
    parse_lines(test);
    if (!test->system) {
        find_system(test);
    }
    if (test->found.errors == 0 && !test->skip) {
        check_whole(test);
    }
}

void case_parse(struct test_case *test, const char *path, char *text, size_t length)
{
    if (starts(test, path)) {
        parse(test, text, length);
    } else {
        free(text);
    }
}

/* Returns NULL, with the reason in *failure. */
static char *read_text(const char *path, size_t *length, const char **failure)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char *text = NULL;
    if (fd < 0 || fstat(fd, &status) != 0) {
        *failure = strerror(errno);
    } else if (!S_ISREG(status.st_mode)) {
        *failure = S_ISDIR(status.st_mode) ? "it is a folder" : "it is no file";
    } else if (status.st_size > FILE_BYTES_MAX) {
        *failure = "it is larger than a megabyte, which no test is";
    } else if (!(text = malloc((size_t)status.st_size + 1))) {
        *failure = strerror(ENOMEM);
    } else {
        ssize_t count = read(fd, text, (size_t)status.st_size);
        *failure = count < 0 ? strerror(errno) : NULL;
        *length = count < 0 ? 0 : (size_t)count;
    }
    if (fd >= 0) {
        close(fd);
    }
    if (*failure) {
        free(text);
        text = NULL;
    }
    return text;
}

void case_open(struct test_case *test, const char *path)
{
    size_t length = 0;
    const char *failure = NULL;
    if (!starts(test, path)) {
        return;
    }
    char *text = read_text(path, &length, &failure);
    if (text) {
        parse(test, text, length);
    } else {
        diagnostic_error(&test->found, "%s: error: cannot read it: %s", path, failure);
    }
}

void case_close(struct test_case *test)
{
    for (size_t i = 0; i < test->rule_count; i++) {
        pattern_free(&test->rules[i].pattern);
    }
    for (size_t i = 0; i < test->argument_count; i++) {
        free(test->arguments[i]);
    }
    free(test->rules);
    free(test->system);
    free(test->skip);
    free((char *)test->source.text);
    free(test->path);
    free(test->name);
    diagnostics_free(&test->found);
    *test = (struct test_case){.path = NULL};
}
