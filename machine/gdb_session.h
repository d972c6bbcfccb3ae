/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* A session with gdb. Private to gdb.c, which says when the machine is held, and gdb_command.c, which
 * answers packets meanwhile. */
#pragma once

#include "machine/gdb.h"
#include "machine/gdb_breaks.h"
#include "machine/gdb_packet.h"
#include "machine/gdb_socket.h"

/* Signals by gdb's numbers: include/gdb/signals.def of its sources. */
enum gdb_signal {
    GDB_SIGNAL_NONE = 0,
    GDB_SIGINT = 2,
    GDB_SIGILL = 4,
    GDB_SIGTRAP = 5,
    GDB_SIGFPE = 8,
    GDB_SIGKILL = 9,
    GDB_SIGBUS = 10,
    GDB_SIGSEGV = 11,
    GDB_SIGSYS = 12,
    GDB_SIGTERM = 15,
    GDB_SIGNALS = 256
};

/* Why the machine is held. */
struct gdb_stop {
    enum gdb_signal signal; /* GDB_SIGNAL_NONE: it is not to be */
    paddr tcb;              /* 0: no thread's doing */
    bool at_break;
};

struct gdb {
    struct machine *machine;
    struct gdb_socket socket;
    struct gdb_packet packet;
    struct gdb_breaks breaks;

    bool held;
    bool awaited;         /* the client has let it go on, and waits to hear why it stopped */
    bool announced;       /* a person has been told that it waits for a client */
    struct gdb_stop stop; /* the reason to hold it, or why it is held */

    /* What the client has asked for. */
    bool no_ack;
    bool knows_swbreak;
    paddr general; /* thread of g, m and so on; 0: any */
    paddr control; /* thread of s, where that does not say; 0: any */
    uint8_t pass_signals[GDB_SIGNALS / 8];
    unsigned listed;   /* threads told so far, of qfThreadInfo */
    paddr step_tcb;    /* the thread to stop after an instruction; 0: none */
    uint64_t step_rip; /* where that instruction is */
    bool step_started; /* it has run since */
    char until[128];   /* the thread to stop before it runs; "": none */

    size_t sent_length; /* of the last frame, in case it has to be sent again */
    char sent[GDB_FRAME_MAX];
    char reply[GDB_PAYLOAD_MAX + 1]; /* under construction */
};

/* Send a packet. */
void gdb_send(struct gdb *gdb, const char *payload, size_t length);
void gdb_send_stop(struct gdb *gdb);

/* The client goes, whoever wanted that. */
void gdb_part(struct gdb *gdb);

/* Answer the packet that has come, and do what it says. */
void gdb_command(struct gdb *gdb);
