/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* JSON, read by json-c: its numbers have all 64 bits, as badges do. */
#pragma once

#include "microkit/diagnostic.h"

#include <json-c/json.h>

struct json_failure {
    struct position at;
    const char *why;
};

/*
 * Read a text. Returns true, and then json_object_put is due for `root`, which is NULL for null; or
 * false, with where and why.
 */
bool json_read(const char *text, size_t length, json_object **root, struct json_failure *failure);
