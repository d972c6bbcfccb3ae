/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The PC interval timer: three counters at 1.193182 MHz. Counter 0 drives ISA line 0, counter 2 is
 * gated and read through port 0x61. Reference: Intel 8254 data sheet; section names in quotes.
 *
 * A counter is a start time and a count; what it holds at any moment follows from the clock. One
 * that counts in BCD differs in what is written and read alone.
 */
#include "machine/board.h"
#include "machine/device.h"

#include <stdbool.h>

#define PIT_HZ         1193182u
#define PORT_MODE      0x43
#define PORT_B         0x61
#define NS_PER_S       1000000000u
#define PORT_B_GATE    0x01
#define PORT_B_KEPT    0x03
#define PORT_B_OUT     0x20
#define PORT_B_REFRESH 0x10   /* turns round with every refresh of the memory, ... */
#define REFRESH_NS     15085u /* ... which comes so often */
#define READ_BACK      3

#define COUNTERS 3

enum access { ACCESS_LATCH, ACCESS_LOW, ACCESS_HIGH, ACCESS_BOTH };
enum mode {
    MODE_TERMINAL_COUNT,
    MODE_ONE_SHOT,
    MODE_RATE,
    MODE_SQUARE,
    MODE_STROBE,
    MODE_HW_STROBE
};

struct counter {
    enum mode mode;
    enum access access;
    bool bcd;
    bool gate;
    bool running;      /* a count has been loaded, and where the mode wants one, triggered */
    bool null_count;   /* written, not yet loaded */
    uint32_t count;    /* what it counts from; 0x10000 for a written 0 */
    uint32_t next;     /* modes 2 and 3: loaded when the period ends; 0: none */
    uint64_t start_ns; /* when `count` was loaded */
    uint32_t held;     /* gate low: what it stopped at */
    uint64_t served;   /* ends of periods that have been signalled */
    uint16_t latch;
    unsigned latched; /* bytes of `latch` that are still to be read */
    bool status_latched;
    uint8_t status;
    bool high_byte_next; /* of ACCESS_BOTH, when reading */
    bool low_written;    /* of ACCESS_BOTH, when writing */
    uint8_t low;
};

struct i8254 {
    struct counter counters[COUNTERS];
    uint8_t port_b;
    uint64_t quiet_until_ns; /* no interrupt before: see interrupt_gap_ns of the clock */
};

static bool is_periodic(const struct counter *counter)
{
    return counter->mode == MODE_RATE || counter->mode == MODE_SQUARE;
}

static uint64_t ticks_since(uint64_t start_ns, uint64_t now_ns)
{
    return (uint64_t)((unsigned __int128)(now_ns - start_ns) * PIT_HZ / NS_PER_S);
}

/* First nanosecond at which so many ticks have passed. */
static uint64_t ns_after_ticks(uint64_t start_ns, uint64_t ticks)
{
    return start_ns + (uint64_t)(((unsigned __int128)ticks * NS_PER_S + PIT_HZ - 1) / PIT_HZ);
}

/* Four digits: "Binary Coded Decimal Counter". */
static uint16_t to_bcd(uint32_t value)
{
    return (uint16_t)(value % 10 | value / 10 % 10 << 4 | value / 100 % 10 << 8 |
                      value / 1000 % 10 << 12);
}

static uint32_t from_bcd(uint16_t digits)
{
    return (digits & 15u) + (digits >> 4 & 15u) * 10 + (digits >> 8 & 15u) * 100 +
           (digits >> 12) * 1000u;
}

/* How many values a counter has; it goes on from 0 with the highest. */
static uint32_t values(const struct counter *counter)
{
    return counter->bcd ? 10000 : 0x10000;
}

/* "Mode 2", "Mode 3": a new count takes effect when the period that runs ends. */
static void settle(struct counter *counter, uint64_t now_ns)
{
    if (!counter->running || !is_periodic(counter) || counter->next == 0) {
        return;
    }
    uint64_t end_ns = ns_after_ticks(counter->start_ns, (counter->served + 1) * counter->count);
    if (now_ns >= end_ns) {
        counter->start_ns = end_ns;
        counter->count = counter->next;
        counter->next = 0;
        counter->served = 0;
        counter->null_count = false;
    }
}

static uint32_t counter_value(const struct counter *counter, uint64_t now_ns)
{
    if (!counter->running) {
        return counter->held;
    }
    uint64_t ticks = ticks_since(counter->start_ns, now_ns);
    switch (counter->mode) {
    case MODE_RATE:
        return (uint32_t)(counter->count - ticks % counter->count);
    case MODE_SQUARE: {
        /* It counts by two, once while OUT is high and once while it is low; from an odd count the
         * high half has one clock more. */
        uint32_t phase = (uint32_t)(ticks % counter->count);
        uint32_t high = (counter->count + 1) / 2;
        return (counter->count & ~1u) - 2 * (phase < high ? phase : phase - high);
    }
    default:
        return (uint32_t)((counter->count + values(counter) - ticks % values(counter)) %
                          values(counter));
    }
}

