/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The board: its devices, its wires, its memory map. */
#include "machine/board.h"

#include "machine/console.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The devices, in reset order. */
static const struct device_ops *const board_devices[] = {
    &ns16550_ops, &i8254_ops, &mc146818_ops, &hpet_ops, &pci_ops,
};
_Static_assert(sizeof(board_devices) / sizeof(board_devices[0]) == BOARD_DEVICES,
               "struct board has room for each");

/* QEMU, hw/i386/pc: RAM below 4 GiB ends here at the latest, and with this much or more ... */
#define LOW_MEMORY_MAX (UINT64_C(0xe0000000))
/* ... it ends at a multiple of 1 GiB instead. The rest starts at 4 GiB. */
#define LOW_MEMORY_SPLIT (UINT64_C(0xc0000000))
#define HIGH_MEMORY      (UINT64_C(0x100000000))
#define FIRMWARE_TABLES  (UINT64_C(0x20000))

int board_open(struct board *board, struct clock *clock, struct console *console)
{
    *board = (struct board){.clock = clock, .console = console};
    ioapic_reset(&board->ioapic);
    for (size_t i = 0; i < BOARD_DEVICES; i++) {
        struct device *device = &board->devices[i];
        device->ops = board_devices[i];
        device->board = board;
        device->state = calloc(1, device->ops->state_bytes);
        if (!device->state) {
            board_close(board);
            return -ENOMEM;
        }
        device->ops->reset(device);
    }
    board_refresh(board);
    return 0;
}

void board_close(struct board *board)
{
    for (size_t i = 0; i < BOARD_DEVICES; i++) {
        free(board->devices[i].state);
        board->devices[i].state = NULL;
    }
}

static bool decodes(const struct device_ports *range, uint16_t port, unsigned width)
{
    return range->last != 0 && port >= range->first && port + width - 1 <= range->last;
}

static struct device *device_at_port(struct board *board, uint16_t port, unsigned width)
{
    for (size_t i = 0; i < BOARD_DEVICES; i++) {
        const struct device_ops *ops = board->devices[i].ops;
        if (decodes(&ops->ports[0], port, width) || decodes(&ops->ports[1], port, width)) {
            return &board->devices[i];
        }
    }
    return NULL;
}

static struct device *device_at_address(struct board *board, paddr address, unsigned width)
{
    for (size_t i = 0; i < BOARD_DEVICES; i++) {
        const struct device_registers *registers = &board->devices[i].ops->registers;
        if (address >= registers->first && address < registers->end &&
            width <= registers->end - address) {
            return &board->devices[i];
        }
    }
    return NULL;
}

uint32_t board_in(struct board *board, uint16_t port, unsigned width)
{
    struct device *device = device_at_port(board, port, width);
    uint32_t ones = width == 4 ? UINT32_MAX : (1u << 8 * width) - 1;
    if (!device) {
        return ones;
    }
    uint32_t value = device->ops->in(device, port, width) & ones;
    board_refresh(board);
    return value;
}

void board_out(struct board *board, uint16_t port, unsigned width, uint32_t value)
{
    struct device *device = device_at_port(board, port, width);
    if (device) {
        device->ops->out(device, port, width, value);
        board_refresh(board);
    }
}

uint64_t board_read(struct board *board, paddr address, unsigned width)
{
    struct device *device = device_at_address(board, address, width);
    uint64_t ones = width == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * width) - 1;
    if (!device) {
        return ones;
    }
    uint64_t value =
        device->ops->read(device, address - device->ops->registers.first, width) & ones;
    board_refresh(board);
    return value;
}

void board_write(struct board *board, paddr address, unsigned width, uint64_t value)
{
    struct device *device = device_at_address(board, address, width);
    if (device) {
        device->ops->write(device, address - device->ops->registers.first, width, value);
        board_refresh(board);
    }
}

void board_refresh(struct board *board)
{
    board->next_event_ns = DEVICE_IDLE;
    for (size_t i = 0; i < BOARD_DEVICES; i++) {
        struct device *device = &board->devices[i];
        if (!device->ops->next_event_ns) {
            continue;
        }
        uint64_t due_ns = device->ops->next_event_ns(device);
        if (due_ns < board->next_event_ns) {
            board->next_event_ns = due_ns;
        }
    }
}

void board_advance(struct board *board, uint64_t now_ns)
{
    if (now_ns < board->next_event_ns) {
        return;
    }
    for (size_t i = 0; i < BOARD_DEVICES; i++) {
        struct device *device = &board->devices[i];
        if (device->ops->next_event_ns && device->ops->next_event_ns(device) <= now_ns) {
            device->ops->on_event(device);
        }
    }
    board_refresh(board);
}

