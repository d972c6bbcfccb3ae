/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Answers to gdb's packets. Reference: the gdb manual, appendix "Remote Protocol", "Packets" and
 * "General Query Packets". What is not known is answered by an empty packet, as it asks for.
 */
#include "machine/gdb_session.h"
#include "machine/gdb_target.h"
#include "machine/parts.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Errors of E packets: gdb shows the number, and takes it for an errno of its own host at best. */
#define ERROR_SYNTAX  "E16" /* 22, EINVAL */
#define ERROR_THREAD  "E03" /* ESRCH */
#define ERROR_ADDRESS "E0e" /* EFAULT */
#define ERROR_ROOM    "E1c" /* ENOSPC */

static void send_text(struct gdb *gdb, const char *text)
{
    gdb_send(gdb, text, strlen(text));
}

static void send_ok(struct gdb *gdb)
{
    send_text(gdb, "OK");
}

/* Returns what stands behind the prefix, or NULL. */
static const char *after(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

/* "ADDRESS,LENGTH" and whatever follows. */
static bool two_numbers(const char **text, uint64_t *first, uint64_t *second)
{
    if (!gdb_hex_number(text, first) || **text != ',') {
        return false;
    }
    (*text)++;
    return gdb_hex_number(text, second);
}

/* --- Threads --- */

/* A thread's number; 0 and -1 are any. Returns false when the text is something else. */
static bool thread_number(const char **text, paddr *tcb)
{
    uint64_t number;
    const char *minus_one = after(*text, "-1");
    *tcb = 0;
    if (minus_one) {
        *text = minus_one;
        return true;
    }
    if (!gdb_hex_number(text, &number) || number >> (64 - GDB_THREAD_SHIFT) != 0) {
        return false;
    }
    *tcb = number << GDB_THREAD_SHIFT;
    return true;
}

/* The thread that g, m and so on are about. */
static bool general_thread(struct gdb *gdb, struct kernel_thread *thread)
{
    paddr tcb = gdb->general;
    if (tcb == 0) {
        tcb = gdb->stop.tcb != 0 ? gdb->stop.tcb : gdb_target_any(gdb->machine);
    }
    return gdb_target_thread(gdb->machine, tcb, thread);
}

static paddr general_vspace(struct gdb *gdb)
{
    struct kernel_thread thread;
    return general_thread(gdb, &thread) ? thread.vspace : 0;
}

static void choose_thread(struct gdb *gdb, const char *text)
{
    char use = text[0];
    const char *rest = text + (use != '\0');
    struct kernel_thread thread;
    paddr tcb;
    if ((use != 'g' && use != 'c') || !thread_number(&rest, &tcb)) {
        send_text(gdb, ERROR_SYNTAX);
    } else if (tcb != 0 && !gdb_target_thread(gdb->machine, tcb, &thread)) {
        send_text(gdb, ERROR_THREAD);
    } else {
        *(use == 'g' ? &gdb->general : &gdb->control) = tcb;
        send_ok(gdb);
    }
}

static void tell_alive(struct gdb *gdb, const char *text)
{
    struct kernel_thread thread;
    paddr tcb;
    bool alive =
        thread_number(&text, &tcb) && tcb != 0 && gdb_target_thread(gdb->machine, tcb, &thread);
    send_text(gdb, alive ? "OK" : ERROR_THREAD);
}

struct listing {
    struct gdb *gdb;
    unsigned seen;
    size_t used;
};

#define LISTED_CHARS 18 /* a comma, 16 digits, and the NUL */

static bool list_thread(void *context, const struct kernel_thread *thread)
{
    struct listing *listing = context;
    struct gdb *gdb = listing->gdb;
    if (listing->seen++ < gdb->listed) {
        return true;
    }
    if (listing->used + LISTED_CHARS > GDB_PAYLOAD_MAX) {
        return false;
    }
    listing->used += (size_t)snprintf(gdb->reply + listing->used, LISTED_CHARS, "%c%llx",
                                      listing->used == 0 ? 'm' : ',',
                                      (unsigned long long)(thread->tcb >> GDB_THREAD_SHIFT));
    gdb->listed++;
    return true;
}

static void list_threads(struct gdb *gdb, bool first)
{
    struct listing listing = {.gdb = gdb};
    gdb->listed = first ? 0 : gdb->listed;
    kernel_each_thread(gdb->machine->kernel, list_thread, &listing);
    if (listing.used == 0) {
        send_text(gdb, "l");
    } else {
        gdb_send(gdb, gdb->reply, listing.used);
    }
}

static void describe_thread(struct gdb *gdb, const char *text)
{
    struct kernel_thread thread;
    char line[256];
    paddr tcb;
    if (!thread_number(&text, &tcb) || !gdb_target_thread(gdb->machine, tcb, &thread)) {
        send_text(gdb, ERROR_THREAD);
        return;
    }
    size_t length = gdb_target_describe(&thread, line, sizeof(line));
    gdb_send(gdb, gdb->reply, gdb_hex_put(gdb->reply, line, length));
}

static void tell_current(struct gdb *gdb)
{
    struct kernel_thread thread;
    if (general_thread(gdb, &thread)) {
        gdb_send(gdb, gdb->reply,
                 (size_t)snprintf(gdb->reply, sizeof(gdb->reply), "QC%llx",
                                  (unsigned long long)(thread.tcb >> GDB_THREAD_SHIFT)));
    } else {
        send_text(gdb, "");
    }
}

/* --- Registers --- */

static void tell_registers(struct gdb *gdb)
{
    struct kernel_thread thread;
    if (general_thread(gdb, &thread)) {
        gdb_send(gdb, gdb->reply, gdb_target_registers(gdb->machine, &thread, gdb->reply));
    } else {
        send_text(gdb, ERROR_THREAD);
    }
}

static void set_registers(struct gdb *gdb, const char *text)
{
    struct kernel_thread thread;
    if (!general_thread(gdb, &thread)) {
        send_text(gdb, ERROR_THREAD);
    } else if (gdb_target_set_registers(gdb->machine, &thread, text, strlen(text))) {
        send_ok(gdb);
    } else {
        send_text(gdb, ERROR_SYNTAX);
    }
}

static void tell_register(struct gdb *gdb, const char *text)
{
    struct kernel_thread thread;
    uint64_t number;
    size_t length = 0;
    if (general_thread(gdb, &thread) && gdb_hex_number(&text, &number)) {
        length = gdb_target_register(gdb->machine, &thread, number, gdb->reply);
    }
    if (length > 0) {
        gdb_send(gdb, gdb->reply, length);
    } else {
        send_text(gdb, ERROR_SYNTAX);
    }
}

static void set_register(struct gdb *gdb, const char *text)
{
    struct kernel_thread thread;
    uint64_t number;
    bool done = general_thread(gdb, &thread) && gdb_hex_number(&text, &number) && *text == '=' &&
                gdb_target_set_register(gdb->machine, &thread, number, text + 1, strlen(text + 1));
    send_text(gdb, done ? "OK" : ERROR_SYNTAX);
}

/* --- Memory --- */

#define READ_MAX (GDB_PAYLOAD_MAX / 2)

static void tell_memory(struct gdb *gdb, const char *text)
{
    static uint8_t bytes[READ_MAX];
    uint64_t address, count;
    if (!two_numbers(&text, &address, &count)) {
        send_text(gdb, ERROR_SYNTAX);
        return;
    }
    size_t wanted = count < READ_MAX ? (size_t)count : READ_MAX;
    size_t got = gdb_target_read(gdb->machine, general_vspace(gdb), address, bytes, wanted);
    if (got == 0 && wanted > 0) {
        send_text(gdb, ERROR_ADDRESS);
    } else {
        gdb_send(gdb, gdb->reply, gdb_hex_put(gdb->reply, bytes, got));
    }
}

static void write_memory(struct gdb *gdb, uint64_t address, const void *bytes, size_t count)
{
    bool done =
        count == 0 || gdb_target_write(gdb->machine, general_vspace(gdb), address, bytes, count);
    send_text(gdb, done ? "OK" : ERROR_ADDRESS);
}

static void set_memory(struct gdb *gdb, const char *text)
{
    static uint8_t bytes[READ_MAX];
    uint64_t address, count;
    if (!two_numbers(&text, &address, &count) || *text != ':' || count > sizeof(bytes) ||
        strlen(text + 1) != 2 * count || !gdb_hex_get(text + 1, bytes, (size_t)count)) {
        send_text(gdb, ERROR_SYNTAX);
        return;
    }
    write_memory(gdb, address, bytes, (size_t)count);
}

/* The same, with the bytes as they are. */
static void set_memory_binary(struct gdb *gdb, const char *text)
{
    const char *end = gdb->packet.payload + gdb->packet.length;
    uint64_t address, count;
    if (!two_numbers(&text, &address, &count) || *text != ':' ||
        (uint64_t)(end - (text + 1)) != count) {
        send_text(gdb, ERROR_SYNTAX);
        return;
    }
    write_memory(gdb, address, text + 1, (size_t)count);
}

/* --- Breakpoints --- */

/* "0,ADDRESS,KIND": only software breakpoints, for which the kind is the length of an int3. */
static void change_break(struct gdb *gdb, const char *text, bool insert)
{
    uint64_t type, address, kind;
    const char *rest = text;
    if (!gdb_hex_number(&rest, &type) || *rest != ',') {
        send_text(gdb, ERROR_SYNTAX);
        return;
    }
    if (type != 0) {
        send_text(gdb, "");
        return;
    }
    rest++;
    if (!two_numbers(&rest, &address, &kind)) {
        send_text(gdb, ERROR_SYNTAX);
        return;
    }
    if (!insert) {
        gdb_breaks_remove(&gdb->breaks, address);
        send_ok(gdb);
        return;
    }
    int failure = gdb_breaks_insert(&gdb->breaks, general_vspace(gdb), address);
    send_text(gdb, failure == 0 ? "OK" : failure == -ENOSPC ? ERROR_ROOM : ERROR_ADDRESS);
}

/* --- Going on --- */

static void go_on(struct gdb *gdb)
{
    gdb_breaks_forget(&gdb->breaks);
    gdb->awaited = true;
    gdb->held = false;
}

static void step(struct gdb *gdb, paddr tcb)
{
    struct kernel_thread thread;
    if (tcb == 0) {
        tcb = gdb->stop.tcb != 0 ? gdb->stop.tcb : gdb_target_any(gdb->machine);
    }
    if (!gdb_target_thread(gdb->machine, tcb, &thread)) {
        send_text(gdb, ERROR_THREAD);
        return;
    }
    gdb->step_tcb = tcb;
    gdb->step_started = false;
    gdb->awaited = true;
    gdb->held = false;
}

/* c, s: with an address to go on from, if it is not where the thread is. */
static void resume(struct gdb *gdb, const char *text, bool one_instruction)
{
    struct kernel_thread thread;
    uint64_t address;
    if (gdb_hex_number(&text, &address) && general_thread(gdb, &thread)) {
        kernel_set_register(gdb->machine->kernel, thread.tcb, X86_RIP, address);
    }
    if (one_instruction) {
        step(gdb, gdb->control);
    } else {
        go_on(gdb);
    }
}

/* C, S: the same with a signal in front. Faults go to their handlers, whatever gdb says of them. */
static void resume_with_signal(struct gdb *gdb, const char *text, bool one_instruction)
{
    const char *semicolon = strchr(text, ';');
    resume(gdb, semicolon ? semicolon + 1 : "", one_instruction);
}

/* ";ACTION[:THREAD]...": which thread to step. All others go on as the kernel has it. */
static void resume_each(struct gdb *gdb, const char *text)
{
    while (*text == ';') {
        char action = text[1];
        paddr tcb = 0;
        text += action == '\0' ? 1 : 2;
        text += strcspn(text, ":;"); /* a signal */
        if (*text == ':') {
            text++;
            if (!thread_number(&text, &tcb)) {
                break;
            }
        }
        if (action == 's' || action == 'S') {
            step(gdb, tcb);
            return;
        }
        if ((action != 'c' && action != 'C') || (*text != ';' && *text != '\0')) {
            break;
        }
        if (*text == '\0') {
            go_on(gdb);
            return;
        }
    }
    send_text(gdb, ERROR_SYNTAX);
}

static void kill_machine(struct gdb *gdb)
{
    gdb->machine->ending.signal = SIGKILL;
    ending_set(&gdb->machine->ending, ENDING_SIGNAL, "ended by gdb");
    gdb_part(gdb);
    gdb->held = false;
}

static void detach(struct gdb *gdb)
{
    send_ok(gdb);
    gdb_part(gdb);
    gdb->held = false;
}

/* --- Queries --- */

static void agree(struct gdb *gdb, const char *text)
{
    gdb->knows_swbreak = strstr(text, "swbreak+") != NULL;
    gdb_send(gdb, gdb->reply,
             (size_t)snprintf(gdb->reply, sizeof(gdb->reply),
                              "PacketSize=%x;qXfer:features:read+;QStartNoAckMode+;"
                              "QPassSignals+;swbreak+;vContSupported+",
                              GDB_PAYLOAD_MAX));
}

/* "OFFSET,LENGTH" of the target description. */
static void tell_description(struct gdb *gdb, const char *text)
{
    const char *xml = gdb_target_xml();
    uint64_t offset, count;
    if (!two_numbers(&text, &offset, &count)) {
        send_text(gdb, ERROR_SYNTAX);
        return;
    }
    uint64_t length = strlen(xml);
    offset = offset < length ? offset : length;
    uint64_t left = length - offset;
    count = count < GDB_PAYLOAD_MAX / 2 ? count : GDB_PAYLOAD_MAX / 2;
    count = count < left ? count : left;
    gdb->reply[0] = count < left ? 'm' : 'l';
    memcpy(gdb->reply + 1, xml + offset, (size_t)count);
    gdb_send(gdb, gdb->reply, (size_t)count + 1);
}

/* "SIGNAL;SIGNAL...": the faults that gdb does not want to hear of. */
static void pass_signals(struct gdb *gdb, const char *text)
{
    uint64_t signal;
    memset(gdb->pass_signals, 0, sizeof(gdb->pass_signals));
    while (gdb_hex_number(&text, &signal)) {
        if (signal < GDB_SIGNALS) {
            gdb->pass_signals[signal / 8] |= (uint8_t)(1u << (signal % 8));
        }
        text += *text == ';';
    }
    send_ok(gdb);
}

/* The user's `monitor` command, as digits. */
static void monitor(struct gdb *gdb, const char *text)
{
    char line[256] = "";
    size_t length = strlen(text) / 2;
    if (length >= sizeof(line) || !gdb_hex_get(text, line, length)) {
        send_text(gdb, ERROR_SYNTAX);
        return;
    }
    const char *name = after(line, "until ");
    char answer[512];
    if (name && name[0] != '\0' && strlen(name) < sizeof(gdb->until)) {
        snprintf(gdb->until, sizeof(gdb->until), "%s", name);
        snprintf(answer, sizeof(answer),
                 "The next `continue` stops when the thread '%s' is about to run.\n", name);
    } else {
        snprintf(answer, sizeof(answer),
                 "monitor until NAME   let the next `continue` stop when the thread of that name "
                 "is about to run\n");
    }
    gdb_send(gdb, gdb->reply, gdb_hex_put(gdb->reply, answer, strlen(answer)));
}

static void query(struct gdb *gdb, const char *text)
{
    const char *rest;
    if ((rest = after(text, "Supported"))) {
        agree(gdb, rest);
    } else if ((rest = after(text, "Xfer:features:read:target.xml:"))) {
        tell_description(gdb, rest);
    } else if (after(text, "fThreadInfo")) {
        list_threads(gdb, true);
    } else if (after(text, "sThreadInfo")) {
        list_threads(gdb, false);
    } else if ((rest = after(text, "ThreadExtraInfo,"))) {
        describe_thread(gdb, rest);
    } else if ((rest = after(text, "Rcmd,"))) {
        monitor(gdb, rest);
    } else if (after(text, "Attached")) {
        send_text(gdb, "1"); /* so that quitting gdb leaves the machine running */
    } else if (strcmp(text, "C") == 0) {
        tell_current(gdb);
    } else {
        send_text(gdb, "");
    }
}

static void set(struct gdb *gdb, const char *text)
{
    const char *rest;
    if (after(text, "StartNoAckMode")) {
        send_ok(gdb);
        gdb->no_ack = true;
    } else if ((rest = after(text, "PassSignals:"))) {
        pass_signals(gdb, rest);
    } else {
        send_text(gdb, "");
    }
}

static void multi_letter(struct gdb *gdb, const char *text)
{
    const char *rest;
    if (strcmp(text, "Cont?") == 0) {
        send_text(gdb, "vCont;c;C;s;S");
    } else if ((rest = after(text, "Cont"))) {
        resume_each(gdb, rest);
    } else if (after(text, "Kill")) {
        send_ok(gdb);
        kill_machine(gdb);
    } else {
        send_text(gdb, "");
    }
}

void gdb_command(struct gdb *gdb)
{
    const char *rest = gdb->packet.payload + (gdb->packet.length > 0);
    switch (gdb->packet.payload[0]) {
    case '?':
        gdb_send_stop(gdb);
        break;
    case 'g':
        tell_registers(gdb);
        break;
    case 'G':
        set_registers(gdb, rest);
        break;
    case 'p':
        tell_register(gdb, rest);
        break;
    case 'P':
        set_register(gdb, rest);
        break;
    case 'm':
        tell_memory(gdb, rest);
        break;
    case 'M':
        set_memory(gdb, rest);
        break;
    case 'X':
        set_memory_binary(gdb, rest);
        break;
    case 'Z':
        change_break(gdb, rest, true);
        break;
    case 'z':
        change_break(gdb, rest, false);
        break;
    case 'c':
        resume(gdb, rest, false);
        break;
    case 'C':
        resume_with_signal(gdb, rest, false);
        break;
    case 's':
        resume(gdb, rest, true);
        break;
    case 'S':
        resume_with_signal(gdb, rest, true);
        break;
    case 'H':
        choose_thread(gdb, rest);
        break;
    case 'T':
        tell_alive(gdb, rest);
        break;
    case 'D':
        detach(gdb);
        break;
    case 'k':
        kill_machine(gdb);
        break;
    case 'q':
        query(gdb, rest);
        break;
    case 'Q':
        set(gdb, rest);
        break;
    case 'v':
        multi_letter(gdb, rest);
        break;
    default:
        send_text(gdb, "");
        break;
    }
}
