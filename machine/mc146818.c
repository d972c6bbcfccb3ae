/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The real-time clock: a date that starts as the host's in UTC and goes on with the machine's time,
 * an alarm, a periodic interrupt, and 128 bytes of which the first 14 are these. ISA line 8.
 * Reference: Motorola MC146818 data sheet; section names in quotes. The century at 0x32 is the PC's.
 *
 * The date is a number of seconds at some moment of the machine's clock; while it is stopped to be
 * set, the registers hold what software wrote. The day of the week follows from the date. Daylight
 * saving is not there.
 */
#include "machine/board.h"
#include "machine/device.h"

#include <stdbool.h>
#include <time.h>

#define PORT_INDEX 0x70
#define PORT_DATA  0x71

#define CMOS_BYTES 128

enum rtc_register {
    RTC_SECONDS = 0x00,
    RTC_SECONDS_ALARM = 0x01,
    RTC_MINUTES = 0x02,
    RTC_MINUTES_ALARM = 0x03,
    RTC_HOURS = 0x04,
    RTC_HOURS_ALARM = 0x05,
    RTC_WEEKDAY = 0x06,
    RTC_DAY = 0x07,
    RTC_MONTH = 0x08,
    RTC_YEAR = 0x09,
    RTC_A = 0x0a,
    RTC_B = 0x0b,
    RTC_C = 0x0c,
    RTC_D = 0x0d,
    RTC_CENTURY = 0x32,
};

#define A_UPDATING     0x80
#define A_DIVIDER      0x70
#define A_DIVIDER_RUNS 0x20 /* counts 32768 Hz */
#define A_RATE         0x0f
#define A_RATE_1024    0x06
#define B_SET          0x80
#define B_BINARY       0x04
#define B_24_HOURS     0x02
#define D_VALID        0x80
#define PM             0x80
#define ALARM_ALWAYS   0xc0 /* "don't care": this and above */
#define INTERRUPT      0x80 /* in C: one of the flags below that B has enabled */
#define FLAG_PERIODIC  0x40 /* in C, and its enable in B */
#define FLAG_ALARM     0x20
#define FLAG_UPDATE    0x10
#define FLAGS          (FLAG_PERIODIC | FLAG_ALARM | FLAG_UPDATE)

#define NS_PER_S        UINT64_C(1000000000)
#define BASE_HZ         32768
#define UPDATING_NS     244000u /* UIP is set so long before the update */
#define SECONDS_PER_DAY 86400u

struct mc146818 {
    uint8_t index;
    uint8_t bytes[CMOS_BYTES];
    bool stopped;     /* by SET, or by the divider chain: the date is in `bytes` */
    int64_t date_s;   /* runs: seconds since 1970 ... */
    uint64_t at_ns;   /* ... at this nanosecond of the machine's clock */
    uint64_t seen_ns; /* flags have been set for all that happened up to here */
};

/* --- Numbers as the registers have them --- */

static uint8_t encode(const struct mc146818 *rtc, int number)
{
    if ((rtc->bytes[RTC_B] & B_BINARY) != 0) {
        return (uint8_t)number;
    }
    return (uint8_t)(number / 10 << 4 | number % 10);
}

static int decode(const struct mc146818 *rtc, uint8_t byte)
{
    return (rtc->bytes[RTC_B] & B_BINARY) != 0 ? byte : (byte >> 4) * 10 + (byte & 15);
}

static uint8_t encode_hour(const struct mc146818 *rtc, int hour)
{
    if ((rtc->bytes[RTC_B] & B_24_HOURS) != 0) {
        return encode(rtc, hour);
    }
    uint8_t half = encode(rtc, hour % 12 == 0 ? 12 : hour % 12);
    return hour >= 12 ? half | PM : half;
}

static int decode_hour(const struct mc146818 *rtc, uint8_t byte)
{
    if ((rtc->bytes[RTC_B] & B_24_HOURS) != 0) {
        return decode(rtc, byte);
    }
    int hour = decode(rtc, byte & (uint8_t)~PM) % 12;
    return (byte & PM) != 0 ? hour + 12 : hour;
}

static bool is_date(unsigned index)
{
    switch (index) {
    case RTC_SECONDS:
    case RTC_MINUTES:
    case RTC_HOURS:
    case RTC_WEEKDAY:
    case RTC_DAY:
    case RTC_MONTH:
    case RTC_YEAR:
    case RTC_CENTURY:
        return true;
    default:
        return false;
    }
}

static void write_date(struct mc146818 *rtc, int64_t date_s)
{
    time_t seconds = date_s;
    struct tm date;
    gmtime_r(&seconds, &date);
    rtc->bytes[RTC_SECONDS] = encode(rtc, date.tm_sec);
    rtc->bytes[RTC_MINUTES] = encode(rtc, date.tm_min);
    rtc->bytes[RTC_HOURS] = encode_hour(rtc, date.tm_hour);
    rtc->bytes[RTC_WEEKDAY] = encode(rtc, date.tm_wday + 1);
    rtc->bytes[RTC_DAY] = encode(rtc, date.tm_mday);
    rtc->bytes[RTC_MONTH] = encode(rtc, date.tm_mon + 1);
    rtc->bytes[RTC_YEAR] = encode(rtc, date.tm_year % 100);
    rtc->bytes[RTC_CENTURY] = encode(rtc, (date.tm_year + 1900) / 100 % 100);
}

