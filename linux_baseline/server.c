/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Answers the client's requests, and tells the logger of some. */
#include "linux_baseline/protocol.h"

#include <sys/socket.h>

static const uint64_t *shared;
static struct notes *notes;

static uint64_t sum(const uint64_t *words, uint64_t count)
{
    uint64_t total = 0;
    for (uint64_t i = 0; i < count; i++) {
        total += words[i];
    }
    return total;
}

static uint64_t answer(const struct message *message, size_t words)
{
    switch (message->request) {
    case REQUEST_ADD:
        return message->words[0] + message->words[1];
    case REQUEST_SUM_MESSAGE:
        return sum(message->words, words);
    case REQUEST_SUM_SHARED:
        return message->words[0] <= SHARED_BYTES / sizeof(uint64_t) ? sum(shared, message->words[0])
                                                                    : 0;
    default:
        return 0;
    }
}

/* As a notification does, a log line that finds no room is dropped and never waited for. */
static void log_requests(uint64_t requests)
{
    char line[64];
    int length =
        snprintf(line, sizeof(line), "server: %llu requests\n", (unsigned long long)requests);
    (void)send(FD_LOG, line, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int main(void)
{
    struct message message;
    ssize_t length;
    notes = map_shared(FD_NOTES, NULL, sizeof(*notes));
    shared = map_shared(FD_SHARED, (void *)SHARED_ADDRESS, SHARED_BYTES);
    for (uint64_t requests = 1;
         (length = recv(FD_REQUEST, &message, sizeof(message), 0)) > (ssize_t)message_bytes(0);
         requests++) {
        uint64_t result = answer(&message, (size_t)length / sizeof(uint64_t) - 1);
        if (requests % LOG_EVERY == 0) {
            log_requests(requests);
        }
        sign_of(notes, PART_SERVER, false);
        message.words[0] = result;
        if (send(FD_REQUEST, &message, message_bytes(1), MSG_NOSIGNAL) < 0) {
            break;
        }
    }
    return 0; /* the client is gone */
}
