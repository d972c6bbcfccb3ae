/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* COM1, against its data sheet. */
#include "tests/machine/fixture.h"
#include "tests/test.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define DATA 0x3f8
#define IER  0x3f9
#define IIR  0x3fa
#define FCR  0x3fa
#define LCR  0x3fb
#define MCR  0x3fc
#define LSR  0x3fd
#define MSR  0x3fe
#define SCR  0x3ff
#define IRQ  11

/* A board whose COM1 is a socket, and the other end of it. */
struct com1 {
    struct board_fixture f;
    char path[64];
    int client;
};

static void no_kick(void *context)
{
    (void)context;
}

static void com1_open(struct com1 *com1)
{
    char serial[80];
    struct machine_error error;
    snprintf(com1->path, sizeof(com1->path), "/tmp/quoll-test-%d.sock", getpid());
    snprintf(serial, sizeof(serial), "unix:%s", com1->path);
    struct console_options options = {.serial = serial, .quiet = true, .kick = no_kick};
    clock_start_virtual(&com1->f.clock);
    EXPECT_EQ(0, console_open(&options, &com1->f.console, &error));
    EXPECT_EQ(0, board_open(&com1->f.board, &com1->f.clock, com1->f.console));
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, com1->path);
    com1->client = socket(AF_UNIX, SOCK_STREAM, 0);
    EXPECT_EQ(0, connect(com1->client, (struct sockaddr *)&address, sizeof(address)));
    ioapic_route(&com1->f.board.ioapic, 4, true, IRQ);
    ioapic_mask(&com1->f.board.ioapic, IRQ, false);
}

static void com1_close(struct com1 *com1)
{
    close(com1->client);
    board_fixture_close(&com1->f);
    EXPECT_EQ(-1, access(com1->path, F_OK)); /* nothing is left behind */
}

/* Input has reached the console when this returns. */
static void type(struct com1 *com1, const char *text)
{
    EXPECT_EQ(strlen(text), write(com1->client, text, strlen(text)));
    console_listen(com1->f.console, true); /* else nobody would read it */
    for (int i = 0; i < 2000 && !console_has_input(com1->f.console); i++) {
        usleep(1000);
    }
    EXPECT_TRUE(console_has_input(com1->f.console));
    board_refresh(&com1->f.board);
    board_advance(&com1->f.board, 0);
}

TEST(what_is_sent_comes_out_and_the_transmitter_is_empty_again)
{
    struct com1 c;
    com1_open(&c);
    type(&c, "x"); /* now the client is known to be connected */

    board_out(&c.f.board, DATA, 1, 'h');
    board_out(&c.f.board, DATA, 1, '\n');

    char text[2] = "";
    EXPECT_EQ(2, recv(c.client, text, 2, MSG_WAITALL));
    EXPECT_MEM("h\n", text, 2);
    EXPECT_EQ(0x60, board_in(&c.f.board, LSR, 1) & 0x60);
    com1_close(&c);
}

TEST(received_data_shows_in_lsr_and_interrupts_only_when_enabled)
{
    struct com1 c;
    com1_open(&c);

    type(&c, "a");

    EXPECT_EQ(0x61, board_in(&c.f.board, LSR, 1));
    EXPECT_FALSE(ioapic_pending(&c.f.board.ioapic));
    board_out(&c.f.board, IER, 1, 0x01);
    EXPECT_TRUE(ioapic_pending(&c.f.board.ioapic));
    EXPECT_EQ(0x04, board_in(&c.f.board, IIR, 1));
    EXPECT_EQ('a', board_in(&c.f.board, DATA, 1));
    EXPECT_EQ(0x01, board_in(&c.f.board, IIR, 1));
    EXPECT_FALSE(ioapic_pending(&c.f.board.ioapic));
    com1_close(&c);
}

