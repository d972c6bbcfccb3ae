/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Where gdb connects. */
#include "machine/gdb_socket.h"

#include "machine/parts.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static volatile sig_atomic_t stirred;

static void on_input(int number)
{
    (void)number;
    stirred = 1;
    stop_kick(NULL);
}

bool gdb_socket_stirred(void)
{
    bool was = stirred != 0;
    stirred = 0;
    return was;
}

void gdb_socket_stir(void)
{
    stirred = 1;
}

/* SIGIO goes to this thread when the descriptor has something. */
static int watch(int fd)
{
    struct f_owner_ex owner = {.type = F_OWNER_TID, .pid = gettid()};
    int flags = fcntl(fd, F_GETFL);
    return flags < 0 || fcntl(fd, F_SETOWN_EX, &owner) != 0 ||
                   fcntl(fd, F_SETFL, flags | O_ASYNC | O_NONBLOCK) != 0
               ? -errno
               : 0;
}

/* --- Opening --- */

static int refuse(struct machine_error *error, const char *where, int failure)
{
    const char *advice = failure == -EADDRINUSE
                             ? "\n      Another program listens there, perhaps another quoll. Give "
                               "another port; 0 takes a free one."
                         : failure == -EACCES
                             ? "\n      Ports below 1024 are root's, as a rule. Give another."
                             : "";
    machine_error_set(error, "--gdb %s: cannot listen for gdb there: %s%s", where,
                      strerror(-failure), advice);
    return failure;
}

static int refuse_text(struct machine_error *error, const char *where)
{
    machine_error_set(error,
                      "--gdb %s: there is no such place\n"
                      "      It takes a port of this host (1234), HOST:PORT, or the path of a "
                      "socket to make (./gdb.sock).",
                      where);
    return -EINVAL;
}

static int listen_at(struct gdb_socket *self, const struct sockaddr *address, socklen_t bytes)
{
    int one = 1;
    self->listen_fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (self->listen_fd < 0) {
        return -errno;
    }
    /* The connections of the run before may still linger. */
    setsockopt(self->listen_fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(self->listen_fd, address, bytes) != 0 || listen(self->listen_fd, 1) != 0) {
        int failure = -errno;
        close(self->listen_fd);
        self->listen_fd = -1;
        return failure;
    }
    return 0;
}

static int open_path(struct gdb_socket *self, const char *path, struct machine_error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        return refuse(error, path, -ENAMETOOLONG);
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    int failure = listen_at(self, (struct sockaddr *)&address, sizeof(address));
    if (failure == -EADDRINUSE) {
        machine_error_set(error,
                          "--gdb %s: cannot listen for gdb there: %s\n"
                          "      Another quoll uses it, or one left it behind: remove it, or give "
                          "another path.",
                          path, strerror(EADDRINUSE));
        return failure;
    }
    if (failure != 0) {
        return refuse(error, path, failure);
    }
    self->path = strdup(path);
    snprintf(self->name, sizeof(self->name), "%s", path);
    return 0;
}

