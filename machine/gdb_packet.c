/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Packets of gdb's remote protocol. */
#include "machine/gdb_packet.h"

#define INTERRUPT 0x03
#define ESCAPE    '}'
#define FLIPPED   0x20

static const char digits[] = "0123456789abcdef";

int gdb_hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t gdb_hex_put(char *text, const void *bytes, size_t count)
{
    const uint8_t *byte = bytes;
    for (size_t i = 0; i < count; i++) {
        *text++ = digits[byte[i] >> 4];
        *text++ = digits[byte[i] & 15];
    }
    return 2 * count;
}

bool gdb_hex_get(const char *text, void *bytes, size_t count)
{
    uint8_t *byte = bytes;
    for (size_t i = 0; i < count; i++) {
        int high = gdb_hex_digit(text[2 * i]);
        int low = high < 0 ? -1 : gdb_hex_digit(text[2 * i + 1]);
        if (low < 0) {
            return false;
        }
        byte[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

bool gdb_hex_number(const char **text, uint64_t *number)
{
    if (gdb_hex_digit(**text) < 0) {
        return false;
    }
    *number = 0;
    for (int digit; (digit = gdb_hex_digit(**text)) >= 0; (*text)++) {
        *number = *number << 4 | (uint64_t)digit;
    }
    return true;
}

static enum gdb_input outside(struct gdb_packet *packet, uint8_t byte)
{
    switch (byte) {
    case '$':
        packet->state = GDB_INSIDE;
        packet->length = 0;
        packet->sum = 0;
        packet->bad = false;
        return GDB_INPUT_NONE;
    case INTERRUPT:
        return GDB_INPUT_INTERRUPT;
    case '-':
        return GDB_INPUT_AGAIN;
    default:
        return GDB_INPUT_NONE;
    }
}

static void store(struct gdb_packet *packet, uint8_t byte)
{
    if (packet->length == GDB_PAYLOAD_MAX) {
        packet->bad = true;
    } else {
        packet->payload[packet->length++] = (char)byte;
    }
}

static enum gdb_input inside(struct gdb_packet *packet, uint8_t byte)
{
    if (byte == '#') {
        packet->bad = packet->bad || packet->state == GDB_ESCAPED;
        packet->state = GDB_SUM_HIGH;
        return GDB_INPUT_NONE;
    }
    if (byte == '$') {
        /* The end of the one before was lost. */
        return outside(packet, byte);
    }
    packet->sum = (uint8_t)(packet->sum + byte);
    if (packet->state == GDB_ESCAPED) {
        store(packet, byte ^ FLIPPED);
        packet->state = GDB_INSIDE;
    } else if (byte == ESCAPE) {
        packet->state = GDB_ESCAPED;
    } else {
        store(packet, byte);
    }
    return GDB_INPUT_NONE;
}

static enum gdb_input end(struct gdb_packet *packet)
{
    packet->state = GDB_OUTSIDE;
    packet->payload[packet->length] = '\0';
    return packet->bad || packet->sum != packet->sum_told ? GDB_INPUT_BAD : GDB_INPUT_PACKET;
}

enum gdb_input gdb_packet_take(struct gdb_packet *packet, uint8_t byte)
{
    int digit = gdb_hex_digit((char)byte);
    switch (packet->state) {
    case GDB_OUTSIDE:
        break;
    case GDB_INSIDE:
    case GDB_ESCAPED:
        return inside(packet, byte);
    case GDB_SUM_HIGH:
        packet->bad = packet->bad || digit < 0;
        packet->sum_told = (uint8_t)((digit & 15) << 4);
        packet->state = GDB_SUM_LOW;
        return GDB_INPUT_NONE;
    case GDB_SUM_LOW:
        packet->bad = packet->bad || digit < 0;
        packet->sum_told = (uint8_t)(packet->sum_told | (digit & 15));
        return end(packet);
    }
    return outside(packet, byte);
}

static bool needs_escape(char c)
{
    return c == '$' || c == '#' || c == ESCAPE || c == '*';
}

size_t gdb_packet_frame(char frame[GDB_FRAME_MAX], const char *payload, size_t length)
{
    size_t used = 0;
    uint8_t sum = 0;
    frame[used++] = '$';
    for (size_t i = 0; i < length; i++) {
        char c = payload[i];
        if (needs_escape(c)) {
            frame[used++] = ESCAPE;
            sum = (uint8_t)(sum + ESCAPE);
            c ^= FLIPPED;
        }
        frame[used++] = c;
        sum = (uint8_t)(sum + (uint8_t)c);
    }
    frame[used++] = '#';
    return used + gdb_hex_put(frame + used, &sum, 1);
}
