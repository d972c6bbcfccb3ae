/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "platform/isolated/stolen.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "platform/isolated/cell.h"
#include "platform/isolated/isolated.h"

/* Reading two files takes some 10 us. */
#define LOOK_MIN_NS 500000u

/* How long a thread has stood in line in its life, or `otherwise` where the host does not tell. */
static uint64_t delay_ns(const char *path, uint64_t otherwise)
{
    uint64_t delay = otherwise;
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        if (fscanf(file, "%*u %" SCNu64, &delay) != 1) {
            delay = otherwise;
        }
        fclose(file);
    }
    return delay;
}

/* Since the last look, which may be long ago: bounded by the caller. */
static uint64_t since(uint64_t *last_ns, const char *path)
{
    uint64_t now_ns = delay_ns(path, *last_ns);
    uint64_t passed_ns = now_ns - *last_ns;
    *last_ns = now_ns;
    return passed_ns;
}

uint64_t stolen_in_run(struct cell *cell, unsigned slot, uint64_t elapsed_ns)
{
    if (elapsed_ns < LOOK_MIN_NS) {
        return 0;
    }
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", (int)cell->process,
             (int)cell->slots[slot].thread_id);
    uint64_t stolen_ns = since(&cell->slots[slot].delay_ns, path) +
                         since(&cell->platform->delay_ns, "/proc/thread-self/schedstat");
    return stolen_ns < elapsed_ns ? stolen_ns : elapsed_ns;
}
