/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The board: which devices there are, how they are wired, and where memory lies. It is QEMU's
 * default PC (i440FX) as far as seL4 systems see one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/paddr.h"
#include "kernel/kernel.h"
#include "machine/clock.h"
#include "machine/device.h"
#include "machine/ioapic.h"

struct console;

#define BOARD_DEVICES 5
#define BOARD_REGIONS 8

#define BOARD_MEMORY_DEFAULT (UINT64_C(512) << 20)
#define BOARD_MEMORY_MIN     (UINT64_C(16) << 20)
#define BOARD_MEMORY_MAX     (UINT64_C(64) << 30)

/* Lines of the ISA bus, by their numbers there. */
#define ISA_IRQ_TIMER 0
#define ISA_IRQ_COM1  4
#define ISA_IRQ_RTC   8

struct board {
    struct clock *clock;
    struct console *console; /* what stands behind COM1 */
    struct ioapic ioapic;
    bool legacy_replaced; /* by the HPET: see board_replace_legacy() */
    uint32_t isa_lines;   /* bit n: what drives ISA line n asserts it */
    struct device devices[BOARD_DEVICES];
    uint64_t next_event_ns; /* the earliest of all devices */
};

/*
 * Put the board together and reset it. The clock and the console stay the caller's.
 *
 * Returns   0 or -ENOMEM, with nothing left behind.
 */
int board_open(struct board *board, struct clock *clock, struct console *console);
void board_close(struct board *board);

/* I/O ports. Where no device answers, all bits read as ones and writes go nowhere. */
uint32_t board_in(struct board *board, uint16_t port, unsigned width);
void board_out(struct board *board, uint16_t port, unsigned width, uint32_t value);

/* Memory-mapped registers, with the same rule. */
uint64_t board_read(struct board *board, paddr address, unsigned width);
void board_write(struct board *board, paddr address, unsigned width, uint64_t value);

/* Let devices do what is due by now. */
void board_advance(struct board *board, uint64_t now_ns);

/* Ask all devices anew when they are next due: after a kick, input may have come. */
void board_refresh(struct board *board);

/* An event that could still interrupt somebody is under way, or input may come. */
bool board_can_wake(struct board *board);

/* For devices: a line of the ISA bus. */
void board_set_isa_line(struct board *board, unsigned isa_irq, bool asserted);

/* For the HPET: its line to a pin of the I/O APIC; an edge there, whatever others on that pin do; and
 * whether it stands in for the PIT and the RTC, whose interrupts go nowhere then. */
void board_set_hpet_line(struct board *board, unsigned pin, bool asserted);
void board_pulse_pin(struct board *board, unsigned pin);
void board_replace_legacy(struct board *board, bool replaced);

/* For devices: write a message (an MSI). It interrupts when address and data say so, see the SDM,
 * volume 3, 11.11; what is written elsewhere is lost, as there is no bus to memory. */
void board_send_message(struct board *board, uint64_t address, uint32_t data);

/* For devices: now, on the machine's clock. */
uint64_t board_now_ns(const struct board *board);

/*
 * Where memory lies on a machine with so much of it, as its firmware reports: ascending.
 *
 * Returns   the number of regions, at most BOARD_REGIONS.
 */
size_t board_regions(uint64_t memory_bytes, struct kernel_region regions[BOARD_REGIONS]);

/* First address above all RAM. */
paddr board_memory_end(uint64_t memory_bytes);

/* First address above the RAM that lies below 4 GiB; the firmware's tables lie just below it. */
paddr board_low_memory_end(uint64_t memory_bytes);
