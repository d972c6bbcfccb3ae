/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The console: what is written when, and where input comes from. */
#include "machine/console.h"
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static atomic_uint kicks;

static void count_kick(void *context)
{
    (void)context;
    kicks++;
}

static struct console *open_serial(const char *serial)
{
    struct console *console = NULL;
    struct machine_error error = {.text = ""};
    struct console_options options = {.serial = serial, .kick = count_kick};
    kicks = 0;
    EXPECT_EQ(0, console_open(&options, &console, &error));
    return console;
}

/* A file to write to, and what it holds. */
static char file_path[64];
static char file_serial[80];

static struct console *open_file(void)
{
    snprintf(file_path, sizeof(file_path), "/tmp/quoll-test-console-%d", getpid());
    snprintf(file_serial, sizeof(file_serial), "file:%s", file_path);
    return open_serial(file_serial);
}

static const char *file_text(void)
{
    static char text[65536];
    int fd = open(file_path, O_RDONLY);
    ssize_t size = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[size < 0 ? 0 : size] = '\0';
    return text;
}

static void put(struct console *console, const char *text)
{
    for (; *text != '\0'; text++) {
        console_put(console, *text);
    }
}

TEST(a_line_is_written_when_it_ends)
{
    struct console *console = open_file();
    put(console, "hel");
    EXPECT_STR("", file_text());
    put(console, "lo\n");
    EXPECT_STR("hello\n", file_text());
    console_close(console);
    unlink(file_path);
}

TEST(half_a_line_is_written_by_a_flush_and_at_the_end)
{
    struct console *console = open_file();
    put(console, "half");
    console_flush(console);
    EXPECT_STR("half", file_text());
    put(console, " and half");
    console_close(console);
    EXPECT_STR("half and half", file_text());
    unlink(file_path);
}

TEST(a_line_longer_than_the_buffer_is_not_lost)
{
    struct console *console = open_file();
    for (int i = 0; i < 10000; i++) {
        console_put(console, (char)('a' + i % 26));
    }
    console_close(console);
    EXPECT_EQ(10000, strlen(file_text()));
    EXPECT_EQ('a' + 9999 % 26, file_text()[9999]);
    unlink(file_path);
}

TEST(output_that_is_gone_is_an_error_once_and_for_all)
{
    int ends[2];
    int saved = dup(STDOUT_FILENO);
    EXPECT_EQ(0, pipe(ends));
    fflush(stdout);
    dup2(ends[1], STDOUT_FILENO);
    close(ends[1]);
    struct console *console = open_serial("stdio");
    EXPECT_EQ(0, console_error(console));
    close(ends[0]);

    put(console, "nobody hears this\n");

    int error = console_error(console);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    EXPECT_EQ(-EPIPE, error);
    put(console, "nor this\n");
    console_close(console);
}

TEST(a_null_console_has_no_input_and_takes_all_output)
{
    struct console *console = open_serial("null");
    put(console, "into the void\n");
    EXPECT_FALSE(console_can_receive(console));
    EXPECT_FALSE(console_is_terminal(console));
    EXPECT_EQ(0, console_error(console));
    console_close(console);
}

/* A client of a socket, and back. */
static char socket_path[64];
static char socket_serial[80];

static struct console *open_socket(void)
{
    snprintf(socket_path, sizeof(socket_path), "/tmp/quoll-test-console-%d.sock", getpid());
    snprintf(socket_serial, sizeof(socket_serial), "unix:%s", socket_path);
    struct console *console = open_serial(socket_serial);
    console_listen(console, true);
    return console;
}

static int connect_client(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, socket_path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    EXPECT_EQ(0, connect(fd, (struct sockaddr *)&address, sizeof(address)));
    return fd;
}

static void await_input(struct console *console)
{
    for (int i = 0; i < 2000 && !console_has_input(console); i++) {
        usleep(1000);
    }
    EXPECT_TRUE(console_has_input(console));
}

TEST(input_kicks_and_is_taken_in_order)
{
    struct console *console = open_socket();
    int client = connect_client();
    EXPECT_EQ(2, write(client, "ab", 2));
    await_input(console);
    uint8_t byte;
    EXPECT_TRUE(console_get(console, &byte));
    EXPECT_EQ('a', byte);
    EXPECT_TRUE(console_get(console, &byte));
    EXPECT_EQ('b', byte);
    EXPECT_FALSE(console_get(console, &byte));
    EXPECT_TRUE(kicks > 0);
    close(client);
    console_close(console);
}

