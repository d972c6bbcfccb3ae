/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Where gdb connects: a socket that listens, and one client at a time.
 *
 * While the machine runs nobody waits here: something that comes raises SIGIO, which kicks the
 * platform and sets a flag for gdb_socket_stirred(). All belongs to the core thread. One exists at a
 * time in a process.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/error.h"

struct gdb_socket {
    int listen_fd;
    int fd;         /* the client, or -1 */
    char name[128]; /* what gdb's `target remote` takes */
    char *path;     /* of a Unix socket, which is ours to remove; or NULL */
    uint8_t input[4096];
    size_t start;
    size_t end;
};

/*
 * Listen at `where`: PORT on 127.0.0.1, HOST:PORT, or a path, which has a slash in it. Port 0 takes
 * one that is free.
 *
 * Returns   0, or -errno with *error filled in and nothing left behind. -EINVAL: `where` is wrong.
 */
int gdb_socket_open(struct gdb_socket *socket, const char *where, struct machine_error *error);
void gdb_socket_close(struct gdb_socket *socket);

enum gdb_socket_wait {
    GDB_SOCKET_POLL, /* take what is there */
    GDB_SOCKET_WAIT, /* until there is something, or a signal ends the machine */
};

/* Take a client that knocks, when there is none. Returns whether there is one now. */
bool gdb_socket_accept(struct gdb_socket *socket, enum gdb_socket_wait wait);

/* The client goes. */
void gdb_socket_drop(struct gdb_socket *socket);

/* The next byte of the client, or -1: none has come, a signal came, or the client is gone. */
int gdb_socket_byte(struct gdb_socket *socket, enum gdb_socket_wait wait);

/* Let the byte that was returned last be the next one again. */
void gdb_socket_put_back(struct gdb_socket *socket);

/* Send to the client, who is gone when that fails. */
void gdb_socket_send(struct gdb_socket *socket, const char *bytes, size_t count);

/* Something has come since it was last asked. */
bool gdb_socket_stirred(void);
/* Ask again even when nothing more comes: not all has been taken. */
void gdb_socket_stir(void);
