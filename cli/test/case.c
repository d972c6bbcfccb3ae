/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Test cases from files. */
#include "cli/test/case.h"

#include "cli/test/escape.h"
#include "kernel/config.h"
#include "microkit/spelling.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MAX (1u << 20)
#define RULES_MAX      4096 /* each may be looked for in each line of output */
#define WHY_MAX        160

/* A part of the text. */
struct part {
    const char *text;
    size_t length;
};

/* A line that says something, taken apart. */
struct line {
    struct part key;
    struct part mark; /* empty: none */
    struct part value;
};

/* --- Positions and messages --- */

static struct position position_of(const struct test_case *test, const char *where)
{
    struct position at = {.line = 1, .column = 1};
    for (const char *c = test->source.text; c < where; c++) {
        if (*c == '\n') {
            at.line++;
            at.column = 1;
        } else if ((*c & 0xc0) != 0x80) {
            at.column++;
        }
    }
    return at;
}

static void complain(struct test_case *test, const char *where, const char *what, ...)
    __attribute__((format(printf, 3, 4)));

static void complain(struct test_case *test, const char *where, const char *what, ...)
{
    char *message = NULL;
    va_list arguments;
    va_start(arguments, what);
    int length = vasprintf(&message, what, arguments);
    va_end(arguments);
    struct position at = position_of(test, where);
    diagnostic_error(&test->found, "%s:%u:%u: error: %s", test->path, at.line, at.column,
                     length < 0 ? "out of memory" : message);
    diagnostic_quote(&test->found, &test->source, at);
    if (length >= 0) {
        free(message);
    }
}

static void advise_nearest(struct test_case *test, const struct spelling *spelling,
                           const char *otherwise)
{
    if (spelling->nearest) {
        diagnostic_advise(&test->found, "Did you mean '%s'?", spelling->nearest);
    } else {
        diagnostic_advise(&test->found, "%s", otherwise);
    }
}

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

static void lack_memory(struct test_case *test)
{
    diagnostic_error(&test->found, "%s: error: there is no memory to read it", test->path);
}

static void add_argument(struct test_case *test, char *argument)
{
    if (!argument) {
        lack_memory(test);
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
        complain(test, line->key.text, "there is more than one system to run");
        diagnostic_advise(&test->found, "A test runs one: take 'system' or 'boot', once.");
        return;
    }
    test->system = path_of(test, line->value);
    if (!test->system) {
        lack_memory(test);
    } else if (!test->skip && access(test->system, R_OK) != 0) {
        complain(test, line->value.text, "cannot read '%s': %s", test->system, strerror(errno));
        diagnostic_advise(&test->found, "%s",
                          errno == ENOENT ? "Paths are relative to the test's file. Is it built?"
                                          : "Make it readable.");
    }
}

