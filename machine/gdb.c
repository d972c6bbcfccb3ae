/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* When gdb holds the machine. */
#include "machine/gdb.h"

#include "abi/message.h"
#include "abi/x86/exceptions.h"
#include "machine/gdb_session.h"
#include "machine/gdb_target.h"
#include "machine/parts.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(GDB_SPARE_BYTES == GDB_COPIES_MAX * PAGE_BYTES, "a frame for each copy");

/* --- The client --- */

void gdb_send(struct gdb *gdb, const char *payload, size_t length)
{
    gdb->sent_length = gdb_packet_frame(gdb->sent, payload, length);
    gdb_socket_send(&gdb->socket, gdb->sent, gdb->sent_length);
}

void gdb_send_stop(struct gdb *gdb)
{
    char text[96];
    struct kernel_thread thread;
    paddr tcb = gdb->stop.tcb;
    if (!gdb_target_thread(gdb->machine, tcb, &thread)) {
        tcb = gdb_target_any(gdb->machine);
    }
    int length = snprintf(text, sizeof(text), "T%02x", (unsigned)gdb->stop.signal);
    if (tcb != 0) {
        length += snprintf(text + length, sizeof(text) - (size_t)length, "thread:%llx;",
                           (unsigned long long)(tcb >> GDB_THREAD_SHIFT));
    }
    if (gdb->stop.at_break && gdb->knows_swbreak) {
        length += snprintf(text + length, sizeof(text) - (size_t)length, "swbreak:;");
    }
    gdb->general = tcb;
    gdb->awaited = false;
    gdb_send(gdb, text, (size_t)length);
}

void gdb_part(struct gdb *gdb)
{
    gdb_socket_drop(&gdb->socket);
    gdb_breaks_remove_all(&gdb->breaks);
    memset(gdb->pass_signals, 0, sizeof(gdb->pass_signals));
    memset(&gdb->packet, 0, sizeof(gdb->packet));
    gdb->step_tcb = 0;
    gdb->until[0] = '\0';
    gdb->awaited = false;
    gdb->no_ack = false;
    gdb->knows_swbreak = false;
}

static bool connected(const struct gdb *gdb)
{
    return gdb->socket.fd >= 0;
}

/* --- Holding the machine --- */

static void announce(struct gdb *gdb)
{
    char line[256];
    snprintf(line, sizeof(line), "waiting for gdb: gdb -ex 'target remote %s' FILE",
             gdb->socket.name);
    console_tell(gdb->machine->console, "quoll: ", line);
}

/* What a byte from the client asks for, while it may ask for anything. */
static void answer_byte(struct gdb *gdb, uint8_t byte)
{
    enum gdb_input input = gdb_packet_take(&gdb->packet, byte);
    if (!gdb->no_ack && (input == GDB_INPUT_PACKET || input == GDB_INPUT_BAD)) {
        gdb_socket_send(&gdb->socket, input == GDB_INPUT_PACKET ? "+" : "-", 1);
    }
    if (input == GDB_INPUT_PACKET) {
        gdb_command(gdb);
    } else if (input == GDB_INPUT_AGAIN && !gdb->no_ack) {
        gdb_socket_send(&gdb->socket, gdb->sent, gdb->sent_length);
    }
}

/* Returns false when a signal came instead. */
static bool find_client(struct gdb *gdb)
{
    if (!gdb_socket_accept(&gdb->socket, GDB_SOCKET_POLL)) {
        announce(gdb);
    }
    return gdb_socket_accept(&gdb->socket, GDB_SOCKET_WAIT);
}

static bool ending(const struct gdb *gdb)
{
    return gdb->machine->ending.kind != ENDING_NONE || stop_signal() != 0;
}

static void serve(struct gdb *gdb)
{
    while (gdb->held && !ending(gdb)) {
        if (!connected(gdb) && !find_client(gdb)) {
            return;
        }
        int byte = gdb_socket_byte(&gdb->socket, GDB_SOCKET_WAIT);
        if (byte >= 0) {
            answer_byte(gdb, (uint8_t)byte);
        } else if (!connected(gdb)) {
            gdb_part(gdb);
        }
    }
}