bool board_can_wake(struct board *board)
{
    return board->next_event_ns != DEVICE_IDLE || ioapic_pending(&board->ioapic) ||
           (console_listened_to(board->console) && console_can_receive(board->console));
}

/* The MADT tells guests of the one line that changes its number: see acpi.c. */
static unsigned isa_pin(unsigned isa_irq)
{
    return isa_irq == ISA_IRQ_TIMER ? 2 : isa_irq;
}

static bool is_replaced(const struct board *board, unsigned isa_irq)
{
    return board->legacy_replaced && (isa_irq == ISA_IRQ_TIMER || isa_irq == ISA_IRQ_RTC);
}

void board_set_isa_line(struct board *board, unsigned isa_irq, bool asserted)
{
    uint32_t line = UINT32_C(1) << isa_irq;
    board->isa_lines = asserted ? board->isa_lines | line : board->isa_lines & ~line;
    ioapic_set_line(&board->ioapic, LINE_ISA, isa_pin(isa_irq),
                    asserted && !is_replaced(board, isa_irq));
}

void board_set_hpet_line(struct board *board, unsigned pin, bool asserted)
{
    ioapic_set_line(&board->ioapic, LINE_HPET, pin, asserted);
}

void board_pulse_pin(struct board *board, unsigned pin)
{
    ioapic_pulse(&board->ioapic, pin);
}

void board_replace_legacy(struct board *board, bool replaced)
{
    static const unsigned lines[] = {ISA_IRQ_TIMER, ISA_IRQ_RTC};
    board->legacy_replaced = replaced;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        board_set_isa_line(board, lines[i], (board->isa_lines >> lines[i] & 1) != 0);
    }
}

/* The address: 0xfee, destination, redirection hint, mode of the destination. */
#define MESSAGE_PAGES       UINT64_C(0xfee00000)
#define MESSAGE_DESTINATION 0xff000
#define MESSAGE_LOGICAL     0x4
#define MESSAGE_EVERYBODY   0xff000
#define MESSAGE_DELIVERY    0x700 /* of the data: 0 fixed, 0x100 lowest priority */
#define DELIVERY_LOWEST     0x100

/* There is one processor: its APIC has the identifier 0, and is logical processor 0 of a flat model. */
static bool is_for_us(uint64_t address)
{
    uint64_t destination = address & MESSAGE_DESTINATION;
    if ((address & MESSAGE_LOGICAL) != 0) {
        return (destination >> 12 & 1) != 0;
    }
    return destination == 0 || destination == MESSAGE_EVERYBODY;
}

void board_send_message(struct board *board, uint64_t address, uint32_t data)
{
    bool interrupts = (data & MESSAGE_DELIVERY) <= DELIVERY_LOWEST;
    if (address >> 20 == MESSAGE_PAGES >> 20 && is_for_us(address) && interrupts) {
        ioapic_message(&board->ioapic, (uint8_t)data);
    }
}

uint64_t board_now_ns(const struct board *board)
{
    return clock_ns(board->clock);
}

paddr board_low_memory_end(uint64_t memory_bytes)
{
    return memory_bytes < LOW_MEMORY_MAX ? memory_bytes : LOW_MEMORY_SPLIT;
}

paddr board_memory_end(uint64_t memory_bytes)
{
    paddr low_end = board_low_memory_end(memory_bytes);
    return low_end == memory_bytes ? low_end : HIGH_MEMORY + (memory_bytes - low_end);
}

/* Source: the memory map that QEMU 7.2 gives with `-m 512M`; tests/machine/board.c holds it to it. */
size_t board_regions(uint64_t memory_bytes, struct kernel_region regions[BOARD_REGIONS])
{
    paddr low_end = board_low_memory_end(memory_bytes);
    paddr tables = low_end - FIRMWARE_TABLES;
    size_t count = 0;
    regions[count++] = (struct kernel_region){0, 0x9fc00, REGION_RAM};
    regions[count++] = (struct kernel_region){0x9fc00, 0xa0000, REGION_ROM};
    regions[count++] = (struct kernel_region){0xf0000, 0x100000, REGION_ROM};
    regions[count++] = (struct kernel_region){0x100000, tables, REGION_RAM};
    regions[count++] = (struct kernel_region){tables, low_end, REGION_ROM};
    regions[count++] = (struct kernel_region){0xfffc0000, HIGH_MEMORY, REGION_ROM};
    if (low_end != memory_bytes) {
        regions[count++] =
            (struct kernel_region){HIGH_MEMORY, board_memory_end(memory_bytes), REGION_RAM};
    }
    regions[count++] = (struct kernel_region){0xfd00000000, 0x10000000000, REGION_ROM};
    return count;
}
