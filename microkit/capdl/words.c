/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/capdl/words.h"

#include <string.h>

#include "abi/bootinfo.h"

const struct capdl_word capdl_words[CAPDL_TYPES] = {
    [CAPDL_ENDPOINT] = {"Endpoint", "Endpoint", true},
    [CAPDL_NOTIFICATION] = {"Notification", "Notification", true},
    [CAPDL_CNODE] = {"CNode", "CNode", false},
    [CAPDL_TCB] = {"Tcb", "Tcb", false},
    [CAPDL_FRAME] = {"Frame", "Frame", false},
    [CAPDL_PAGE_TABLE] = {"PageTable", "PageTable", false},
    [CAPDL_IRQ_MSI] = {"IrqMsi", "IrqMsiHandler", false},
    [CAPDL_IRQ_IOAPIC] = {"IrqIOApic", "IrqIOApicHandler", false},
    [CAPDL_IOPORTS] = {"IOPorts", "IOPorts", false},
    [CAPDL_SCHED_CONTEXT] = {"SchedContext", "SchedContext", false},
    [CAPDL_REPLY] = {"Reply", "Reply", true},
};

const char *const capdl_msi_members[4] = {"handle", "pci_bus", "pci_dev", "pci_func"};
const char *const capdl_ioapic_members[4] = {"ioapic", "pin", "level", "polarity"};

static const struct {
    const char *word;
    uint64_t id;
} blocks[] = {
    {"Padding", SEL4_BOOTINFO_HEADER_PADDING},
    {"X86Vbe", SEL4_BOOTINFO_HEADER_X86_VBE},
    {"X86Mbmmap", SEL4_BOOTINFO_HEADER_X86_MBMMAP},
    {"X86AcpiRsdp", SEL4_BOOTINFO_HEADER_X86_ACPI_RSDP},
    {"X86FrameBuffer", SEL4_BOOTINFO_HEADER_X86_FRAMEBUFFER},
    {"X86TscFreq", SEL4_BOOTINFO_HEADER_X86_TSC_FREQ},
    {"Fdt", SEL4_BOOTINFO_HEADER_FDT},
};

const char *capdl_bootinfo_word(uint64_t id)
{
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        if (blocks[i].id == id) {
            return blocks[i].word;
        }
    }
    return blocks[0].word;
}

bool capdl_bootinfo_id(const char *word, uint64_t *id)
{
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        if (strcmp(blocks[i].word, word) == 0) {
            *id = blocks[i].id;
            return true;
        }
    }
    return false;
}