/* A person's patience stands still as well. */
static void hold(struct gdb *gdb)
{
    struct machine *machine = gdb->machine;
    uint64_t ticks = clock_ticks(&machine->clock);
    uint64_t host_ns = clock_host_now_ns();
    console_flush(machine->console);
    gdb->held = true;
    gdb->step_tcb = 0;
    if (gdb->awaited) {
        gdb_send_stop(gdb);
    }
    serve(gdb);
    gdb->held = false;
    gdb->stop = (struct gdb_stop){.signal = GDB_SIGNAL_NONE};
    /* What came in one piece with the order to go on has been read, and raises no signal again. */
    gdb_socket_stir();
    machine_stood_still(machine, ticks);
    if (machine->deadline_host_ns != UINT64_MAX) {
        machine->deadline_host_ns += clock_host_now_ns() - host_ns;
    }
}

/* While the machine runs: a client that knocks, Ctrl-C, or a client that goes. */
static void look_at_client(struct gdb *gdb, paddr tcb)
{
    if (!gdb_socket_stirred()) {
        return;
    }
    if (!connected(gdb)) {
        if (gdb_socket_accept(&gdb->socket, GDB_SOCKET_POLL)) {
            gdb->stop = (struct gdb_stop){.signal = GDB_SIGTRAP, .tcb = tcb};
        }
        return;
    }
    for (int byte; (byte = gdb_socket_byte(&gdb->socket, GDB_SOCKET_POLL)) >= 0;) {
        if (byte == '$') {
            /* A packet has to wait until the machine is held. */
            gdb_socket_put_back(&gdb->socket);
            return;
        }
        if (gdb_packet_take(&gdb->packet, (uint8_t)byte) == GDB_INPUT_INTERRUPT) {
            gdb->stop = (struct gdb_stop){.signal = GDB_SIGINT, .tcb = tcb};
            return;
        }
    }
    if (!connected(gdb)) {
        gdb_part(gdb);
    }
}

/* --- The loop --- */

/* The instruction to be stepped has been executed: without a trap, where it was a system call, or
 * touched a device. */
static bool has_stepped(const struct gdb *gdb, const struct kernel_next *next)
{
    return gdb->step_tcb == next->tcb && gdb->step_started &&
           next->registers->r[X86_RIP] != gdb->step_rip;
}

static bool is_awaited(struct gdb *gdb, const struct kernel_next *next)
{
    if (gdb->until[0] == '\0' || !next->name || strcmp(gdb->until, next->name) != 0) {
        return false;
    }
    gdb->until[0] = '\0';
    return true;
}

static void find_reason(struct gdb *gdb, const struct kernel_next *next)
{
    if (gdb->stop.signal == GDB_SIGNAL_NONE && (has_stepped(gdb, next) || is_awaited(gdb, next))) {
        gdb->stop = (struct gdb_stop){.signal = GDB_SIGTRAP, .tcb = next->tcb};
    }
    if (gdb->stop.signal == GDB_SIGNAL_NONE) {
        look_at_client(gdb, next->tcb);
    }
}

bool gdb_before_run(struct gdb *gdb, const struct kernel_next *next, struct platform_thread *thread)
{
    find_reason(gdb, next);
    if (gdb->stop.signal != GDB_SIGNAL_NONE) {
        if (gdb->stop.tcb == 0) {
            gdb->stop.tcb = next->tcb;
        }
        hold(gdb);
        return false;
    }
    bool lifted = gdb_breaks_apply(&gdb->breaks, next->tcb, next->vspace);
    bool step = gdb->step_tcb == next->tcb;
    if (step && !gdb->step_started) {
        gdb->step_started = true;
        gdb->step_rip = next->registers->r[X86_RIP];
    }
    thread->single_step = next->single_step || step || lifted;
    return true;
}

/* A single step is over: of gdb's own, of one that a breakpoint needed, or of the kernel's. */
static enum run_result after_step(struct gdb *gdb, const struct kernel_next *next)
{
    if (gdb->step_tcb == next->tcb) {
        gdb->stop = (struct gdb_stop){.signal = GDB_SIGTRAP, .tcb = next->tcb};
    }
    return next->single_step ? RUN_FAULT : RUN_KICKED;
}

enum run_result gdb_after_run(struct gdb *gdb, const struct kernel_next *next,
                              struct platform_thread *thread, enum run_result result)
{
    gdb_breaks_lower(&gdb->breaks);
    if (result != RUN_FAULT) {
        return result;
    }
    uint64_t *rip = &next->registers->r[X86_RIP];
    switch (thread->fault.vector) {
    case X86_DEBUG:
        return thread->single_step ? after_step(gdb, next) : result;
    case X86_BREAKPOINT:
        if (gdb_breaks_hit(&gdb->breaks, next->vspace, *rip)) {
            *rip -= 1;
            gdb->stop =
                (struct gdb_stop){.signal = GDB_SIGTRAP, .tcb = next->tcb, .at_break = true};
            return RUN_KICKED;
        }
        return result;
    case X86_PAGE_FAULT:
        return (thread->fault.error & X86_FAULT_WRITE) != 0 &&
                       gdb_breaks_lift(&gdb->breaks, next->tcb, next->vspace, thread->fault.address)
                   ? RUN_KICKED
                   : result;
    default:
        return result;
    }
}

