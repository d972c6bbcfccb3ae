/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Text and pictures in HTML. */
#include "compare/html.h"

void html_print(FILE *stream, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '<':
            fputs("&lt;", stream);
            break;
        case '>':
            fputs("&gt;", stream);
            break;
        case '&':
            fputs("&amp;", stream);
            break;
        case '"':
            fputs("&quot;", stream);
            break;
        default:
            fputc(*text, stream);
        }
    }
}

void html_print_base64(FILE *stream, FILE *from)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned char bytes[3] = {0};
    size_t count;
    while ((count = fread(bytes, 1, sizeof(bytes), from)) > 0) {
        unsigned word = (unsigned)bytes[0] << 16 | (unsigned)bytes[1] << 8 | bytes[2];
        fputc(digits[word >> 18 & 63], stream);
        fputc(digits[word >> 12 & 63], stream);
        fputc(count > 1 ? digits[word >> 6 & 63] : '=', stream);
        fputc(count > 2 ? digits[word & 63] : '=', stream);
        bytes[0] = bytes[1] = bytes[2] = 0;
    }
}