static int64_t read_date(const struct mc146818 *rtc)
{
    const uint8_t *bytes = rtc->bytes;
    struct tm date = {
        .tm_sec = decode(rtc, bytes[RTC_SECONDS]),
        .tm_min = decode(rtc, bytes[RTC_MINUTES]),
        .tm_hour = decode_hour(rtc, bytes[RTC_HOURS]),
        .tm_mday = decode(rtc, bytes[RTC_DAY]),
        .tm_mon = decode(rtc, bytes[RTC_MONTH]) - 1,
        .tm_year = decode(rtc, bytes[RTC_CENTURY]) * 100 + decode(rtc, bytes[RTC_YEAR]) - 1900,
    };
    return timegm(&date);
}

/* --- Time --- */

static bool is_stopped(const struct mc146818 *rtc)
{
    return (rtc->bytes[RTC_B] & B_SET) != 0 || (rtc->bytes[RTC_A] & A_DIVIDER) != A_DIVIDER_RUNS;
}

static int64_t date_now(const struct mc146818 *rtc, uint64_t now_ns)
{
    return rtc->date_s + (int64_t)((now_ns - rtc->at_ns) / NS_PER_S);
}

/* The date stops or goes on, as registers A and B have it. It goes on half a second before its next
 * update: "Divider Control". */
static void follow_stop(struct mc146818 *rtc, uint64_t now_ns)
{
    bool stops = is_stopped(rtc);
    if (stops && !rtc->stopped) {
        write_date(rtc, date_now(rtc, now_ns));
    } else if (!stops && rtc->stopped) {
        rtc->date_s = read_date(rtc);
        rtc->at_ns = now_ns;
    }
    rtc->stopped = stops;
}

static uint64_t next_second_ns(const struct mc146818 *rtc, uint64_t ns)
{
    return ns + NS_PER_S - (ns - rtc->at_ns) % NS_PER_S;
}

/* "Periodic Interrupt": 0 for none. Rates 1 and 2 are those of 8 and 9. */
static uint64_t period_ns(const struct mc146818 *rtc)
{
    unsigned rate = rtc->bytes[RTC_A] & A_RATE;
    if (rate == 0) {
        return 0;
    }
    return (NS_PER_S << (rate < 3 ? rate + 6 : rate - 1)) / BASE_HZ;
}

static bool alarm_matches(const struct mc146818 *rtc, unsigned index, int number)
{
    uint8_t byte = rtc->bytes[index];
    if (byte >= ALARM_ALWAYS) {
        return true;
    }
    return number == (index == RTC_HOURS_ALARM ? decode_hour(rtc, byte) : decode(rtc, byte));
}

static bool is_alarm(const struct mc146818 *rtc, int64_t date_s)
{
    int second = (int)(date_s % SECONDS_PER_DAY);
    return alarm_matches(rtc, RTC_HOURS_ALARM, second / 3600) &&
           alarm_matches(rtc, RTC_MINUTES_ALARM, second / 60 % 60) &&
           alarm_matches(rtc, RTC_SECONDS_ALARM, second % 60);
}

/* An alarm comes back every day at the latest, so no more than a day's seconds are looked at. */
static bool alarm_between(const struct mc146818 *rtc, int64_t after_s, int64_t last_s)
{
    if (last_s - after_s > SECONDS_PER_DAY) {
        after_s = last_s - SECONDS_PER_DAY;
    }
    while (after_s < last_s) {
        if (is_alarm(rtc, ++after_s)) {
            return true;
        }
    }
    return false;
}

/* Set the flags of all that has happened since the last look. They are set whether or not they
 * interrupt: "Register C". */
static void catch_up(struct mc146818 *rtc, uint64_t now_ns)
{
    uint64_t period = period_ns(rtc);
    if (period != 0 && now_ns / period != rtc->seen_ns / period) {
        rtc->bytes[RTC_C] |= FLAG_PERIODIC;
    }
    if (!rtc->stopped) {
        uint64_t seen_ns = rtc->seen_ns > rtc->at_ns ? rtc->seen_ns : rtc->at_ns;
        int64_t before_s = date_now(rtc, seen_ns);
        int64_t date_s = date_now(rtc, now_ns);
        if (date_s != before_s) {
            rtc->bytes[RTC_C] |= FLAG_UPDATE;
        }
        if (alarm_between(rtc, before_s, date_s)) {
            rtc->bytes[RTC_C] |= FLAG_ALARM;
        }
    }
    rtc->seen_ns = now_ns;
}