/* What is read and latched. */
static uint16_t counter_digits(const struct counter *counter, uint64_t now_ns)
{
    uint32_t value = counter_value(counter, now_ns);
    return counter->bcd ? to_bcd(value) : (uint16_t)value;
}

static bool counter_out(const struct counter *counter, uint64_t now_ns)
{
    if (!counter->running) {
        return counter->mode != MODE_TERMINAL_COUNT;
    }
    uint64_t ticks = ticks_since(counter->start_ns, now_ns);
    switch (counter->mode) {
    case MODE_TERMINAL_COUNT:
    case MODE_ONE_SHOT:
        return ticks >= counter->count;
    case MODE_RATE:
        return ticks % counter->count != counter->count - 1;
    case MODE_SQUARE:
        return ticks % counter->count < (counter->count + 1) / 2;
    case MODE_STROBE:
    case MODE_HW_STROBE:
        return ticks != counter->count;
    }
    return true;
}

static void counter_start(struct counter *counter, uint64_t now_ns)
{
    counter->running = true;
    counter->start_ns = now_ns;
    counter->served = 0;
    counter->next = 0;
    counter->null_count = false;
}

static void load_count(struct counter *counter, uint16_t written, uint64_t now_ns)
{
    uint32_t count = counter->bcd ? from_bcd(written) : written;
    count = count == 0 ? values(counter) : count;
    counter->null_count = true;
    if (is_periodic(counter) && counter->running) {
        counter->next = count;
        return;
    }
    counter->count = count;
    bool waits_for_trigger = counter->mode == MODE_ONE_SHOT || counter->mode == MODE_HW_STROBE;
    if (!waits_for_trigger && counter->gate) {
        counter_start(counter, now_ns);
    } else {
        counter->held = count % values(counter);
    }
}

/* "Gate": low stops modes 0, 2, 3 and 4; rising restarts modes 1, 2, 3 and 5 from their count. */
static void set_gate(struct counter *counter, bool gate, uint64_t now_ns)
{
    bool rises = gate && !counter->gate;
    bool falls = !gate && counter->gate;
    bool hardware = counter->mode == MODE_ONE_SHOT || counter->mode == MODE_HW_STROBE;
    counter->gate = gate;
    if (falls && !hardware && counter->running) {
        counter->held = counter_value(counter, now_ns);
        counter->running = false;
    } else if (rises && counter->count != 0) {
        bool resumes = !hardware && !is_periodic(counter);
        uint32_t passed = resumes ? (counter->count - counter->held) % values(counter) : 0;
        counter_start(counter, now_ns);
        counter->start_ns -= ns_after_ticks(0, passed);
    }
}

static void set_mode(struct counter *counter, uint8_t control)
{
    unsigned mode = control >> 1 & 7;
    bool gate = counter->gate;
    *counter = (struct counter){
        .mode = (enum mode)(mode > 5 ? mode - 4 : mode), /* bit 2 is ignored for modes 2 and 3 */
        .access = (enum access)(control >> 4 & 3),
        .bcd = (control & 1) != 0,
        .gate = gate,
        .null_count = true,
    };
}

static void latch_count(struct counter *counter, uint64_t now_ns)
{
    if (counter->latched > 0) {
        return; /* "Counter Latch Command": the first one holds until it is read */
    }
    counter->latch = counter_digits(counter, now_ns);
    counter->latched = counter->access == ACCESS_BOTH ? 2 : 1;
    counter->high_byte_next = false;
}

static void latch_status(struct counter *counter, uint64_t now_ns)
{
    if (counter->status_latched) {
        return;
    }
    counter->status_latched = true;
    counter->status =
        (uint8_t)((counter_out(counter, now_ns) ? 0x80 : 0) | (counter->null_count ? 0x40 : 0) |
                  counter->access << 4 | counter->mode << 1 | (counter->bcd ? 1 : 0));
}

static void write_control(struct i8254 *pit, uint8_t control, uint64_t now_ns)
{
    unsigned select = control >> 6;
    if (select == READ_BACK) {
        for (unsigned i = 0; i < COUNTERS; i++) {
            if ((control >> 1 & 1u << i) == 0) {
                continue;
            }
            if ((control & 0x20) == 0) {
                latch_count(&pit->counters[i], now_ns);
            }
            if ((control & 0x10) == 0) {
                latch_status(&pit->counters[i], now_ns);
            }
        }
    } else if ((control >> 4 & 3) == ACCESS_LATCH) {
        latch_count(&pit->counters[select], now_ns);
    } else {
        set_mode(&pit->counters[select], control);
    }
}

/* "Mode 0": writing the first of two bytes stops the counting, and OUT is low. */
static void pause_mode_0(struct counter *counter, uint64_t now_ns)
{
    if (counter->mode == MODE_TERMINAL_COUNT && counter->running) {
        counter->held = counter_value(counter, now_ns);
        counter->running = false;
    }
}

