/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The high precision event timer: a 64-bit counter at 100 MHz and three comparators.
 * Reference: IA-PC HPET Specification 1.0a; section numbers in the comments. Capabilities are those
 * of QEMU's with `-global hpet.msi=on`: all three timers periodic and 64 bits wide, routed to pin 2
 * of the I/O APIC, or sending messages over the front side bus, which are MSIs. Without those, and so
 * without that option in QEMU, sel4bench finds no timer.
 *
 * The specification has a comparator match when the counter is equal to it. A guest that was put
 * aside between reading the counter and writing the comparator would miss that; so one that is
 * written less than a second late matches at once.
 */
#include "machine/board.h"
#include "machine/device.h"

#include <stdbool.h>

#define HPET_BASE   UINT64_C(0xfed00000)
#define HPET_BYTES  0x400
#define NS_PER_TICK 10
#define TIMERS      3
#define PIN         2

/* 2.3.4: revision 1, three timers, 64 bits, legacy replacement, vendor 8086, 10^7 fs per tick. */
#define CAPABILITIES UINT64_C(0x009896808086a201)

#define REG_CAPABILITIES 0x000
#define REG_CONFIG       0x010
#define REG_STATUS       0x020
#define REG_COUNTER      0x0f0
#define REG_TIMERS       0x100
#define TIMER_BYTES      0x20
#define TIMER_CONFIG     0x00
#define TIMER_COMPARATOR 0x08

#define CONFIG_ENABLE 0x1
#define CONFIG_LEGACY 0x2

/* 2.3.8 */
#define TIMER_LEVEL       0x0002
#define TIMER_INTERRUPT   0x0004
#define TIMER_PERIODIC    0x0008
#define TIMER_SET_VALUE   0x0040
#define TIMER_32_BIT      0x0100
#define TIMER_ROUTE       0x3e00
#define TIMER_FSB         0x4000
#define TIMER_WRITABLE    0x414e
#define TIMER_CAN         UINT64_C(0x0000000400008030) /* pin 2; messages; 64 bits; periodic */
#define TIMER_PIN(config) ((unsigned)((config) >> 9 & 31))
#define TIMER_FSB_ROUTE   0x10 /* the register: address in the upper half, data in the lower */

#define LATE_TICKS (1000000000u / NS_PER_TICK)

struct hpet_timer {
    uint64_t config;
    uint64_t comparator;
    uint64_t period;
    uint64_t fsb_route;
    bool armed;              /* it will match */
    uint64_t match;          /* armed: what the counter, all 64 bits of it, has then or had */
    uint64_t quiet_until_ns; /* no interrupt before: see interrupt_gap_ns of the clock */
};

struct hpet {
    uint64_t config;
    uint64_t status;
    uint64_t counter; /* while it stands: its value. While it runs: that at nanosecond 0 */
    struct hpet_timer timers[TIMERS];
};

static bool runs(const struct hpet *hpet)
{
    return (hpet->config & CONFIG_ENABLE) != 0;
}

static uint64_t counter_now(const struct device *device)
{
    const struct hpet *hpet = device->state;
    return runs(hpet) ? hpet->counter + board_now_ns(device->board) / NS_PER_TICK : hpet->counter;
}

static uint64_t width_mask(const struct hpet_timer *timer)
{
    return (timer->config & TIMER_32_BIT) != 0 ? UINT32_MAX : UINT64_MAX;
}

/* 2.3.5: in legacy replacement mode timers 0 and 1 take the lines of the PIT and the RTC. */
static unsigned timer_pin(const struct hpet *hpet, unsigned i)
{
    if ((hpet->config & CONFIG_LEGACY) != 0 && i < 2) {
        return i == 0 ? 2 : ISA_IRQ_RTC;
    }
    return TIMER_PIN(hpet->timers[i].config);
}

static bool is_level(const struct hpet_timer *timer)
{
    return (timer->config & TIMER_LEVEL) != 0;
}

static bool interrupts(const struct hpet_timer *timer)
{
    return (timer->config & TIMER_INTERRUPT) != 0;
}

static bool sends_message(const struct hpet_timer *timer)
{
    return (timer->config & TIMER_FSB) != 0;
}

/* 2.3.6: level-triggered timers hold their line while their status bit is set. */
static void update_lines(struct device *device)
{
    const struct hpet *hpet = device->state;
    uint32_t pins = 0;
    for (unsigned i = 0; i < TIMERS; i++) {
        const struct hpet_timer *timer = &hpet->timers[i];
        if (is_level(timer) && interrupts(timer) && !sends_message(timer) &&
            (hpet->status >> i & 1) != 0) {
            pins |= UINT32_C(1) << timer_pin(hpet, i);
        }
    }
    for (unsigned pin = 0; pin < IOAPIC_PINS; pin++) {
        board_set_hpet_line(device->board, pin, (pins >> pin & 1) != 0);
    }
}

