/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * What is at which physical address of Microkit's AArch64 and RISC-V boards, as far as systems that
 * are to leave them are concerned: the devices that have drivers, and where memory is. A device that
 * is not listed is no error anywhere, only nameless.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum device_kind {
    DEVICE_UNKNOWN,
    DEVICE_SERIAL,
    DEVICE_TIMER,
    DEVICE_CLOCK, /* that keeps the date */
    DEVICE_NETWORK,
    DEVICE_DISK,
    DEVICE_VIRTIO, /* one of the kinds above: its address does not tell */
    DEVICE_I2C,
    DEVICE_GPIO,
    DEVICE_GPU,
    DEVICE_SOUND,
    DEVICE_INTERRUPTS, /* a controller of them */
};

/* Devices of a kind, one after the other. */
struct device_run {
    enum device_kind kind;
    const char *name;
    uint64_t first; /* physical address of the first one's registers */
    uint64_t size;  /* of one's registers */
    uint16_t
        irq; /* the first one's, as <irq irq="..."> has it; 0: not known. The next has the next. */
    uint16_t count;
    uint64_t stride; /* from one to the next; of one alone it does not matter */
};

struct hardware {
    uint64_t memory_first; /* physical address of main memory's first byte */
    uint64_t memory_last;
    const struct device_run *runs; /* ends with a nameless one */
};

extern const struct hardware hardware_ariane;
extern const struct hardware hardware_bcm2711;
extern const struct hardware hardware_cheshire;
extern const struct hardware hardware_eic7700;
extern const struct hardware hardware_imx8m;
extern const struct hardware hardware_imx8x;
extern const struct hardware hardware_jh7110;
extern const struct hardware hardware_meson_g12;
extern const struct hardware hardware_meson_gx;
extern const struct hardware hardware_rk3399;
extern const struct hardware hardware_rk3568;
extern const struct hardware hardware_stm32mp2;
extern const struct hardware hardware_virt_arm;
extern const struct hardware hardware_virt_riscv;
extern const struct hardware hardware_zynqmp;

/* The device whose registers lie in a range of physical addresses, the lowest of several; or NULL. */
const struct device_run *hardware_at(const struct hardware *hardware, uint64_t first,
                                     uint64_t size);

/* The device with that interrupt, or NULL. */
const struct device_run *hardware_of_irq(const struct hardware *hardware, uint64_t irq);

/* Whether the address is one of main memory. */
bool hardware_is_memory(const struct hardware *hardware, uint64_t address);

/* What a name tells: "uart1", "timer_driver", "eth0.elf". DEVICE_UNKNOWN if it tells nothing. */
enum device_kind device_kind_of_name(const char *name);
