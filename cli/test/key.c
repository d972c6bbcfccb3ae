/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Keys. */
#include "cli/test/key.h"

#include "cli/test/escape.h"
#include "cli/test/mistake.h"
#include "kernel/config.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RULES_MAX 4096 /* each may be looked for in each line of output */
#define WHY_MAX   160

/* --- Values --- */

static bool is_word(struct part part, const char *word)
{
    return strlen(word) == part.length && memcmp(part.text, word, part.length) == 0;
}

static char *copy_of(struct part part)
{
    return strndup(part.text, part.length);
}

/* A path as the file means it, to be freed. */
static char *path_of(const struct test_case *test, struct part value)
{
    const char *slash = strrchr(test->path, '/');
    char *path = NULL;
    if (value.text[0] == '/' || !slash) {
        return copy_of(value);
    }
    int folder_length = (int)(slash + 1 - test->path);
    return asprintf(&path, "%.*s%.*s", folder_length, test->path, (int)value.length, value.text) < 0
               ? NULL
               : path;
}

static void add_argument(struct test_case *test, char *argument)
{
    if (!argument) {
        mistake_lack_memory(test);
    } else if (test->argument_count == CASE_ARGUMENTS_MAX) {
        free(argument);
        diagnostic_error(&test->found, "%s: error: it has more than %d arguments", test->path,
                         CASE_ARGUMENTS_MAX);
    } else {
        test->arguments[test->argument_count++] = argument;
    }
}

static void add_option(struct test_case *test, const char *option, char *value)
{
    add_argument(test, strdup(option));
    add_argument(test, value);
}

/* --- Keys: each takes a line --- */

static void take_system(struct test_case *test, const struct line *line)
{
    test->boots = is_word(line->key, "boot");
    if (test->system) {
        mistake_at(test, line->key.text, "there is more than one system to run");
        diagnostic_advise(&test->found, "A test runs one: take 'system' or 'boot', once.");
        return;
    }
    test->system = path_of(test, line->value);
    if (!test->system) {
        mistake_lack_memory(test);
    } else if (!test->skip && access(test->system, R_OK) != 0) {
        mistake_at(test, line->value.text, "cannot read '%s': %s", test->system, strerror(errno));
        diagnostic_advise(&test->found, "%s",
                          errno == ENOENT ? "Paths are relative to the test's file. Is it built?"
                                          : "Make it readable.");
    }
}

static void take_kernel(struct test_case *test, const struct line *line)
{
    char *name = copy_of(line->value);
    if (!name) {
        mistake_lack_memory(test);
        return;
    }
    struct spelling spelling = spelling_of(name);
    bool known = false;
    for (unsigned i = 0; kernel_config_name(i); i++) {
        known |= strcmp(name, kernel_config_name(i)) == 0;
        spelling_try(&spelling, kernel_config_name(i));
    }
    if (known) {
        add_option(test, "--kernel", name);
        return;
    }
    mistake_at(test, line->value.text, "there is no kernel configuration '%s'", name);
    mistake_advise_nearest(test, &spelling, "`quoll run --help` lists them.");
    free(name);
}

static void take_config(struct test_case *test, const struct line *line)
{
    add_option(test, "--config", path_of(test, line->value));
}

static void take_search_path(struct test_case *test, const struct line *line)
{
    add_option(test, "--search-path", path_of(test, line->value));
}

/* Options that a key of the file stands for, or that would hide from us how the system ends. */
static const struct {
    const char *name;
    char letter;
    const char *advice;
} refused_options[] = {
    {"--time", 0, "Write `time: virtual` or `time: real`."},
    {"--timeout", 't', "Write `timeout: 5s`."},
    {"--serial", 's', "The serial port is what `expect` reads and `input` types to."},
    {"--gdb", 'g', "Debug it with `quoll run`."},
    {"--gdb-until", 0, "Debug it with `quoll run`."},
    {"--exit-when-idle", 0, "A test's system ends when it rests in any case."},
    {"--quiet", 'q', "What quoll says is needed to know how the system ended."},
    {"--help", 'h', "Ask `quoll run`."},
};

