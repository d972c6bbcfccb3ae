/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What the measured client and its server agree on. linux_baseline/protocol.h says the same there. */
#pragma once

enum request {
    REQUEST_ADD,         /* MR0, MR1 -> MR0: their sum */
    REQUEST_SUM_MESSAGE, /* MR0 … -> MR0: the sum of all words of the message */
    REQUEST_SUM_SHARED,  /* MR0: how many words -> MR0: the sum of so many in shared memory */
};

#define LOG_EVERY     250     /* requests: then the server tells the logger */
#define WARM_UP       1000    /* requests that are not measured */
#define MESSAGE_BYTES 960     /* at most in a message: 120 words. What is larger is shared */
#define SHARED_BYTES  0x10000 /* of the region */
