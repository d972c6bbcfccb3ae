/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Escapes. */
#include "cli/test/escape.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* --- From text --- */

/* The bytes of text that the escape behind a \ takes; 0: there is none. */
static size_t unescape_one(const char *text, size_t left, char *byte)
{
    static const char letters[] = "rnte0\\\"";
    static const char meanings[] = "\r\n\t\x1b\0\\\"";
    if (left >= 3 && text[0] == 'x' && isxdigit((unsigned char)text[1]) &&
        isxdigit((unsigned char)text[2])) {
        char digits[3] = {text[1], text[2], '\0'};
        *byte = (char)strtoul(digits, NULL, 16);
        return 3;
    }
    const char *letter = left > 0 ? memchr(letters, text[0], sizeof(letters) - 1) : NULL;
    if (!letter) {
        return 0;
    }
    *byte = meanings[letter - letters];
    return 1;
}

const char *unescape(const char *text, size_t length, char *bytes, size_t *byte_count)
{
    *byte_count = 0;
    for (size_t i = 0; i < length; (*byte_count)++) {
        if (text[i] != '\\') {
            bytes[*byte_count] = text[i++];
            continue;
        }
        size_t taken = unescape_one(text + i + 1, length - i - 1, &bytes[*byte_count]);
        if (taken == 0) {
            return text + i;
        }
        i += 1 + taken;
    }
    return NULL;
}

/* --- To text --- */

static uint32_t code_point(const unsigned char *bytes, size_t length)
{
    if (length == 1) {
        return bytes[0];
    }
    uint32_t code = bytes[0] & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        code = code << 6 | (bytes[i] & 0x3f);
    }
    return code;
}

/* XML 1.0 has all but controls, surrogates and the last two of the basic plane; C1 controls are for terminals. */
static bool is_safe(uint32_t code)
{
    return (code >= 0x20 && code < 0x7f) || code == '\t' || code == '\n' ||
           (code >= 0xa0 && code < 0xd800) || (code >= 0xe000 && code < 0xfffe) ||
           (code >= 0x10000 && code < 0x110000);
}

/* The bytes of the safe character there; 0: it is none. Overlong forms are none. */
static size_t safe_length(const unsigned char *bytes, size_t left)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = bytes[0] < 0x80 ? 1 : bytes[0] >= 0xf0 ? 4 : bytes[0] >= 0xe0 ? 3 : 2;
    if (length > left || (bytes[0] >= 0x80 && bytes[0] < 0xc2) || bytes[0] > 0xf4) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    uint32_t code = code_point(bytes, length);
    return is_safe(code) && code >= least[length] ? length : 0;
}

typedef void print_character(FILE *stream, const char *bytes, size_t length);

static void print_each(FILE *stream, const char *bytes, size_t length, print_character *print)
{
    for (size_t i = 0; i < length;) {
        size_t safe = safe_length((const unsigned char *)bytes + i, length - i);
        if (safe > 0) {
            print(stream, bytes + i, safe);
        } else if (bytes[i] != '\r' || i + 1 >= length || bytes[i + 1] != '\n') {
            char escape[5];
            snprintf(escape, sizeof(escape), "\\x%02x", (unsigned char)bytes[i]);
            for (size_t c = 0; c < 4; c++) {
                print(stream, escape + c, 1);
            }
        }
        i += safe > 0 ? safe : 1;
    }
}

static void print_plain(FILE *stream, const char *bytes, size_t length)
{
    fwrite(bytes, 1, length, stream);
}

static void print_in_xml(FILE *stream, const char *bytes, size_t length)
{
    switch (*bytes) {
    case '&':
        fputs("&amp;", stream);
        break;
    case '<':
        fputs("&lt;", stream);
        break;
    case '>':
        fputs("&gt;", stream);
        break;
    case '"':
        fputs("&quot;", stream);
        break;
    default:
        print_plain(stream, bytes, length);
        break;
    }
}

static void print_in_json(FILE *stream, const char *bytes, size_t length)
{
    switch (*bytes) {
    case '"':
    case '\\':
        fputc('\\', stream);
        fputc(*bytes, stream);
        break;
    case '\n':
        fputs("\\n", stream);
        break;
    case '\t':
        fputs("\\t", stream);
        break;
    default:
        print_plain(stream, bytes, length);
        break;
    }
}

void print_safely(FILE *stream, const char *bytes, size_t length)
{
    print_each(stream, bytes, length, print_plain);
}

void print_xml(FILE *stream, const char *bytes, size_t length)
{
    print_each(stream, bytes, length, print_in_xml);
}

void print_json(FILE *stream, const char *bytes, size_t length)
{
    fputc('"', stream);
    print_each(stream, bytes, length, print_in_json);
    fputc('"', stream);
}