static void check_argument(struct test_case *test, struct part word)
{
    size_t name_length = 0;
    while (name_length < word.length && word.text[name_length] != '=') {
        name_length++;
    }
    struct part name = {word.text, name_length};
    for (size_t i = 0; i < sizeof(refused_options) / sizeof(refused_options[0]); i++) {
        bool is_letter = refused_options[i].letter != 0 && word.length >= 2 &&
                         word.text[0] == '-' && word.text[1] == refused_options[i].letter;
        if (is_letter || is_word(name, refused_options[i].name)) {
            mistake_at(test, word.text, "%s is not for a test to say", refused_options[i].name);
            diagnostic_advise(&test->found, "%s", refused_options[i].advice);
        }
    }
}

static void take_args(struct test_case *test, const struct line *line)
{
    const char *end = line->value.text + line->value.length;
    for (const char *c = line->value.text; c < end;) {
        size_t length = 0;
        while (c + length < end && !isblank((unsigned char)c[length])) {
            length++;
        }
        if (length > 0) {
            struct part word = {c, length};
            check_argument(test, word);
            add_argument(test, copy_of(word));
        }
        c += length + 1;
    }
}

static void take_time(struct test_case *test, const struct line *line)
{
    if (is_word(line->value, "real") || is_word(line->value, "virtual")) {
        test->time = is_word(line->value, "real") ? "real" : "virtual";
        return;
    }
    mistake_at(test, line->value.text, "there is no time '%.*s'", (int)line->value.length,
               line->value.text);
    diagnostic_advise(&test->found, "It can be real or virtual.");
}

static void take_timeout(struct test_case *test, const struct line *line)
{
    static const struct {
        const char *name;
        double ns;
    } units[] = {{"", 1e9}, {"s", 1e9}, {"ms", 1e6}, {"m", 60e9}, {"min", 60e9}};
    char *end;
    char *text = copy_of(line->value);
    double number = text ? strtod(text, &end) : 0;
    double ns = 0;
    for (size_t i = 0; text && i < sizeof(units) / sizeof(units[0]); i++) {
        if (end != text && strcmp(end + strspn(end, " "), units[i].name) == 0) {
            ns = number * units[i].ns;
        }
    }
    if (isfinite(ns) && ns >= 1e6 && ns <= 1e18) {
        test->timeout_ns = (uint64_t)ns;
    } else {
        mistake_at(test, line->value.text, "'%s' is no time that a test could take",
                   text ? text : "");
        diagnostic_advise(&test->found,
                          "Write a number and a unit, ms, s or m, such as `timeout: 5s`.");
    }
    free(text);
}

static bool parse_exit_status(struct part value, int *status)
{
    char text[16];
    if (value.length < 6 || value.length >= sizeof(text) || memcmp(value.text, "exit ", 5) != 0) {
        return false;
    }
    memcpy(text, value.text, value.length);
    text[value.length] = '\0';
    char *end;
    long number = strtol(text + 5, &end, 10);
    *status = (int)number;
    return *end == '\0' && end != text + 5 && number >= 0 && number <= 255;
}

static void take_ends(struct test_case *test, const struct line *line)
{
    static const struct {
        const char *word;
        enum ends ends;
    } words[] = {
        {"idle", ENDS_IDLE},       {"halted", ENDS_HALTED},   {"stuck", ENDS_STUCK},
        {"timeout", ENDS_TIMEOUT}, {"matched", ENDS_MATCHED},
    };
    test->ends_at = mistake_position(test, line->key.text);
    if (parse_exit_status(line->value, &test->exit_status)) {
        test->ends = ENDS_EXIT;
        return;
    }
    char *value = copy_of(line->value);
    struct spelling spelling = spelling_of(value ? value : "");
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (is_word(line->value, words[i].word)) {
            test->ends = words[i].ends;
            free(value);
            return;
        }
        spelling_try(&spelling, words[i].word);
    }
    mistake_at(test, line->value.text, "no system ends as '%s'", value ? value : "");
    mistake_advise_nearest(
        test, &spelling,
        "It can be idle, halted, stuck, timeout, matched (it is ended when all has come) "
        "or exit N.");
    free(value);
}

