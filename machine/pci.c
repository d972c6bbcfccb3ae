/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The PCI host bridge's configuration ports, with nothing on the bus: every configuration register
 * reads as ones, which is how software learns that no device answers. Reference: PCI Local Bus
 * Specification 3.0, 3.2.2.3.2.
 */
#include "machine/device.h"

#define CONFIG_ADDRESS 0xcf8
#define ADDRESS_BITS   UINT32_C(0x80fffffc) /* the rest is reserved and reads as 0 */

struct pci {
    uint32_t address;
};

static void pci_reset(struct device *device)
{
    struct pci *pci = device->state;
    pci->address = 0;
}

static uint32_t pci_in(struct device *device, uint16_t port, unsigned width)
{
    const struct pci *pci = device->state;
    return port == CONFIG_ADDRESS && width == 4 ? pci->address : UINT32_MAX;
}

/* The address takes nothing narrower than 32 bits: those accesses belong to other devices. */
static void pci_out(struct device *device, uint16_t port, unsigned width, uint32_t value)
{
    struct pci *pci = device->state;
    if (port == CONFIG_ADDRESS && width == 4) {
        pci->address = value & ADDRESS_BITS;
    }
}

const struct device_ops pci_ops = {
    .name = "pci",
    .state_bytes = sizeof(struct pci),
    .ports = {{.first = CONFIG_ADDRESS, .last = CONFIG_ADDRESS + 7}},
    .reset = pci_reset,
    .in = pci_in,
    .out = pci_out,
};
