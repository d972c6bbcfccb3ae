/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Counts the lines that the server logs: printing would be a part of what is measured. */
#include "linux_baseline/protocol.h"

#include <sys/socket.h>

int main(void)
{
    char line[256];
    uint64_t lines = 0;
    struct notes *notes = map_shared(FD_NOTES, NULL, sizeof(*notes));
    while (recv(FD_LOG, line, sizeof(line), 0) >= 0) {
        lines++;
        sign_of(notes, PART_LOGGER, false);
    }
    die("receive from the log socket");
}
