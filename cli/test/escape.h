/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Bytes as text that is safe to show, and back. */
#pragma once

#include <stddef.h>
#include <stdio.h>

/*
 * What \r \n \t \e \0 \\ \" and \xNN stand for. `bytes` has room for `length` of them.
 *
 * Returns NULL, or where an escape is that there is not.
 */
const char *unescape(const char *text, size_t length, char *bytes, size_t *byte_count);

/*
 * Whatever bytes a guest prints, as UTF-8 that no terminal acts upon and any XML or JSON may hold: tabs and
 * newlines stay, a carriage return before a newline goes, what is left of control characters and of
 * bytes that are no UTF-8 becomes \xNN.
 */
void print_safely(FILE *stream, const char *bytes, size_t length);

/* The same, with &, <, > and " as XML has them. */
void print_xml(FILE *stream, const char *bytes, size_t length);

/* The same, as a JSON string in quotes. */
void print_json(FILE *stream, const char *bytes, size_t length);