static void raise(struct device *device, unsigned i)
{
    struct hpet *hpet = device->state;
    const struct hpet_timer *timer = &hpet->timers[i];
    unsigned pin = timer_pin(hpet, i);
    if (is_level(timer)) {
        hpet->status |= UINT64_C(1) << i;
        update_lines(device);
    }
    if (!interrupts(timer)) {
        return;
    }
    if (sends_message(timer)) {
        board_send_message(device->board, timer->fsb_route >> 32, (uint32_t)timer->fsb_route);
    } else if (!is_level(timer) && pin < IOAPIC_PINS) {
        board_pulse_pin(device->board, pin);
    }
}

/* Work out when the comparator matches. */
static void arm(const struct device *device, struct hpet_timer *timer)
{
    uint64_t mask = width_mask(timer);
    uint64_t counter = counter_now(device);
    uint64_t left = (timer->comparator - counter) & mask;
    uint64_t late = (counter - timer->comparator) & mask;
    timer->armed = true;
    if (late < LATE_TICKS && late <= counter) {
        timer->match = counter - late;
    } else {
        timer->match = left <= UINT64_MAX - counter ? counter + left : UINT64_MAX;
    }
}

/* 2.3.9.2.2: the comparator of a periodic timer moves on by whole periods. */
static void rearm(const struct device *device, struct hpet_timer *timer)
{
    if ((timer->config & TIMER_PERIODIC) == 0 || timer->period == 0) {
        timer->armed = false;
        return;
    }
    uint64_t periods = (counter_now(device) - timer->match) / timer->period + 1;
    timer->match += periods * timer->period;
    timer->comparator = (timer->comparator + periods * timer->period) & width_mask(timer);
}

static bool matches(const struct device *device, const struct hpet_timer *timer)
{
    return runs(device->state) && timer->armed && counter_now(device) >= timer->match;
}

/* Timers whose interrupt is off match as well, without an event: this catches up with them. */
static void settle(struct device *device)
{
    struct hpet *hpet = device->state;
    for (unsigned i = 0; i < TIMERS; i++) {
        struct hpet_timer *timer = &hpet->timers[i];
        if (!interrupts(timer) && matches(device, timer)) {
            rearm(device, timer);
            raise(device, i);
        }
    }
}

static void hpet_reset(struct device *device)
{
    struct hpet *hpet = device->state;
    *hpet = (struct hpet){.config = 0};
    for (unsigned i = 0; i < TIMERS; i++) {
        hpet->timers[i].comparator = UINT64_MAX;
        hpet->timers[i].config = TIMER_CAN;
    }
    update_lines(device);
    board_replace_legacy(device->board, false);
}

static uint64_t read_timer(const struct hpet_timer *timer, uint64_t offset)
{
    switch (offset) {
    case TIMER_CONFIG:
        return timer->config;
    case TIMER_COMPARATOR:
        return timer->comparator;
    case TIMER_FSB_ROUTE:
        return timer->fsb_route;
    default:
        return 0;
    }
}

static uint64_t read_register(struct device *device, uint64_t offset)
{
    const struct hpet *hpet = device->state;
    switch (offset) {
    case REG_CAPABILITIES:
        return CAPABILITIES;
    case REG_CONFIG:
        return hpet->config;
    case REG_STATUS:
        return hpet->status;
    case REG_COUNTER:
        return counter_now(device);
    }
    if (offset >= REG_TIMERS && offset < REG_TIMERS + TIMERS * TIMER_BYTES) {
        return read_timer(&hpet->timers[(offset - REG_TIMERS) / TIMER_BYTES], offset % TIMER_BYTES);
    }
    return 0;
}

static void write_config(struct device *device, uint64_t value)
{
    struct hpet *hpet = device->state;
    uint64_t elapsed = board_now_ns(device->board) / NS_PER_TICK;
    bool enable = (value & CONFIG_ENABLE) != 0;
    if (enable && !runs(hpet)) {
        hpet->counter -= elapsed;
    } else if (!enable && runs(hpet)) {
        hpet->counter += elapsed;
    }
    hpet->config = value & (CONFIG_ENABLE | CONFIG_LEGACY);
    board_replace_legacy(device->board, (hpet->config & CONFIG_LEGACY) != 0);
    update_lines(device);
}

static void write_counter(struct device *device, uint64_t value)
{
    struct hpet *hpet = device->state;
    uint64_t elapsed = runs(hpet) ? board_now_ns(device->board) / NS_PER_TICK : 0;
    hpet->counter = value - elapsed;
    for (unsigned i = 0; i < TIMERS; i++) {
        if (hpet->timers[i].armed) {
            arm(device, &hpet->timers[i]);
        }
    }
}

/* 2.3.9.2.2: in periodic mode a write sets the period, and with TIMER_SET_VALUE the comparator as
 * well, once. */
static void write_comparator(const struct device *device, struct hpet_timer *timer, uint64_t value)
{
    bool periodic = (timer->config & TIMER_PERIODIC) != 0;
    value &= width_mask(timer);
    if (periodic) {
        timer->period = value;
    }
    if (!periodic || (timer->config & TIMER_SET_VALUE) != 0) {
        timer->comparator = value;
        arm(device, timer);
    } else if (!timer->armed) {
        arm(device, timer);
    }
    timer->config &= ~(uint64_t)TIMER_SET_VALUE;
}

