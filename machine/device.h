/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * What a device is: state, registers that guests reach through I/O ports or memory, and events of
 * its own. A device is one file that ends in one table; board.c lists the tables.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/paddr.h"

struct board;

#define DEVICE_IDLE UINT64_MAX

struct device {
    const struct device_ops *ops;
    struct board *board;
    void *state; /* ops->state_bytes of it, zeroed */
};

struct device_ops {
    const char *name;
    size_t state_bytes;

    /* I/O ports that it decodes, both ends included; unused ranges are {0, 0}. */
    struct device_ports {
        uint16_t first;
        uint16_t last;
    } ports[2];
    /* Its memory-mapped registers; {0, 0}: none. */
    struct device_registers {
        paddr first;
        paddr end;
    } registers;

    void (*reset)(struct device *device);

    /* Port access; width is 1, 2 or 4 bytes and stays within one range. */
    uint32_t (*in)(struct device *device, uint16_t port, unsigned width);
    void (*out)(struct device *device, uint16_t port, unsigned width, uint32_t value);

    /* Register access; width is 1, 2, 4 or 8 bytes and stays within the range. */
    uint64_t (*read)(struct device *device, uint64_t offset, unsigned width);
    void (*write)(struct device *device, uint64_t offset, unsigned width, uint64_t value);

    /* When it next has something to do, on the machine's clock; DEVICE_IDLE when nothing is due.
     * Asked again after every access, every event, and every kick. */
    uint64_t (*next_event_ns)(struct device *device);
    void (*on_event)(struct device *device);
};

extern const struct device_ops hpet_ops;
extern const struct device_ops i8254_ops;
extern const struct device_ops mc146818_ops;
extern const struct device_ops ns16550_ops;
extern const struct device_ops pci_ops;