static void take_exact(struct test_case *test, const struct line *line)
{
    test->exact = is_word(line->value, "yes");
    if (!test->exact && !is_word(line->value, "no")) {
        mistake_at(test, line->value.text, "'exact' takes yes or no");
        diagnostic_advise(&test->found, "With `exact: yes`, a line that no rule expects or ignores "
                                        "fails the test.");
    }
}

static void take_skip(struct test_case *test, const struct line *line)
{
    if (!test->skip) {
        test->skip = copy_of(line->value);
    }
}

static void take_needs(struct test_case *test, const struct line *line)
{
    char *path = path_of(test, line->value);
    if (!path) {
        mistake_lack_memory(test);
    } else if (!test->skip && access(path, R_OK) != 0 &&
               asprintf(&test->skip, "it needs %s", path) < 0) {
        test->skip = NULL;
        mistake_lack_memory(test);
    }
    free(path);
}

static const struct {
    const char *key;
    enum rule_kind kind;
} rule_keys[] = {
    {"expect", RULE_EXPECT}, {"input", RULE_INPUT},   {"anywhere", RULE_ANYWHERE},
    {"never", RULE_NEVER},   {"report", RULE_REPORT}, {"ignore", RULE_IGNORE},
};
#define RULE_KEYS (sizeof(rule_keys) / sizeof(rule_keys[0]))

const char *rule_key(enum rule_kind kind)
{
    for (size_t i = 0; i < RULE_KEYS; i++) {
        if (rule_keys[i].kind == kind) {
            return rule_keys[i].key;
        }
    }
    return "";
}

static enum rule_kind kind_of_key(struct part key)
{
    for (size_t i = 0; i < RULE_KEYS; i++) {
        if (is_word(key, rule_keys[i].key)) {
            return rule_keys[i].kind;
        }
    }
    return RULE_EXPECT;
}

static bool pattern_kind_of(struct test_case *test, const struct line *line,
                            enum pattern_kind *kind)
{
    *kind = PATTERN_LINE;
    if (line->mark.length == 0) {
        return true;
    }
    if (is_word(line->mark, "contains")) {
        *kind = PATTERN_CONTAINS;
    } else if (is_word(line->mark, "matches")) {
        *kind = PATTERN_MATCHES;
    } else {
        char *mark = copy_of(line->mark);
        struct spelling spelling = spelling_of(mark ? mark : "");
        spelling_try(&spelling, "contains");
        spelling_try(&spelling, "matches");
        mistake_at(test, line->mark.text, "there is no mark '%s'", mark ? mark : "");
        mistake_advise_nearest(test, &spelling,
                               "It can be 'contains' (a part of the line) or 'matches' (a regular "
                               "expression).\nWithout a mark, the whole line is meant.");
        free(mark);
        return false;
    }
    return true;
}

/* The bytes that a value stands for: in quotes, and for what is typed, \ is an escape. */
static bool bytes_of(struct test_case *test, struct part value, bool escapes, struct part *bytes)
{
    bool quoted = value.text[0] == '"';
    if (quoted && (value.length < 2 || value.text[value.length - 1] != '"')) {
        mistake_at(test, value.text, "the quote has no end");
        diagnostic_advise(&test->found, "Put a \" at the end of the line, or \\\" for one that is "
                                        "meant: \"\\\"so\\\"\".");
        return false;
    }
    struct part inside = {value.text + quoted, value.length - 2 * (size_t)quoted};
    char *copy = malloc(inside.length + 1);
    *bytes = (struct part){copy, inside.length};
    if (!copy) {
        mistake_lack_memory(test);
        return false;
    }
    const char *wrong = NULL;
    if (quoted || escapes) {
        wrong = unescape(inside.text, inside.length, copy, &bytes->length);
    } else {
        memcpy(copy, inside.text, inside.length);
    }
    if (wrong) {
        mistake_at(test, wrong, "there is no such escape");
        diagnostic_advise(
            &test->found,
            "There are \\r \\n \\t \\e \\0 \\\\ \\\" and \\xNN, two hexadecimal digits.");
        free(copy);
        bytes->text = NULL;
    }
    return !wrong;
}

