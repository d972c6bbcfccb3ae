/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Packets of gdb's remote protocol: framing, escapes, and what is no packet. */
#include "machine/gdb_packet.h"
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

static struct gdb_packet packet;

/* The last thing that these bytes complete. */
static enum gdb_input take(const char *bytes, size_t count)
{
    enum gdb_input last = GDB_INPUT_NONE;
    for (size_t i = 0; i < count; i++) {
        enum gdb_input input = gdb_packet_take(&packet, (uint8_t)bytes[i]);
        last = input != GDB_INPUT_NONE ? input : last;
    }
    return last;
}

static enum gdb_input take_text(const char *text)
{
    return take(text, strlen(text));
}

TEST(a_packet_is_what_stands_between_dollar_and_hash)
{
    memset(&packet, 0, sizeof(packet));
    EXPECT_EQ(GDB_INPUT_PACKET, take_text("$m4000,8#95"));
    EXPECT_EQ(7, packet.length);
    EXPECT_STR("m4000,8", packet.payload);
}

TEST(an_escaped_character_is_itself_with_bit_5_flipped)
{
    memset(&packet, 0, sizeof(packet));
    EXPECT_EQ(GDB_INPUT_PACKET, take("$X}\x03}\x04}]\0#33", 12));
    EXPECT_EQ(5, packet.length);
    EXPECT_MEM("X#$}\0", packet.payload, 5);
}

TEST(a_wrong_sum_is_bad_and_the_next_packet_is_fine)
{
    memset(&packet, 0, sizeof(packet));
    EXPECT_EQ(GDB_INPUT_BAD, take_text("$g#68"));
    EXPECT_EQ(GDB_INPUT_BAD, take_text("$g#zz"));
    EXPECT_EQ(GDB_INPUT_PACKET, take_text("$g#67"));
}

TEST(a_packet_that_starts_within_another_counts_alone)
{
    memset(&packet, 0, sizeof(packet));
    EXPECT_EQ(GDB_INPUT_PACKET, take_text("$m40$g#67"));
    EXPECT_STR("g", packet.payload);
}

TEST(an_interrupt_is_a_byte_outside_of_packets_and_data_inside)
{
    memset(&packet, 0, sizeof(packet));
    EXPECT_EQ(GDB_INPUT_INTERRUPT, take_text("++\x03"));
    EXPECT_EQ(GDB_INPUT_PACKET, take_text("$\x03#03"));
    EXPECT_EQ(GDB_INPUT_AGAIN, take_text("-"));
}

TEST(the_longest_payload_is_taken_and_a_longer_one_is_bad)
{
    static char frame[GDB_FRAME_MAX];
    static char payload[GDB_PAYLOAD_MAX];
    memset(&packet, 0, sizeof(packet));
    memset(payload, 'a', sizeof(payload));
    size_t length = gdb_packet_frame(frame, payload, sizeof(payload));
    EXPECT_EQ(GDB_INPUT_PACKET, take(frame, length));
    EXPECT_EQ(GDB_PAYLOAD_MAX, packet.length);
    take_text("$a");
    EXPECT_EQ(GDB_INPUT_BAD, take(frame + 1, length - 1));
    EXPECT_EQ(GDB_INPUT_PACKET, take(frame, length));
}

TEST(what_is_framed_comes_back_as_it_was)
{
    static char frame[GDB_FRAME_MAX];
    char payload[256];
    memset(&packet, 0, sizeof(packet));
    for (int i = 0; i < 256; i++) {
        payload[i] = (char)i;
    }
    size_t length = gdb_packet_frame(frame, payload, sizeof(payload));
    EXPECT_EQ(GDB_INPUT_PACKET, take(frame, length));
    EXPECT_EQ(sizeof(payload), packet.length);
    EXPECT_MEM(payload, packet.payload, sizeof(payload));
}

TEST(every_payload_frames_into_the_room_for_a_frame)
{
    static char frame[GDB_FRAME_MAX];
    static char payload[GDB_PAYLOAD_MAX];
    memset(payload, '#', sizeof(payload));
    EXPECT_EQ(GDB_FRAME_MAX, gdb_packet_frame(frame, payload, sizeof(payload)));
}

TEST(numbers_and_bytes_are_read_from_digits)
{
    const char *text = "1fF,x";
    uint64_t number;
    uint8_t bytes[2];
    EXPECT_TRUE(gdb_hex_number(&text, &number));
    EXPECT_EQ(0x1ff, number);
    EXPECT_EQ(',', *text);
    EXPECT_FALSE(gdb_hex_number(&text, &number));
    EXPECT_TRUE(gdb_hex_get("0aFf", bytes, 2));
    EXPECT_MEM("\x0a\xff", bytes, 2);
    EXPECT_FALSE(gdb_hex_get("0g", bytes, 1));
    EXPECT_FALSE(gdb_hex_get("0", bytes, 1));
}
