/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The console: output buffer, input thread, remarks. */
#include "machine/console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#define OUTPUT_BYTES 4096
#define INPUT_BYTES  4096 /* a power of two */
#define ESCAPE       0x01 /* Ctrl-A, as in QEMU */

enum backend { BACKEND_STDIO, BACKEND_NULL, BACKEND_PTY, BACKEND_FILE, BACKEND_UNIX };

struct console {
    enum backend backend;
    bool quiet;
    bool colour;  /* of remarks */
    bool shared;  /* remarks go where output goes, so they must not run into its lines */
    bool in_line; /* the last character was no newline */
    void (*kick)(void *context);
    void *context;

    char output[OUTPUT_BYTES];
    size_t output_count;
    int output_error; /* -errno of the write that failed for good */
    int output_fd;
    bool listening;

    int null_fd;   /* unix: /dev/null, for while there is no client */
    int listen_fd; /* unix: where clients knock */
    int keep_fd;   /* pty: an end that stays open, else reading fails while nobody is attached */
    char *socket_path;
    bool raw;             /* stdio: Ctrl-C and the like are for the guest */
    atomic_bool terminal; /* input is one, and its modes are ours to put back */
    struct termios terminal_modes;
    bool escaped;     /* the thread's own: the last character was ESCAPE */
    atomic_bool left; /* ESCAPE and x were typed */

    pthread_t thread;
    bool thread_runs;
    int stop_pipe[2];
    int input_fd;
    bool input_is_file;    /* read by the core itself, when the guest looks */
    bool connected;        /* the thread's own: there is something to read from */
    atomic_bool requested; /* the guest has asked for input */

    /* Written by the thread at `input_end`, read by the core at `input_start`: both only grow. */
    uint8_t input[INPUT_BYTES];
    atomic_size_t input_start;
    atomic_size_t input_end;
    atomic_bool input_over;
};

/* --- Output --- */

static int wait_writable(int fd)
{
    struct pollfd poller = {.fd = fd, .events = POLLOUT};
    return poll(&poller, 1, -1) < 0 && errno != EINTR ? -errno : 0;
}