static bool make_room(struct test_case *test)
{
    if (test->rule_count < test->rule_room) {
        return true;
    }
    size_t room = test->rule_room * 2 + 8;
    struct rule *rules = reallocarray(test->rules, room, sizeof(*rules));
    if (rules) {
        test->rules = rules;
        test->rule_room = room;
    }
    return rules;
}

static void add_rule(struct test_case *test, const struct line *line, enum pattern_kind kind,
                     struct part bytes)
{
    char why[WHY_MAX];
    if (test->rule_count == RULES_MAX) {
        mistake_at(test, line->key.text, "there are more than %d rules", RULES_MAX);
        return;
    }
    struct rule rule = {
        .kind = kind_of_key(line->key),
        .at = mistake_position(test, line->key.text),
    };
    if (pattern_make(&rule.pattern, kind, bytes.text, bytes.length, why, sizeof(why)) != 0) {
        mistake_at(test, line->value.text, "this regular expression is wrong: %s", why);
        diagnostic_advise(&test->found, "It is a POSIX extended one, as grep -E has them. For a "
                                        "text as it stands, write 'contains'.");
        return;
    }
    if (!make_room(test)) {
        pattern_free(&rule.pattern);
        mistake_lack_memory(test);
        return;
    }
    test->rules[test->rule_count++] = rule;
}

static void take_rule(struct test_case *test, const struct line *line)
{
    enum pattern_kind kind;
    struct part bytes = line->value;
    if (!pattern_kind_of(test, line, &kind)) {
        return;
    }
    bool is_input = is_word(line->key, "input");
    if (is_input) {
        kind = PATTERN_CONTAINS;
    }
    if (kind == PATTERN_MATCHES) {
        add_rule(test, line, kind, bytes);
    } else if (bytes_of(test, line->value, is_input, &bytes)) {
        if (bytes.length == 0 && kind == PATTERN_CONTAINS) {
            mistake_at(test, line->value.text, "there is nothing in the quotes");
            diagnostic_advise(&test->found, "Say what is to come, or to be typed.");
        } else {
            add_rule(test, line, kind, bytes);
        }
        free((char *)bytes.text);
    }
}

static const struct key keys[] = {
    {"expect", take_rule, true, true},       {"anywhere", take_rule, true, true},
    {"never", take_rule, true, true},        {"report", take_rule, true, true},
    {"ignore", take_rule, true, true},       {"needs", take_needs, true, false},
    {"skip", take_skip, false, false},       {"system", take_system, true, false},
    {"boot", take_system, true, false},      {"kernel", take_kernel, false, false},
    {"config", take_config, false, false},   {"search-path", take_search_path, true, false},
    {"args", take_args, true, false},        {"time", take_time, false, false},
    {"timeout", take_timeout, false, false}, {"ends", take_ends, false, false},
    {"exact", take_exact, false, false},     {"input", take_rule, true, false},
};
#define KEYS (sizeof(keys) / sizeof(keys[0]))
_Static_assert(KEYS == KEY_COUNT, "each key has its number");

static void complain_of_key(struct test_case *test, struct part part)
{
    char *name = copy_of(part);
    struct spelling spelling = spelling_of(name ? name : "");
    for (size_t i = 0; i < KEYS; i++) {
        spelling_try(&spelling, keys[i].name);
    }
    mistake_at(test, part.text, "there is no key '%s'", name ? name : "");
    mistake_advise_nearest(
        test, &spelling,
        "A line of output that is to come is written `expect: LINE`; docs/testing.md has "
        "all keys.");
    free(name);
}

const struct key *key_find(struct test_case *test, struct part name)
{
    for (size_t i = 0; i < KEYS; i++) {
        if (is_word(name, keys[i].name)) {
            return &keys[i];
        }
    }
    complain_of_key(test, name);
    return NULL;
}

size_t key_number(const struct key *key)
{
    return (size_t)(key - keys);
}
