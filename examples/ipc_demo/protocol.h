/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What client and server agree on. */
#pragma once

enum request {
    REQUEST_ADD, /* MR0, MR1 -> MR0: their sum */
    REQUEST_SUM, /* -> MR0: the sum of the shared page */
};

#define NUMBERS 512 /* of 8 bytes: the shared page is full */
