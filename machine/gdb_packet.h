/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Framing of gdb's remote serial protocol: $PAYLOAD#SUM, where SUM is two hexadecimal digits, and a
 * character that means something else goes as '}' and itself with bit 5 flipped.
 * Reference: the gdb manual, appendix "Remote Protocol", "Overview".
 *
 * Rules
 *   Any byte may come at any time. What is no packet is skipped; a payload that is too long, or whose
 *   sum is wrong, is bad, and the next '$' starts afresh.
 *   Payloads are bytes. One that is received has a NUL behind it, so that text can be read as text.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GDB_PAYLOAD_MAX 0x4000 /* the PacketSize that gdb is told */

/* What a byte completes. */
enum gdb_input {
    GDB_INPUT_NONE,
    GDB_INPUT_PACKET,    /* packet->payload is one, until the next byte */
    GDB_INPUT_BAD,       /* to be answered with '-' */
    GDB_INPUT_INTERRUPT, /* Ctrl-C, which comes without a frame */
    GDB_INPUT_AGAIN,     /* '-': the other side wants the last packet once more */
};

/* The packet that is being received. Starts zeroed. */
struct gdb_packet {
    char payload[GDB_PAYLOAD_MAX + 1];
    size_t length;
    /* Private. */
    enum { GDB_OUTSIDE, GDB_INSIDE, GDB_ESCAPED, GDB_SUM_HIGH, GDB_SUM_LOW } state;
    uint8_t sum;
    uint8_t sum_told;
    bool bad;
};

enum gdb_input gdb_packet_take(struct gdb_packet *packet, uint8_t byte);

/* A frame takes at most so many bytes. */
#define GDB_FRAME_MAX (2 * GDB_PAYLOAD_MAX + 4)

/* Frame a payload of at most GDB_PAYLOAD_MAX bytes. Returns the bytes of the frame. */
size_t gdb_packet_frame(char frame[GDB_FRAME_MAX], const char *payload, size_t length);

/* The value of a hexadecimal digit, or -1. */
int gdb_hex_digit(char c);

/* Write bytes as pairs of digits, without a NUL. Returns how many characters that were. */
size_t gdb_hex_put(char *text, const void *bytes, size_t count);

/* Read `count` bytes from pairs of digits. Returns false when the text is something else. */
bool gdb_hex_get(const char *text, void *bytes, size_t count);

/* Read a number and step over it. Returns false, having moved nothing, when there is none. */
bool gdb_hex_number(const char **text, uint64_t *number);