TEST(a_second_client_can_come_when_the_first_has_gone)
{
    struct console *console = open_socket();
    uint8_t byte;
    for (char c = '1'; c <= '3'; c++) {
        int client = connect_client();
        EXPECT_EQ(1, write(client, &c, 1));
        await_input(console);
        EXPECT_TRUE(console_get(console, &byte));
        EXPECT_EQ(c, byte);
        put(console, "hi\n");
        char answer[3];
        EXPECT_EQ(3, recv(client, answer, 3, MSG_WAITALL));
        close(client);
    }
    put(console, "to nobody\n");
    EXPECT_EQ(0, console_error(console));
    EXPECT_TRUE(console_can_receive(console));
    console_close(console);
}

/* As in `while read x; do quoll run ...; done`: the rest of the input belongs to the shell. */
TEST(input_that_nobody_asks_for_is_left_where_it_is)
{
    int ends[2];
    int saved = dup(STDIN_FILENO);
    EXPECT_EQ(0, pipe(ends));
    EXPECT_EQ(4, write(ends[1], "next", 4));
    dup2(ends[0], STDIN_FILENO);
    struct console *console = open_serial("stdio");
    usleep(20000);
    EXPECT_FALSE(console_has_input(console));
    console_close(console);
    char text[4];
    EXPECT_EQ(4, read(ends[0], text, 4));
    dup2(saved, STDIN_FILENO);
    close(saved);
    close(ends[0]);
    close(ends[1]);
}

TEST(a_socket_is_removed_at_the_end_and_refused_while_it_is_in_use)
{
    struct console *console = open_socket();
    struct console *other = NULL;
    struct machine_error error = {.text = ""};
    struct console_options options = {.serial = socket_serial, .kick = count_kick};
    EXPECT_EQ(-EADDRINUSE, console_open(&options, &other, &error));
    EXPECT_TRUE(strstr(error.text, "Another machine uses it") != NULL);
    EXPECT_EQ(0, access(socket_path, F_OK));
    console_close(console);
    EXPECT_EQ(-1, access(socket_path, F_OK));
}

TEST(more_input_than_the_buffer_holds_waits_and_is_not_lost)
{
    struct console *console = open_socket();
    int client = connect_client();
    char sent[20000];
    for (size_t i = 0; i < sizeof(sent); i++) {
        sent[i] = (char)(i * 7);
    }
    size_t written = 0;
    for (size_t taken = 0; taken < sizeof(sent);) {
        ssize_t count =
            send(client, sent + written, sizeof(sent) - written, MSG_DONTWAIT | MSG_NOSIGNAL);
        written += count > 0 ? (size_t)count : 0;
        uint8_t byte;
        while (console_get(console, &byte)) {
            EXPECT_EQ((uint8_t)sent[taken], byte);
            taken++;
        }
        usleep(100);
    }
    close(client);
    console_close(console);
}

TEST(a_pseudo_terminal_carries_both_ways)
{
    int saved = dup(STDERR_FILENO);
    int ends[2];
    char said[256] = "";
    EXPECT_EQ(0, pipe(ends));
    dup2(ends[1], STDERR_FILENO);
    struct console *console = open_serial("pty");
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(ends[1]);
    EXPECT_TRUE(read(ends[0], said, sizeof(said) - 1) > 0);
    close(ends[0]);
    char *name = strstr(said, "/dev/");
    EXPECT_TRUE(name != NULL);
    name[strcspn(name, "\n\033")] = '\0';
    int fd = open(name, O_RDWR | O_NOCTTY);
    EXPECT_TRUE(fd >= 0);

    put(console, "out\n");
    char text[4];
    EXPECT_EQ(4, read(fd, text, 4));
    EXPECT_MEM("out\n", text, 4);
    EXPECT_EQ(1, write(fd, "i", 1));
    console_listen(console, true);
    await_input(console);
    uint8_t byte;
    EXPECT_TRUE(console_get(console, &byte));
    EXPECT_EQ('i', byte);
    close(fd);
    console_close(console);
}