static void take_kernel(struct test_case *test, const struct line *line)
{
    char *name = copy_of(line->value);
    if (!name) {
        lack_memory(test);
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
    complain(test, line->value.text, "there is no kernel configuration '%s'", name);
    advise_nearest(test, &spelling, "`quoll run --help` lists them.");
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
            complain(test, word.text, "%s is not for a test to say", refused_options[i].name);
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
    complain(test, line->value.text, "there is no time '%.*s'", (int)line->value.length,
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
        complain(test, line->value.text, "'%s' is no time that a test could take",
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
    test->ends_at = position_of(test, line->key.text);
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
    complain(test, line->value.text, "no system ends as '%s'", value ? value : "");
    advise_nearest(
        test, &spelling,
        "It can be idle, halted, stuck, timeout, matched (it is ended when all has come) "
        "or exit N.");
    free(value);
}

static void take_exact(struct test_case *test, const struct line *line)
{
    test->exact = is_word(line->value, "yes");
    if (!test->exact && !is_word(line->value, "no")) {
        complain(test, line->value.text, "'exact' takes yes or no");
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
        lack_memory(test);
    } else if (!test->skip && access(path, R_OK) != 0 &&
               asprintf(&test->skip, "it needs %s", path) < 0) {
        test->skip = NULL;
        lack_memory(test);
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
        complain(test, line->mark.text, "there is no mark '%s'", mark ? mark : "");
        advise_nearest(test, &spelling,
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
        complain(test, value.text, "the quote has no end");
        diagnostic_advise(&test->found, "Put a \" at the end of the line, or \\\" for one that is "
                                        "meant: \"\\\"so\\\"\".");
        return false;
    }
    struct part inside = {value.text + quoted, value.length - 2 * (size_t)quoted};
    char *copy = malloc(inside.length + 1);
    *bytes = (struct part){copy, inside.length};
    if (!copy) {
        lack_memory(test);
        return false;
    }
    const char *wrong = NULL;
    if (quoted || escapes) {
        wrong = unescape(inside.text, inside.length, copy, &bytes->length);
    } else {
        memcpy(copy, inside.text, inside.length);
    }
    if (wrong) {
        complain(test, wrong, "there is no such escape");
        diagnostic_advise(
            &test->found,
            "There are \\r \\n \\t \\e \\0 \\\\ \\\" and \\xNN, two hexadecimal digits.");
        free(copy);
        bytes->text = NULL;
    }
    return !wrong;
}

static void add_rule(struct test_case *test, const struct line *line, enum pattern_kind kind,
                     struct part bytes)
{
    char why[WHY_MAX];
    if (test->rule_count == RULES_MAX) {
        complain(test, line->key.text, "there are more than %d rules", RULES_MAX);
        return;
    }
    struct rule rule = {
        .kind = kind_of_key(line->key),
        .at = position_of(test, line->key.text),
    };
    if (pattern_make(&rule.pattern, kind, bytes.text, bytes.length, why, sizeof(why)) != 0) {
        complain(test, line->value.text, "this regular expression is wrong: %s", why);
        diagnostic_advise(&test->found, "It is a POSIX extended one, as grep -E has them. For a "
                                        "text as it stands, write 'contains'.");
        return;
    }
    struct rule *rules = reallocarray(test->rules, test->rule_count + 1, sizeof(*rules));
    if (!rules) {
        pattern_free(&rule.pattern);
        lack_memory(test);
        return;
    }
    test->rules = rules;
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
            complain(test, line->value.text, "there is nothing in the quotes");
            diagnostic_advise(&test->found, "Say what is to come, or to be typed.");
        } else {
            add_rule(test, line, kind, bytes);
        }
        free((char *)bytes.text);
    }
}

struct key {
    const char *name;
    void (*take)(struct test_case *test, const struct line *line);
    bool many;  /* it may stand in several lines */
    bool marks; /* it takes a mark */
};

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

/* --- Lines --- */

static struct part trim(const char *start, const char *end)
{
    while (start < end && isblank((unsigned char)*start)) {
        start++;
    }
    return (struct part){start, line_length_trimmed(start, (size_t)(end - start))};
}

static const struct key *find_key(struct part name)
{
    for (size_t i = 0; i < KEYS; i++) {
        if (is_word(name, keys[i].name)) {
            return &keys[i];
        }
    }
    return NULL;
}

static void complain_of_key(struct test_case *test, struct part part)
{
    char *name = copy_of(part);
    struct spelling spelling = spelling_of(name ? name : "");
    for (size_t i = 0; i < KEYS; i++) {
        spelling_try(&spelling, keys[i].name);
    }
    complain(test, part.text, "there is no key '%s'", name ? name : "");
    advise_nearest(
        test, &spelling,
        "A line of output that is to come is written `expect: LINE`; docs/testing.md has "
        "all keys.");
    free(name);
}

/* KEY [MARK]: VALUE */
static bool split(struct test_case *test, struct part whole, struct line *line)
{
    const char *end = whole.text + whole.length;
    const char *colon = memchr(whole.text, ':', whole.length);
    if (!colon) {
        complain(test, whole.text, "there is no ':' in this line");
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
        complain(test, line->mark.text, "'%s' takes no mark", key->name);
        diagnostic_advise(&test->found, "Write `%s: VALUE`.", key->name);
        return false;
    }
    if (line->value.length == 0) {
        complain(test, line->key.text, "'%s' has no value", key->name);
        diagnostic_advise(&test->found, key->marks
                                            ? "For an empty line, write \"\" in quotes."
                                            : "Write it behind the ':', or take the line away.");
        return false;
    }
    return true;
}

/* Where each key was first seen; line 0: nowhere. */
struct first_seen {
    struct position at[KEYS];
};

static bool is_first(struct test_case *test, const struct line *line, const struct key *key,
                     struct first_seen *seen)
{
    struct position *first = &seen->at[key - keys];
    if (first->line != 0 && !key->many) {
        complain(test, line->key.text, "'%s' is said twice", key->name);
        diagnostic_advise(&test->found, "It stands first in line %u. Take one of them away.",
                          first->line);
        return false;
    }
    *first = position_of(test, line->key.text);
    return true;
}

static void take_line(struct test_case *test, struct part whole, struct first_seen *seen)
{
    struct line line;
    if (whole.length == 0 || whole.text[0] == '#' || !split(test, whole, &line)) {
        return;
    }
    const struct key *key = find_key(line.key);
    if (!key) {
        complain_of_key(test, line.key);
    } else if (is_complete(test, &line, key) && is_first(test, &line, key, seen)) {
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

/* A test that is not run may lack all that it names. */
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
        complain(test, nul, "there is a NUL byte in it");
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