static void update_line(struct device *device)
{
    struct mc146818 *rtc = device->state;
    uint8_t *flags = &rtc->bytes[RTC_C];
    bool interrupts = (*flags & rtc->bytes[RTC_B] & FLAGS) != 0;
    *flags = (uint8_t)((*flags & FLAGS) | (interrupts ? INTERRUPT : 0));
    board_set_isa_line(device->board, ISA_IRQ_RTC, interrupts);
}

/* --- Registers --- */

static void mc146818_reset(struct device *device)
{
    struct mc146818 *rtc = device->state;
    const struct clock *clock = device->board->clock;
    *rtc = (struct mc146818){.date_s = clock_wall_s(clock)};
    rtc->at_ns = rtc->seen_ns = board_now_ns(device->board);
    rtc->bytes[RTC_A] = A_DIVIDER_RUNS | A_RATE_1024;
    rtc->bytes[RTC_B] = B_24_HOURS;
    rtc->bytes[RTC_D] = D_VALID;
}

static uint8_t read_byte(struct device *device, uint64_t now_ns)
{
    struct mc146818 *rtc = device->state;
    uint8_t value = rtc->bytes[rtc->index];
    if (rtc->index == RTC_C) {
        rtc->bytes[RTC_C] = 0;
        update_line(device);
    } else if (rtc->index == RTC_A && !rtc->stopped &&
               next_second_ns(rtc, now_ns) - now_ns <= UPDATING_NS) {
        value |= A_UPDATING;
    } else if (is_date(rtc->index) && !rtc->stopped) {
        write_date(rtc, date_now(rtc, now_ns));
        value = rtc->bytes[rtc->index];
    }
    return value;
}

static void write_byte(struct device *device, uint8_t value, uint64_t now_ns)
{
    struct mc146818 *rtc = device->state;
    bool sets_running = is_date(rtc->index) && !rtc->stopped;
    if (sets_running) {
        write_date(rtc, date_now(rtc, now_ns));
    }
    switch (rtc->index) {
    case RTC_A:
        rtc->bytes[RTC_A] = value & (uint8_t)~A_UPDATING;
        break;
    case RTC_C:
    case RTC_D:
        return;
    default:
        rtc->bytes[rtc->index] = value;
    }
    if (rtc->index == RTC_B && (value & B_SET) != 0) {
        rtc->bytes[RTC_B] &= (uint8_t)~FLAG_UPDATE; /* "SET" clears UIE */
    }
    if (sets_running) {
        rtc->date_s = read_date(rtc);
        rtc->at_ns = now_ns - (now_ns - rtc->at_ns) % NS_PER_S;
    }
    follow_stop(rtc, now_ns);
    update_line(device);
}

static uint32_t mc146818_in(struct device *device, uint16_t port, unsigned width)
{
    uint64_t now_ns = board_now_ns(device->board);
    (void)width;
    if (port == PORT_INDEX) {
        return 0xff; /* write-only on a PC */
    }
    catch_up(device->state, now_ns);
    update_line(device);
    return read_byte(device, now_ns);
}

static void mc146818_out(struct device *device, uint16_t port, unsigned width, uint32_t value)
{
    struct mc146818 *rtc = device->state;
    uint64_t now_ns = board_now_ns(device->board);
    (void)width;
    if (port == PORT_INDEX) {
        /* Bit 7 masks the NMI and is not part of the index. */
        rtc->index = (uint8_t)(value & (CMOS_BYTES - 1));
        return;
    }
    catch_up(rtc, now_ns);
    write_byte(device, (uint8_t)value, now_ns);
}

/* --- Events --- */

/* A flag that is set already cannot interrupt anew: software that does not read it stops the rest. */
static uint64_t mc146818_next_event_ns(struct device *device)
{
    const struct mc146818 *rtc = device->state;
    uint8_t awaited = rtc->bytes[RTC_B] & (uint8_t)~rtc->bytes[RTC_C] & FLAGS;
    uint64_t period = period_ns(rtc);
    uint64_t due_ns = DEVICE_IDLE;
    if ((awaited & FLAG_PERIODIC) != 0 && period != 0) {
        due_ns = (rtc->seen_ns / period + 1) * period;
    }
    if ((awaited & (FLAG_UPDATE | FLAG_ALARM)) != 0 && !rtc->stopped) {
        uint64_t second_ns = next_second_ns(rtc, rtc->seen_ns);
        due_ns = second_ns < due_ns ? second_ns : due_ns;
    }
    return due_ns;
}

static void mc146818_on_event(struct device *device)
{
    catch_up(device->state, board_now_ns(device->board));
    update_line(device);
}

const struct device_ops mc146818_ops = {
    .name = "mc146818",
    .state_bytes = sizeof(struct mc146818),
    .ports = {{.first = PORT_INDEX, .last = PORT_DATA}},
    .reset = mc146818_reset,
    .in = mc146818_in,
    .out = mc146818_out,
    .next_event_ns = mc146818_next_event_ns,
    .on_event = mc146818_on_event,
};