bool gdb_before_idle(struct gdb *gdb)
{
    if (gdb->stop.signal == GDB_SIGNAL_NONE) {
        look_at_client(gdb, 0);
    }
    if (gdb->stop.signal == GDB_SIGNAL_NONE) {
        return true;
    }
    hold(gdb);
    return false;
}

/* --- Faults --- */

static enum gdb_signal signal_of_vector(uint8_t vector)
{
    switch (vector) {
    case X86_DIVIDE_ERROR:
    case X86_DEVICE_NOT_AVAILABLE:
    case X86_X87_ERROR:
    case X86_SIMD_ERROR:
        return GDB_SIGFPE;
    case X86_DEBUG:
    case X86_BREAKPOINT:
        return GDB_SIGTRAP;
    case X86_INVALID_OPCODE:
        return GDB_SIGILL;
    case X86_ALIGNMENT_CHECK:
        return GDB_SIGBUS;
    default:
        return GDB_SIGSEGV;
    }
}

static enum gdb_signal signal_of(const struct kernel_fault *fault)
{
    if (fault->address_space_lost) {
        return GDB_SIGKILL;
    }
    switch (fault->label) {
    case FAULT_CAP:
    case FAULT_UNKNOWN_SYSCALL:
        return GDB_SIGSYS;
    default:
        return signal_of_vector(fault->vector);
    }
}

static bool passes(const struct gdb *gdb, enum gdb_signal signal)
{
    return (gdb->pass_signals[signal / 8] >> (signal % 8) & 1) != 0;
}

void gdb_fault(struct gdb *gdb, const struct kernel_fault *fault)
{
    enum gdb_signal signal = signal_of(fault);
    if (!connected(gdb) || passes(gdb, signal)) {
        return;
    }
    gdb->stop = (struct gdb_stop){.signal = signal, .tcb = fault->tcb};
    hold(gdb);
}

/* --- Memory --- */

void gdb_mapped(struct gdb *gdb, paddr vspace, uint64_t vaddr, uint64_t bytes)
{
    gdb_breaks_mapped(&gdb->breaks, vspace, vaddr, bytes);
}

void gdb_release_vspace(struct gdb *gdb, paddr vspace)
{
    gdb_breaks_release(&gdb->breaks, vspace);
}

/* --- From open to close --- */

int gdb_open(struct machine *machine, const char *where, const char *until, paddr spare,
             struct gdb **opened, struct machine_error *error)
{
    if (until && strlen(until) >= sizeof((*opened)->until)) {
        machine_error_set(error, "no thread has a name as long as '%s'", until);
        return -EINVAL;
    }
    struct gdb *gdb = calloc(1, sizeof(*gdb));
    if (!gdb) {
        machine_error_set(error, "cannot make room for gdb: out of memory");
        return -ENOMEM;
    }
    int failure = gdb_socket_open(&gdb->socket, where, error);
    if (failure != 0) {
        free(gdb);
        return failure;
    }
    gdb->machine = machine;
    gdb->breaks.machine = machine;
    gdb->breaks.spare = spare;
    if (until) {
        snprintf(gdb->until, sizeof(gdb->until), "%s", until);
    } else {
        gdb->stop.signal = GDB_SIGTRAP; /* before its first instruction */
    }
    *opened = gdb;
    return 0;
}

void gdb_tell_ending(struct gdb *gdb, const struct ending *ending)
{
    char text[8];
    enum exit_status status = ending_exit_status(ending);
    if (!connected(gdb)) {
        return;
    }
    if (ending->kind == ENDING_SIGNAL) {
        snprintf(text, sizeof(text), "X%02x",
                 (unsigned)(ending->signal == SIGINT    ? GDB_SIGINT
                            : ending->signal == SIGTERM ? GDB_SIGTERM
                                                        : GDB_SIGKILL));
    } else {
        snprintf(text, sizeof(text), "W%02x", (unsigned)status);
    }
    gdb_send(gdb, text, strlen(text));
}

void gdb_close(struct gdb *gdb)
{
    if (gdb) {
        gdb_socket_close(&gdb->socket);
        free(gdb);
    }
}
