/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/json.h"

#include <limits.h>

static struct position position_of(const char *text, size_t offset)
{
    struct position at = {1, 1};
    for (size_t i = 0; i < offset; i++) {
        bool continuation = ((unsigned char)text[i] & 0xc0) == 0x80;
        at.column = text[i] == '\n' ? 1 : at.column + (continuation ? 0 : 1);
        at.line += text[i] == '\n';
    }
    return at;
}

bool json_read(const char *text, size_t length, json_object **root, struct json_failure *failure)
{
    struct json_tokener *tokener = json_tokener_new();
    *root = NULL;
    *failure = (struct json_failure){.at = {1, 1}, .why = "out of memory"};
    if (tokener == NULL || length > INT_MAX) {
        failure->why = tokener == NULL ? failure->why : "it is too large";
        json_tokener_free(tokener);
        return false;
    }
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    *root = json_tokener_parse_ex(tokener, text, (int)length);
    enum json_tokener_error error = json_tokener_get_error(tokener);
    if (error != json_tokener_success) {
        failure->at = position_of(text, json_tokener_get_parse_end(tokener));
        failure->why = error == json_tokener_continue ? "it ends in the middle"
                                                      : json_tokener_error_desc(error);
        json_object_put(*root);
        *root = NULL;
    }
    json_tokener_free(tokener);
    return error == json_tokener_success;
}