TEST(below_its_trigger_level_the_fifo_reports_a_time_out)
{
    struct com1 c;
    com1_open(&c);
    board_out(&c.f.board, FCR, 1, 0x41); /* trigger at 4 */
    board_out(&c.f.board, IER, 1, 0x01);

    type(&c, "ab");

    EXPECT_EQ(0xcc, board_in(&c.f.board, IIR, 1));
    EXPECT_EQ('a', board_in(&c.f.board, DATA, 1));
    EXPECT_EQ('b', board_in(&c.f.board, DATA, 1));
    com1_close(&c);
}

TEST(what_came_before_the_driver_survives_its_reset_of_the_fifo)
{
    struct com1 c;
    com1_open(&c);
    type(&c, "early");

    board_out(&c.f.board, FCR, 1, 0x07);
    board_out(&c.f.board, IER, 1, 0x01);

    EXPECT_EQ('e', board_in(&c.f.board, DATA, 1));
    com1_close(&c);
}

TEST(more_than_a_fifo_of_input_arrives_in_order_and_none_is_lost)
{
    struct com1 c;
    com1_open(&c);
    board_out(&c.f.board, FCR, 1, 0x01);

    type(&c, "0123456789abcdefghijklmnopqrstuvwxyz");
    usleep(20000);

    char text[37] = "";
    for (int i = 0; i < 36; i++) {
        text[i] = (char)board_in(&c.f.board, DATA, 1);
    }
    EXPECT_STR("0123456789abcdefghijklmnopqrstuvwxyz", text);
    EXPECT_EQ(0x60, board_in(&c.f.board, LSR, 1));
    com1_close(&c);
}

TEST(enabling_the_transmitter_interrupt_raises_it_until_iir_is_read)
{
    struct com1 c;
    com1_open(&c);

    board_out(&c.f.board, IER, 1, 0x02);

    EXPECT_TRUE(ioapic_pending(&c.f.board.ioapic));
    EXPECT_EQ(0x02, board_in(&c.f.board, IIR, 1));
    EXPECT_EQ(0x01, board_in(&c.f.board, IIR, 1));
    EXPECT_FALSE(ioapic_pending(&c.f.board.ioapic));
    board_out(&c.f.board, DATA, 1, 'x');
    EXPECT_EQ(0x02, board_in(&c.f.board, IIR, 1));
    com1_close(&c);
}

TEST(with_dlab_the_first_two_registers_are_the_divisor)
{
    struct com1 c;
    com1_open(&c);
    board_out(&c.f.board, IER, 1, 0x05);
    board_out(&c.f.board, LCR, 1, 0x83);
    board_out(&c.f.board, DATA, 1, 0x34);
    board_out(&c.f.board, IER, 1, 0x12);

    EXPECT_EQ(0x34, board_in(&c.f.board, DATA, 1));
    EXPECT_EQ(0x12, board_in(&c.f.board, IER, 1));
    board_out(&c.f.board, LCR, 1, 0x03);
    EXPECT_EQ(0x05, board_in(&c.f.board, IER, 1));
    com1_close(&c);
}

TEST(in_loop_mode_what_is_sent_is_received_and_goes_nowhere)
{
    struct com1 c;
    com1_open(&c);
    board_out(&c.f.board, MCR, 1, 0x1f);

    board_out(&c.f.board, DATA, 1, 'L');

    EXPECT_EQ(0x61, board_in(&c.f.board, LSR, 1));
    EXPECT_EQ('L', board_in(&c.f.board, DATA, 1));
    EXPECT_EQ(0xf0, board_in(&c.f.board, MSR, 1) & 0xf0);
    struct pollfd poller = {.fd = c.client, .events = POLLIN};
    console_flush(c.f.console);
    EXPECT_EQ(0, poll(&poller, 1, 20));
    com1_close(&c);
}

TEST(the_scratch_register_keeps_a_byte)
{
    struct com1 c;
    com1_open(&c);
    board_out(&c.f.board, SCR, 1, 0xa5);
    EXPECT_EQ(0xa5, board_in(&c.f.board, SCR, 1));
    com1_close(&c);
}
