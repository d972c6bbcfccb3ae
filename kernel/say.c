/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Text for a person. */
#include "kernel/say.h"

static void add_char(struct line *line, char c)
{
    if (line->length + 1 < sizeof(line->text)) {
        line->text[line->length++] = c;
        line->text[line->length] = '\0';
    }
}

void line_add(struct line *line, const char *text)
{
    while (*text) {
        add_char(line, *text++);
    }
}

static void add_number(struct line *line, uint64_t value, unsigned base)
{
    char digits[20];
    unsigned count = 0;
    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    while (count) {
        add_char(line, digits[--count]);
    }
}

void line_add_decimal(struct line *line, uint64_t value)
{
    add_number(line, value, 10);
}

void line_add_hex(struct line *line, uint64_t value)
{
    line_add(line, "0x");
    add_number(line, value, 16);
}

static void add_thread_name(struct kernel *k, struct line *line, paddr tcb)
{
    add_char(line, '\'');
    line_add(line, tcb ? tcb_at(k, tcb)->name : "nobody");
    add_char(line, '\'');
}

void line_add_why(struct kernel *k, struct line *line, struct why why)
{
    unsigned next = 1;
    for (const char *c = why.text; *c; c++) {
        if (*c != '%') {
            add_char(line, *c);
            continue;
        }
        uint64_t value = why.args[next++];
        switch (*++c) {
        case 'u':
            line_add_decimal(line, value);
            break;
        case 'x':
            line_add_hex(line, value);
            break;
        case 'n':
            add_thread_name(k, line, value);
            break;
        case 's':
            line_add(line, (const char *)(uintptr_t)value);
            break;
        default:
            ASSERT(!"a directive that WHY does not know");
        }
    }
}

void say(struct kernel *k, const struct line *line)
{
    if (k->config.printing) {
        k->port.report(k->port.context, line->text);
    }
}

void say_why(struct kernel *k, struct why why)
{
    struct line line = {0};
    line_add_why(k, &line, why);
    say(k, &line);
}