static void write_count(struct counter *counter, uint8_t value, uint64_t now_ns)
{
    switch (counter->access) {
    case ACCESS_LOW:
        load_count(counter, value, now_ns);
        break;
    case ACCESS_HIGH:
        load_count(counter, (uint16_t)(value << 8), now_ns);
        break;
    default:
        if (!counter->low_written) {
            counter->low = value;
            pause_mode_0(counter, now_ns);
        } else {
            load_count(counter, (uint16_t)(value << 8 | counter->low), now_ns);
        }
        counter->low_written = !counter->low_written;
    }
}

static uint8_t read_count(struct counter *counter, uint64_t now_ns)
{
    if (counter->status_latched) {
        counter->status_latched = false;
        return counter->status;
    }
    uint16_t value = counter_digits(counter, now_ns);
    if (counter->latched > 0) {
        value = counter->latch;
        counter->latched--;
    }
    bool high = counter->access == ACCESS_HIGH;
    if (counter->access == ACCESS_BOTH) {
        high = counter->high_byte_next;
        counter->high_byte_next = !counter->high_byte_next;
    }
    return (uint8_t)(high ? value >> 8 : value);
}

static uint64_t next_end_ns(const struct counter *counter)
{
    if (!counter->running || (!is_periodic(counter) && counter->served > 0)) {
        return DEVICE_IDLE;
    }
    return ns_after_ticks(counter->start_ns, (counter->served + 1) * counter->count);
}

/* The line follows OUT, but for pulses of one clock: those are shown when their event comes. */
static void update_line(struct device *device, uint64_t now_ns)
{
    const struct i8254 *pit = device->state;
    board_set_isa_line(device->board, ISA_IRQ_TIMER, counter_out(&pit->counters[0], now_ns));
}

/* The data sheet leaves the state at power-up open. OUT is high here, so that programming a periodic
 * mode raises no edge of its own. */
static void i8254_reset(struct device *device)
{
    struct i8254 *pit = device->state;
    *pit = (struct i8254){.port_b = 0};
    for (unsigned i = 0; i < COUNTERS; i++) {
        pit->counters[i].access = ACCESS_BOTH;
        pit->counters[i].mode = MODE_SQUARE;
        pit->counters[i].gate = i != 2;
    }
    update_line(device, 0);
}

static uint32_t i8254_in(struct device *device, uint16_t port, unsigned width)
{
    struct i8254 *pit = device->state;
    uint64_t now_ns = board_now_ns(device->board);
    (void)width;
    if (port == PORT_B) {
        bool out = counter_out(&pit->counters[2], now_ns);
        bool refresh = (now_ns / REFRESH_NS & 1) != 0;
        return pit->port_b | (out ? PORT_B_OUT : 0u) | (refresh ? PORT_B_REFRESH : 0u);
    }
    if (port == PORT_MODE) {
        return 0xff; /* it cannot be read */
    }
    struct counter *counter = &pit->counters[port & 3];
    settle(counter, now_ns);
    return read_count(counter, now_ns);
}

static void i8254_out(struct device *device, uint16_t port, unsigned width, uint32_t value)
{
    struct i8254 *pit = device->state;
    uint64_t now_ns = board_now_ns(device->board);
    (void)width;
    if (port == PORT_B) {
        pit->port_b = value & PORT_B_KEPT;
        set_gate(&pit->counters[2], (value & PORT_B_GATE) != 0, now_ns);
    } else if (port == PORT_MODE) {
        write_control(pit, (uint8_t)value, now_ns);
    } else {
        settle(&pit->counters[port & 3], now_ns);
        write_count(&pit->counters[port & 3], (uint8_t)value, now_ns);
    }
    update_line(device, now_ns);
}

static uint64_t i8254_next_event_ns(struct device *device)
{
    const struct i8254 *pit = device->state;
    uint64_t end_ns = next_end_ns(&pit->counters[0]);
    return end_ns > pit->quiet_until_ns ? end_ns : pit->quiet_until_ns;
}

/* The end of a period. Ends that were missed meanwhile are one interrupt: the line has no memory. */
static void i8254_on_event(struct device *device)
{
    struct i8254 *pit = device->state;
    struct counter *counter = &pit->counters[0];
    uint64_t now_ns = board_now_ns(device->board);
    uint64_t ends = ticks_since(counter->start_ns, now_ns) / counter->count;
    pit->quiet_until_ns = now_ns + device->board->clock->interrupt_gap_ns;
    settle(counter, now_ns);
    if (counter->served < ends && counter->next == 0 && counter->start_ns <= now_ns) {
        counter->served = ticks_since(counter->start_ns, now_ns) / counter->count;
    }
    board_set_isa_line(device->board, ISA_IRQ_TIMER, false);
    board_set_isa_line(device->board, ISA_IRQ_TIMER, true); /* a pulse of one clock is seen */
    update_line(device, now_ns);
}

const struct device_ops i8254_ops = {
    .name = "i8254",
    .state_bytes = sizeof(struct i8254),
    .ports = {{.first = 0x40, .last = 0x43}, {.first = PORT_B, .last = PORT_B}},
    .reset = i8254_reset,
    .in = i8254_in,
    .out = i8254_out,
    .next_event_ns = i8254_next_event_ns,
    .on_event = i8254_on_event,
};
