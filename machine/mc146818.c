/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The real-time clock: the machine's wall clock in UTC, and 128 bytes of which the first 14 are the clock.
 * Reference: Motorola MC146818 data sheet; the century at 0x32 is the PC's.
 *
 * Its interrupts (periodic, alarm, update ended) are not there: the enable bits of register B read
 * back as zeros, so that a driver that wants one can tell. Setting the time sets nothing.
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
    RTC_MINUTES = 0x02,
    RTC_HOURS = 0x04,
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

#define A_DIVIDER_32768 0x20
#define A_RATE_1024     0x06
#define B_24_HOURS      0x02
#define B_BINARY        0x04
#define B_KEPT          0x8f /* SET, SQWE, DM, 24/12, DSE: all but the interrupt enables */
#define D_VALID         0x80
#define PM              0x80

struct mc146818 {
    uint8_t index;
    uint8_t bytes[CMOS_BYTES];
};

static void mc146818_reset(struct device *device)
{
    struct mc146818 *rtc = device->state;
    *rtc = (struct mc146818){.index = 0};
    rtc->bytes[RTC_A] = A_DIVIDER_32768 | A_RATE_1024;
    rtc->bytes[RTC_B] = B_24_HOURS;
    rtc->bytes[RTC_D] = D_VALID;
}

static uint8_t encode(const struct mc146818 *rtc, int number)
{
    if ((rtc->bytes[RTC_B] & B_BINARY) != 0) {
        return (uint8_t)number;
    }
    return (uint8_t)(number / 10 << 4 | number % 10);
}

static uint8_t encode_hour(const struct mc146818 *rtc, int hour)
{
    if ((rtc->bytes[RTC_B] & B_24_HOURS) != 0) {
        return encode(rtc, hour);
    }
    uint8_t half = encode(rtc, hour % 12 == 0 ? 12 : hour % 12);
    return hour >= 12 ? half | PM : half;
}

static uint8_t read_byte(const struct device *device)
{
    const struct mc146818 *rtc = device->state;
    time_t seconds = (time_t)clock_wall_s(device->board->clock);
    struct tm now;
    gmtime_r(&seconds, &now);
    switch (rtc->index) {
    case RTC_SECONDS:
        return encode(rtc, now.tm_sec);
    case RTC_MINUTES:
        return encode(rtc, now.tm_min);
    case RTC_HOURS:
        return encode_hour(rtc, now.tm_hour);
    case RTC_WEEKDAY:
        return encode(rtc, now.tm_wday + 1);
    case RTC_DAY:
        return encode(rtc, now.tm_mday);
    case RTC_MONTH:
        return encode(rtc, now.tm_mon + 1);
    case RTC_YEAR:
        return encode(rtc, now.tm_year % 100);
    case RTC_CENTURY:
        return encode(rtc, (now.tm_year + 1900) / 100);
    default:
        return rtc->bytes[rtc->index];
    }
}

static void write_byte(struct mc146818 *rtc, uint8_t value)
{
    switch (rtc->index) {
    case RTC_B:
        rtc->bytes[RTC_B] = value & B_KEPT;
        break;
    case RTC_C:
    case RTC_D:
        break;
    default:
        rtc->bytes[rtc->index] = value;
    }
}

static uint32_t mc146818_in(struct device *device, uint16_t port, unsigned width)
{
    (void)width;
    /* The index port is write-only on a PC. */
    return port == PORT_DATA ? read_byte(device) : 0xff;
}

static void mc146818_out(struct device *device, uint16_t port, unsigned width, uint32_t value)
{
    struct mc146818 *rtc = device->state;
    (void)width;
    if (port == PORT_INDEX) {
        /* Bit 7 masks the NMI and is not part of the index. */
        rtc->index = (uint8_t)(value & (CMOS_BYTES - 1));
    } else {
        write_byte(rtc, (uint8_t)value);
    }
}

const struct device_ops mc146818_ops = {
    .name = "mc146818",
    .state_bytes = sizeof(struct mc146818),
    .ports = {{.first = PORT_INDEX, .last = PORT_DATA}},
    .reset = mc146818_reset,
    .in = mc146818_in,
    .out = mc146818_out,
};