/* 2.3.8: a route that the timer does not have reads back as something else, so that software can
 * tell. */
static void write_timer_config(struct device *device, struct hpet_timer *timer, uint64_t value)
{
    uint64_t writable = TIMER_WRITABLE;
    if ((timer->config >> 32 >> TIMER_PIN(value) & 1) != 0) {
        writable |= TIMER_ROUTE;
    }
    timer->config = (timer->config & ~writable) | (value & writable);
    if (timer->armed) {
        arm(device, timer); /* its width may have changed */
    }
    update_lines(device);
}

static void write_timer(struct device *device, unsigned i, uint64_t offset, uint64_t value)
{
    struct hpet *hpet = device->state;
    struct hpet_timer *timer = &hpet->timers[i];
    switch (offset) {
    case TIMER_CONFIG:
        write_timer_config(device, timer, value);
        break;
    case TIMER_COMPARATOR:
        write_comparator(device, timer, value);
        break;
    case TIMER_FSB_ROUTE:
        timer->fsb_route = value;
        break;
    }
}

static void write_register(struct device *device, uint64_t offset, uint64_t value)
{
    struct hpet *hpet = device->state;
    switch (offset) {
    case REG_CONFIG:
        write_config(device, value);
        return;
    case REG_STATUS:
        hpet->status &= ~value;
        update_lines(device);
        return;
    case REG_COUNTER:
        write_counter(device, value);
        return;
    }
    if (offset >= REG_TIMERS && offset < REG_TIMERS + TIMERS * TIMER_BYTES) {
        write_timer(device, (unsigned)((offset - REG_TIMERS) / TIMER_BYTES), offset % TIMER_BYTES,
                    value);
    }
}

/* 2.3.1: accesses are 32 or 64 bits wide and aligned. Others read as zeros and write nothing. */
static bool access_valid(uint64_t offset, unsigned width)
{
    return (width == 4 || width == 8) && offset % width == 0;
}

static uint64_t hpet_read(struct device *device, uint64_t offset, unsigned width)
{
    if (!access_valid(offset, width)) {
        return 0;
    }
    settle(device);
    return read_register(device, offset & ~UINT64_C(7)) >> 8 * (offset & 7);
}

static void hpet_write(struct device *device, uint64_t offset, unsigned width, uint64_t value)
{
    if (!access_valid(offset, width)) {
        return;
    }
    settle(device);
    uint64_t whole = value;
    if (width == 4) {
        uint64_t base = offset & ~UINT64_C(7);
        /* Status bits are cleared by ones: the other half must not be written back. */
        uint64_t old = base == REG_STATUS ? 0 : read_register(device, base);
        unsigned shift = 8 * (unsigned)(offset & 7);
        whole = (old & ~(UINT64_C(0xffffffff) << shift)) | (value & 0xffffffff) << shift;
    }
    write_register(device, offset & ~UINT64_C(7), whole);
}

static uint64_t match_ns(const struct device *device, const struct hpet_timer *timer)
{
    if (!runs(device->state) || !timer->armed || !interrupts(timer)) {
        return DEVICE_IDLE;
    }
    if (matches(device, timer)) {
        return 0;
    }
    uint64_t left = timer->match - counter_now(device);
    uint64_t now_ns = board_now_ns(device->board);
    now_ns -= now_ns % NS_PER_TICK;
    return left > (DEVICE_IDLE - now_ns) / NS_PER_TICK ? DEVICE_IDLE : now_ns + left * NS_PER_TICK;
}

static uint64_t timer_due_ns(const struct device *device, const struct hpet_timer *timer)
{
    uint64_t due_ns = match_ns(device, timer);
    return due_ns > timer->quiet_until_ns ? due_ns : timer->quiet_until_ns;
}

static uint64_t hpet_next_event_ns(struct device *device)
{
    const struct hpet *hpet = device->state;
    uint64_t next_ns = DEVICE_IDLE;
    for (unsigned i = 0; i < TIMERS; i++) {
        uint64_t due_ns = timer_due_ns(device, &hpet->timers[i]);
        next_ns = due_ns < next_ns ? due_ns : next_ns;
    }
    return next_ns;
}

static void hpet_on_event(struct device *device)
{
    struct hpet *hpet = device->state;
    uint64_t now_ns = board_now_ns(device->board);
    for (unsigned i = 0; i < TIMERS; i++) {
        if (timer_due_ns(device, &hpet->timers[i]) <= now_ns) {
            rearm(device, &hpet->timers[i]);
            hpet->timers[i].quiet_until_ns = now_ns + device->board->clock->interrupt_gap_ns;
            raise(device, i);
        }
    }
}

const struct device_ops hpet_ops = {
    .name = "hpet",
    .state_bytes = sizeof(struct hpet),
    .registers = {.first = HPET_BASE, .end = HPET_BASE + HPET_BYTES},
    .reset = hpet_reset,
    .read = hpet_read,
    .write = hpet_write,
    .next_event_ns = hpet_next_event_ns,
    .on_event = hpet_on_event,
};