/* Returns 0 or -errno. */
static int write_all(int fd, const char *bytes, size_t count)
{
    while (count > 0) {
        ssize_t written = write(fd, bytes, count);
        if (written > 0) {
            bytes += written;
            count -= (size_t)written;
        } else if (errno == EAGAIN) {
            int failure = wait_writable(fd);
            if (failure != 0) {
                return failure;
            }
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    return 0;
}

void console_flush(struct console *console)
{
    int fd = console->output_fd;
    if (fd >= 0 && console->output_error == 0) {
        int failure = write_all(fd, console->output, console->output_count);
        /* A client of the socket may come and go; the others are gone for good. */
        if (failure != 0 && console->backend != BACKEND_UNIX) {
            console->output_error = failure;
        }
    }
    console->output_count = 0;
}

int console_error(const struct console *console)
{
    return console->output_error;
}

void console_put(struct console *console, char c)
{
    console->output[console->output_count++] = c;
    console->in_line = c != '\n';
    if (c == '\n' || console->output_count == OUTPUT_BYTES) {
        console_flush(console);
    }
}

void console_tell(struct console *console, const char *prefix, const char *line)
{
    console_flush(console);
    const char *start = console->in_line && console->shared ? "\n" : "";
    const char *colour = console->colour ? "\033[33m" : "";
    const char *end = console->colour ? "\033[0m\n" : "\n";
    struct iovec parts[] = {
        {.iov_base = (void *)start, .iov_len = strlen(start)},
        {.iov_base = (void *)colour, .iov_len = strlen(colour)},
        {.iov_base = (void *)prefix, .iov_len = strlen(prefix)},
        {.iov_base = (void *)line, .iov_len = strlen(line)},
        {.iov_base = (void *)end, .iov_len = strlen(end)},
    };
    /* Nothing can be done for a person who has closed standard error. */
    ssize_t ignored = writev(STDERR_FILENO, parts, sizeof(parts) / sizeof(parts[0]));
    (void)ignored;
    console->in_line = false;
}

void console_remark(struct console *console, const char *prefix, const char *line)
{
    if (!console->quiet) {
        console_tell(console, prefix, line);
    }
}

/* --- Input: the core's side --- */

/* Wake the thread, to look again or to stop. */
static void poke_thread(struct console *console, char order)
{
    if (console->thread_runs) {
        ssize_t ignored = write(console->stop_pipe[1], &order, 1);
        (void)ignored;
    }
}

/* Characters come as they are typed, all eight bits of them and without an echo; Ctrl-C still ends
 * the machine, unless raw. Newlines are written as before, with a carriage return. Only in the
 * foreground: changing the modes from the background would stop us. */
static void take_terminal(struct console *console)
{
    if (!isatty(STDIN_FILENO) || tcgetpgrp(STDIN_FILENO) != getpgrp() ||
        tcgetattr(STDIN_FILENO, &console->terminal_modes) != 0) {
        return;
    }
    struct termios modes = console->terminal_modes;
    modes.c_lflag &= (tcflag_t) ~(ICANON | ECHO | ECHONL | IEXTEN | (console->raw ? ISIG : 0));
    modes.c_iflag &=
        (tcflag_t) ~(ICRNL | IXON | IXOFF | INLCR | IGNCR | ISTRIP | IGNBRK | BRKINT | PARMRK);
    modes.c_cc[VMIN] = 1;
    modes.c_cc[VTIME] = 0;
    atomic_store(&console->terminal, tcsetattr(STDIN_FILENO, TCSANOW, &modes) == 0);
}

static void request_input(struct console *console)
{
    if (!atomic_load_explicit(&console->requested, memory_order_relaxed)) {
        if (console->backend == BACKEND_STDIO) {
            take_terminal(console);
        }
        atomic_store(&console->requested, true);
        poke_thread(console, 'r');
    }
}

static bool buffer_has_input(struct console *console)
{
    return atomic_load_explicit(&console->input_end, memory_order_acquire) !=
           atomic_load_explicit(&console->input_start, memory_order_relaxed);
}

static bool read_input(struct console *console);

bool console_has_input(struct console *console)
{
    if (console->input_is_file && !buffer_has_input(console) && atomic_load(&console->requested) &&
        !atomic_load(&console->input_over)) {
        atomic_store(&console->input_over, !read_input(console));
    }
    return buffer_has_input(console);
}

bool console_had_visitors(const struct console *console)
{
    return !console->input_is_file && atomic_load(&console->input_end) != 0;
}

bool console_get(struct console *console, uint8_t *byte)
{
    request_input(console);
    if (!console_has_input(console)) {
        return false;
    }
    size_t start = atomic_load_explicit(&console->input_start, memory_order_relaxed);
    *byte = console->input[start % INPUT_BYTES];
    atomic_store_explicit(&console->input_start, start + 1, memory_order_release);
    /* The thread waits when the buffer is full. */
    if ((start + 1) % (INPUT_BYTES / 2) == 0) {
        poke_thread(console, 'r');
    }
    return true;
}

bool console_can_receive(struct console *console)
{
    return console_has_input(console) || !atomic_load(&console->input_over);
}

bool console_left(const struct console *console)
{
    return atomic_load(&console->left);
}

const char *console_way_out(const struct console *console)
{
    return console->raw && atomic_load(&console->terminal) ? "Ctrl-A X ends it."
                                                           : "Ctrl-C ends it.";
}

bool console_is_terminal(const struct console *console)
{
    return console->backend == BACKEND_PTY || console->backend == BACKEND_UNIX ||
           (console->backend == BACKEND_STDIO && isatty(STDIN_FILENO));
}

void console_listen(struct console *console, bool listen)
{
    console->listening = listen;
    if (listen) {
        request_input(console);
    }
}

bool console_listened_to(const struct console *console)
{
    return console->listening;
}

/* --- Input: the thread's side --- */

static size_t input_room(struct console *console)
{
    return INPUT_BYTES - (atomic_load(&console->input_end) - atomic_load(&console->input_start));
}

/* A person at the terminal leaves by Ctrl-A X, and sends a Ctrl-A by typing it twice. What else
 * follows it is dropped, as QEMU does. Returns whether the guest gets this byte. */
static bool passes_escape(struct console *console, uint8_t byte)
{
    if (!console->escaped) {
        console->escaped = byte == ESCAPE;
        return !console->escaped;
    }
    console->escaped = false;
    if (byte == 'x' || byte == 'X') {
        atomic_store(&console->left, true);
    }
    return byte == ESCAPE;
}

/* Returns false at the end of the input. */
static bool read_input(struct console *console)
{
    uint8_t bytes[256];
    size_t room = input_room(console);
    ssize_t count = read(console->input_fd, bytes, room < sizeof(bytes) ? room : sizeof(bytes));
    if (count < 0) {
        return errno == EINTR || errno == EAGAIN;
    }
    size_t end = atomic_load_explicit(&console->input_end, memory_order_relaxed);
    for (ssize_t i = 0; i < count; i++) {
        if (!atomic_load(&console->terminal) || passes_escape(console, bytes[i])) {
            console->input[end++ % INPUT_BYTES] = bytes[i];
        }
    }
    atomic_store_explicit(&console->input_end, end, memory_order_release);
    return count > 0;
}

/* The client's descriptor keeps its number, so that the core can write to it at any time: while
 * nobody is there it leads to /dev/null. */
static void drop_client(struct console *console)
{
    console->connected = false;
    dup3(console->null_fd, console->input_fd, O_CLOEXEC);
}

static void end_of_input(struct console *console)
{
    if (console->backend == BACKEND_UNIX) {
        drop_client(console);
    } else {
        console->connected = false;
        atomic_store(&console->input_over, true);
    }
}

static void take_client(struct console *console)
{
    int fd = accept4(console->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0) {
        dup3(fd, console->input_fd, O_CLOEXEC);
        close(fd);
        console->connected = true;
    }
}

static bool knocks_again(const struct console *console)
{
    return console->listen_fd >= 0;
}

static void *input_thread(void *argument)
{
    struct console *console = argument;
    for (;;) {
        bool knock = knocks_again(console) && !console->connected;
        bool wants = atomic_load(&console->requested) && input_room(console) > 0;
        /* That a client hangs up is to be seen even when nobody wants what it says. */
        bool watches = wants || (knocks_again(console) && input_room(console) > 0);
        struct pollfd pollers[] = {
            {.fd = console->stop_pipe[0], .events = POLLIN},
            {.fd = console->connected && watches ? console->input_fd : -1,
             .events = wants ? POLLIN : 0},
            {.fd = knock ? console->listen_fd : -1, .events = POLLIN},
        };
        if (poll(pollers, 3, -1) < 0) {
            continue;
        }
        if (pollers[0].revents != 0) {
            char order;
            if (read(console->stop_pipe[0], &order, 1) != 1 || order == 's') {
                return NULL;
            }
        }
        if (pollers[2].revents != 0) {
            take_client(console);
        }
        if (pollers[1].revents != 0) {
            if (!read_input(console)) {
                end_of_input(console);
            }
            console->kick(console->context);
        }
    }
}

static int start_thread(struct console *console)
{
    if (console->input_is_file) {
        return 0;
    }
    if (!console->connected && console->listen_fd < 0) {
        atomic_store(&console->input_over, true);
        return 0;
    }
    if (pipe2(console->stop_pipe, O_CLOEXEC) != 0) {
        return -errno;
    }
    /* Signals are for the core thread. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(&console->thread, NULL, input_thread, console);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    console->thread_runs = failure == 0;
    return -failure;
}

/* --- Opening --- */

static bool is_same_file(int one, int other)
{
    struct stat a, b;
    return fstat(one, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

static void open_stdio(struct console *console)
{
    /* Reading from the background fails then, instead of stopping us. */
    signal(SIGTTIN, SIG_IGN);
    console->input_fd = STDIN_FILENO;
    console->connected = fcntl(STDIN_FILENO, F_GETFD) >= 0;
    struct stat input;
    console->input_is_file = fstat(STDIN_FILENO, &input) == 0 && S_ISREG(input.st_mode);
    console->shared = is_same_file(STDOUT_FILENO, STDERR_FILENO);
    console->output_fd = STDOUT_FILENO;
}

static int open_pty(struct console *console, struct machine_error *error)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    char name[64];
    if (fd < 0 || grantpt(fd) != 0 || unlockpt(fd) != 0 || ptsname_r(fd, name, sizeof(name)) != 0) {
        int failure = -errno;
        machine_error_set(error, "cannot make a pseudo terminal: %s", strerror(-failure));
        if (fd >= 0) {
            close(fd);
        }
        return failure;
    }
    console->keep_fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios modes;
    if (console->keep_fd >= 0 && tcgetattr(console->keep_fd, &modes) == 0) {
        cfmakeraw(&modes);
        tcsetattr(console->keep_fd, TCSANOW, &modes);
    }
    console->input_fd = fd;
    console->connected = true;
    console->output_fd = fd;
    console_remark(console, "quoll: serial port at ", name);
    return 0;
}

static int open_file(struct console *console, const char *path, struct machine_error *error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) {
        int failure = -errno;
        machine_error_set(error,
                          "--serial file:%s: cannot open it for writing: %s\n"
                          "      The serial port's output is to go there. Give another path.",
                          path, strerror(-failure));
        return failure;
    }
    console->output_fd = fd;
    return 0;
}

static int open_socket(struct console *console, const char *path, struct machine_error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        machine_error_set(error, "--serial unix:%s: the path is longer than %zu bytes", path,
                          sizeof(address.sun_path) - 1);
        return -ENAMETOOLONG;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(fd, 1) != 0) {
        int failure = -errno;
        machine_error_set(
            error, "--serial unix:%s: cannot listen there: %s%s", path, strerror(-failure),
            failure == -EADDRINUSE ? "\n      Another machine uses it, or one left it "
                                     "behind: remove it, or give another path."
                                   : "");
        if (fd >= 0) {
            close(fd);
        }
        return failure;
    }
    console->listen_fd = fd;
    console->socket_path = strdup(path);
    console->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    console->input_fd = fcntl(console->null_fd, F_DUPFD_CLOEXEC, 0);
    console->output_fd = console->input_fd;
    return 0;
}

static const char *after_prefix(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) == 0 && text[length] != '\0' ? text + length : NULL;
}

static int open_backend(struct console *console, const char *serial, struct machine_error *error)
{
    const char *path;
    if (strcmp(serial, "stdio") == 0 || strcmp(serial, "raw") == 0) {
        console->raw = strcmp(serial, "raw") == 0;
        console->backend = BACKEND_STDIO;
        open_stdio(console);
        return 0;
    }
    if (strcmp(serial, "null") == 0) {
        console->backend = BACKEND_NULL;
        return 0;
    }
    if (strcmp(serial, "pty") == 0) {
        console->backend = BACKEND_PTY;
        return open_pty(console, error);
    }
    if ((path = after_prefix(serial, "file:"))) {
        console->backend = BACKEND_FILE;
        return open_file(console, path, error);
    }
    if ((path = after_prefix(serial, "unix:"))) {
        console->backend = BACKEND_UNIX;
        return open_socket(console, path, error);
    }
    machine_error_set(error,
                      "--serial %s: there is no such serial port\n"
                      "      It can be stdio, raw, null, pty, file:PATH or unix:PATH.",
                      serial);
    return -EINVAL;
}

int console_open(const struct console_options *options, struct console **result,
                 struct machine_error *error)
{
    struct console *console = calloc(1, sizeof(*console));
    if (!console) {
        machine_error_set(error, "cannot make the console: out of memory");
        return -ENOMEM;
    }
    console->quiet = options->quiet;
    console->colour = isatty(STDERR_FILENO) && !getenv("NO_COLOR");
    console->kick = options->kick;
    console->context = options->context;
    console->null_fd = -1;
    console->listen_fd = -1;
    console->keep_fd = -1;
    console->input_fd = -1;
    console->output_fd = -1;
    console->stop_pipe[0] = -1;
    console->stop_pipe[1] = -1;
    /* A reader that has gone is an error of write(2), and reported as one. */
    signal(SIGPIPE, SIG_IGN);
    int failure = open_backend(console, options->serial, error);
    if (failure == 0) {
        failure = start_thread(console);
        if (failure != 0) {
            machine_error_set(error, "cannot start the thread that reads input: %s",
                              strerror(-failure));
        }
    }
    if (failure != 0) {
        console_close(console);
        return failure;
    }
    *result = console;
    return 0;
}

static void close_fd(int fd)
{
    if (fd > STDERR_FILENO) {
        close(fd);
    }
}

void console_close(struct console *console)
{
    if (!console) {
        return;
    }
    console_flush(console);
    if (console->thread_runs) {
        poke_thread(console, 's');
        pthread_join(console->thread, NULL);
    }
    if (console->terminal) {
        tcsetattr(STDIN_FILENO, TCSANOW, &console->terminal_modes);
    }
    if (console->socket_path) {
        unlink(console->socket_path);
        free(console->socket_path);
    }
    if (console->output_fd != console->input_fd) {
        close_fd(console->output_fd);
    }
    close_fd(console->input_fd);
    close_fd(console->null_fd);
    close_fd(console->keep_fd);
    close_fd(console->listen_fd);
    close_fd(console->stop_pipe[0]);
    close_fd(console->stop_pipe[1]);
    free(console);
}