/* The port that was taken, when any was asked for. */
static unsigned bound_port(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address;
    memset(&address, 0, sizeof(address));
    socklen_t bytes = sizeof(address);
    if (getsockname(fd, &address.any, &bytes) != 0) {
        return 0;
    }
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

static bool is_port(const char *text)
{
    char *end;
    unsigned long port = strtoul(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && port <= 65535;
}

static int open_port(struct gdb_socket *self, const char *where, const char *host, const char *port,
                     struct machine_error *error)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found;
    int code = getaddrinfo(host, port, &hints, &found);
    if (code != 0) {
        machine_error_set(error,
                          "--gdb %s: cannot find the host '%s': %s\n"
                          "      Without a host it is 127.0.0.1, which other hosts cannot reach.",
                          where, host, gai_strerror(code));
        return -EINVAL;
    }
    int failure = listen_at(self, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    if (failure != 0) {
        return refuse(error, where, failure);
    }
    bool local = strcmp(host, "127.0.0.1") == 0;
    bool colons = strchr(host, ':') != NULL;
    snprintf(self->name, sizeof(self->name), colons ? "[%s]:%u" : "%s:%u", local ? "" : host,
             bound_port(self->listen_fd));
    return 0;
}

static int open_host(struct gdb_socket *self, const char *where, struct machine_error *error)
{
    char host[128] = "127.0.0.1";
    const char *colon = strrchr(where, ':');
    const char *port = colon ? colon + 1 : where;
    const char *first = where[0] == '[' ? where + 1 : where;
    size_t length = colon ? (size_t)(colon - first) : 0;
    if (where[0] == '[' && length > 0 && first[length - 1] == ']') {
        length--;
    }
    if (!is_port(port) || length >= sizeof(host)) {
        return refuse_text(error, where);
    }
    if (length > 0) {
        memcpy(host, first, length);
        host[length] = '\0';
    }
    return open_port(self, where, host, port, error);
}

int gdb_socket_open(struct gdb_socket *self, const char *where, struct machine_error *error)
{
    *self = (struct gdb_socket){.listen_fd = -1, .fd = -1};
    int failure =
        strchr(where, '/') ? open_path(self, where, error) : open_host(self, where, error);
    if (failure != 0) {
        return failure;
    }
    struct sigaction action = {.sa_handler = on_input, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    stirred = 0;
    failure = sigaction(SIGIO, &action, NULL) != 0 ? -errno : watch(self->listen_fd);
    if (failure != 0) {
        gdb_socket_close(self);
        return refuse(error, where, failure);
    }
    return 0;
}

void gdb_socket_close(struct gdb_socket *self)
{
    gdb_socket_drop(self);
    if (self->listen_fd >= 0) {
        close(self->listen_fd);
    }
    if (self->path) {
        unlink(self->path);
        free(self->path);
    }
    *self = (struct gdb_socket){.listen_fd = -1, .fd = -1};
}

/* --- Waiting --- */

/* Signals that end a machine come only while it sleeps here, so none is missed between looking and
 * sleeping. Returns false when one has come. */
static bool sleep_on(int fd, short events)
{
    sigset_t ending, before;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &ending, &before);
    struct pollfd poller = {.fd = fd, .events = events};
    while (stop_signal() == 0 && ppoll(&poller, 1, NULL, &before) < 0) {
        /* SIGIO, as a rule: poll tells what it was about. */
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return stop_signal() == 0;
}

bool gdb_socket_accept(struct gdb_socket *self, enum gdb_socket_wait wait)
{
    while (self->fd < 0) {
        int fd = accept4(self->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            int one = 1;
            /* Fails for Unix sockets, which need it not. */
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
            watch(fd);
            self->fd = fd;
            self->start = self->end = 0;
        } else if (wait == GDB_SOCKET_POLL || !sleep_on(self->listen_fd, POLLIN)) {
            return false;
        }
    }
    return true;
}

void gdb_socket_drop(struct gdb_socket *self)
{
    if (self->fd >= 0) {
        close(self->fd);
        self->fd = -1;
        /* The next one may have knocked meanwhile. */
        gdb_socket_stir();
    }
}

static bool receive(struct gdb_socket *self)
{
    ssize_t count = recv(self->fd, self->input, sizeof(self->input), MSG_DONTWAIT);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) {
        gdb_socket_drop(self);
    }
    self->start = 0;
    self->end = count > 0 ? (size_t)count : 0;
    return count > 0;
}

int gdb_socket_byte(struct gdb_socket *self, enum gdb_socket_wait wait)
{
    while (self->start == self->end) {
        if (self->fd < 0) {
            return -1;
        }
        if (receive(self)) {
            break;
        }
        if (self->fd < 0 || wait == GDB_SOCKET_POLL || !sleep_on(self->fd, POLLIN)) {
            return -1;
        }
    }
    return self->input[self->start++];
}

void gdb_socket_put_back(struct gdb_socket *self)
{
    self->start--;
}

void gdb_socket_send(struct gdb_socket *self, const char *bytes, size_t count)
{
    while (self->fd >= 0 && count > 0) {
        ssize_t sent = send(self->fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            bytes += sent;
            count -= (size_t)sent;
        } else if (errno == EAGAIN ? !sleep_on(self->fd, POLLOUT) : errno != EINTR) {
            gdb_socket_drop(self);
        }
    }
}
