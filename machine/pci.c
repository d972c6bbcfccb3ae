/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The PCI bus, as far as its configuration ports show it: a host bridge and a bridge to the ISA bus,
 * which are QEMU's i440FX and PIIX3, and nothing else. A function that is not there reads as ones,
 * which is how software learns of it. Reference: PCI Local Bus Specification 3.0, 3.2.2.3.2 and 6.1.
 *
 * The bridges need no programming: what is written to them is lost.
 */
#include "machine/device.h"

#include <stddef.h>

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA    0xcfc
#define ADDRESS_BITS   UINT32_C(0x80fffffc) /* the rest is reserved and reads as 0 */
#define ADDRESS_ENABLE UINT32_C(0x80000000)

#define HEADER_WORDS 16 /* 6.1: the rest of the 256 bytes is zeros */

struct pci {
    uint32_t address;
};

/* The header of a function, by its address on bus 0: device * 8 + function. Source: what QEMU 7.2's
 * default PC has there. */
static const struct function {
    uint8_t number;
    uint32_t header[HEADER_WORDS];
} functions[] = {
    /* 8086:1237, a host bridge, revision 2; subsystem 1af4:1100. */
    {0 << 3, {0x12378086, 0x00000003, 0x06000002, 0, [11] = 0x11001af4}},
    /* 8086:7000, an ISA bridge. QEMU's has functions for disks, USB and power beside it. */
    {1 << 3, {0x70008086, 0x02000007, 0x06010000, 0, [11] = 0x11001af4}},
};

static void pci_reset(struct device *device)
{
    struct pci *pci = device->state;
    pci->address = 0;
}

/* The register that the address means, all ones where no function answers. */
static uint32_t read_config(uint32_t address)
{
    unsigned bus_and_function = address >> 8 & 0xffff;
    unsigned word = address >> 2 & 63;
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        if ((address & ADDRESS_ENABLE) != 0 && functions[i].number == bus_and_function) {
            return word < HEADER_WORDS ? functions[i].header[word] : 0;
        }
    }
    return UINT32_MAX;
}

/* Narrower accesses take their part of the register; the address itself has none. */
static uint32_t pci_in(struct device *device, uint16_t port, unsigned width)
{
    const struct pci *pci = device->state;
    if (port >= CONFIG_DATA) {
        return read_config(pci->address) >> 8 * (port - CONFIG_DATA);
    }
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
