/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What the virtualiser and its clients agree on, besides queues. */
#pragma once

#define SERIAL_NEXT_CLIENT '\t'

/* A protected call. */
enum serial_request {
    SERIAL_HAS_FOCUS, /* -> MR0: 1 if the caller gets what is typed */
};
