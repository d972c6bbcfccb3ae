/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What kernel.c makes happen to the PD of pd.c. */
#pragma once

/* Channels, by what the PD does when it is notified through them. */
enum {
    NOTIFY = 3,
    NOTIFY_DEFERRED_TWICE = 4,
    USE_WRONG_IDS = 5,
    PRINT_NUMBERS = 6,
    CALL = 7,
    HANDLE_CHILDREN = 8,
    CALLED_DEFERS = 20,
    CHILD_RESUMED = 2,
};

/* What the tool and the start-up code do before main(). */
void set_up_pd(void);
