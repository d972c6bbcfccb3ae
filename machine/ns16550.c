/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * COM1: a serial port whose other end is the console. Reference: National Semiconductor PC16550D
 * data sheet; section names in quotes.
 *
 * Sending takes no time: the transmitter is always empty. Received characters wait in the console
 * until the guest asks for them, by its interrupt or by polling, and until the FIFO has room: so
 * none is lost when a driver resets the port, and the overrun error never shows.
 */
#include "machine/board.h"
#include "machine/console.h"
#include "machine/device.h"

#include <stdbool.h>

#define COM1_BASE 0x3f8
#define FIFO_SIZE 16

enum port { PORT_DATA, PORT_IER, PORT_IIR, PORT_LCR, PORT_MCR, PORT_LSR, PORT_MSR, PORT_SCR };

/* Interrupt enable. */
#define IER_RECEIVED 0x01
#define IER_THR      0x02
#define IER_LINE     0x04
#define IER_MODEM    0x08
#define IER_MASK     0x0f

/* Interrupt identification, highest priority first. */
#define IIR_RECEIVED 0x04
#define IIR_TIMEOUT  0x0c
#define IIR_THR      0x02
#define IIR_MODEM    0x00
#define IIR_NONE     0x01
#define IIR_FIFOS    0xc0

#define FCR_ENABLE        0x01
#define FCR_CLEAR_RECEIVE 0x02

#define LCR_DLAB 0x80

#define MCR_LOOP 0x10
#define MCR_MASK 0x1f

#define LSR_DATA_READY 0x01
#define LSR_THR_EMPTY  0x20
#define LSR_IDLE       0x40

#define MSR_DELTA_MASK 0x0f
#define MSR_CTS        0x10
#define MSR_DSR        0x20
#define MSR_RI         0x40
#define MSR_DCD        0x80

struct ns16550 {
    uint8_t ier;
    uint8_t fcr;
    uint8_t lcr;
    uint8_t mcr;
    uint8_t msr;
    uint8_t scr;
    uint16_t divisor;
    bool thr_interrupt; /* the transmitter became empty, and nobody has read IIR since */
    uint8_t fifo[FIFO_SIZE];
    unsigned fifo_first;
    unsigned fifo_count;
};

static const uint8_t trigger_levels[] = {1, 4, 8, 14};

static bool fifos_enabled(const struct ns16550 *uart)
{
    return (uart->fcr & FCR_ENABLE) != 0;
}

static unsigned fifo_room(const struct ns16550 *uart)
{
    unsigned size = fifos_enabled(uart) ? FIFO_SIZE : 1;
    return uart->fifo_count < size ? size - uart->fifo_count : 0;
}

static void fifo_put(struct ns16550 *uart, uint8_t byte)
{
    if (fifo_room(uart) == 0) {
        return;
    }
    uart->fifo[(uart->fifo_first + uart->fifo_count) % FIFO_SIZE] = byte;
    uart->fifo_count++;
}

static uint8_t fifo_take(struct ns16550 *uart)
{
    if (uart->fifo_count == 0) {
        return 0;
    }
    uint8_t byte = uart->fifo[uart->fifo_first];
    uart->fifo_first = (uart->fifo_first + 1) % FIFO_SIZE;
    uart->fifo_count--;
    return byte;
}

/* "FIFO Interrupt Mode Operation". The time-out comes at once: there is no baud rate to count. */
static unsigned interrupt_identity(const struct ns16550 *uart)
{
    if ((uart->ier & IER_RECEIVED) != 0 && uart->fifo_count > 0) {
        unsigned trigger = fifos_enabled(uart) ? trigger_levels[uart->fcr >> 6] : 1;
        return uart->fifo_count >= trigger ? IIR_RECEIVED : IIR_TIMEOUT;
    }
    if ((uart->ier & IER_THR) != 0 && uart->thr_interrupt) {
        return IIR_THR;
    }
    if ((uart->ier & IER_MODEM) != 0 && (uart->msr & MSR_DELTA_MASK) != 0) {
        return IIR_MODEM;
    }
    return IIR_NONE;
}

static void update_line(struct device *device)
{
    const struct ns16550 *uart = device->state;
    board_set_isa_line(device->board, ISA_IRQ_COM1, interrupt_identity(uart) != IIR_NONE);
}

/* In loop mode the modem outputs are the modem inputs. Else a peer is always there and ready. */
static void update_modem(struct ns16550 *uart)
{
    uint8_t inputs = MSR_CTS | MSR_DSR | MSR_DCD;
    if ((uart->mcr & MCR_LOOP) != 0) {
        inputs = (uint8_t)((uart->mcr & 0x01) << 5 | (uart->mcr & 0x02) << 3 |
                           (uart->mcr & 0x04) << 4 | (uart->mcr & 0x08) << 4);
    }
    uint8_t changed = (uint8_t)((uart->msr ^ inputs) >> 4);
    /* The ring indicator counts only when it ends ("Modem Status Register", TERI). */
    if ((inputs & MSR_RI) != 0) {
        changed &= (uint8_t) ~(MSR_RI >> 4);
    }
    uart->msr = (uint8_t)(inputs | (uart->msr & MSR_DELTA_MASK) | changed);
}

static void ns16550_reset(struct device *device)
{
    struct ns16550 *uart = device->state;
    *uart = (struct ns16550){.msr = MSR_CTS | MSR_DSR | MSR_DCD, .mcr = 0, .divisor = 12};
}

static void receive(struct device *device)
{
    struct ns16550 *uart = device->state;
    uint8_t byte;
    while ((uart->mcr & MCR_LOOP) == 0 && fifo_room(uart) > 0 &&
           console_get(device->board->console, &byte)) {
        fifo_put(uart, byte);
    }
}

static void transmit(struct device *device, uint8_t byte)
{
    struct ns16550 *uart = device->state;
    if ((uart->mcr & MCR_LOOP) != 0) {
        fifo_put(uart, byte);
    } else {
        console_put(device->board->console, (char)byte);
    }
    uart->thr_interrupt = true;
}

static uint8_t read_iir(struct ns16550 *uart)
{
    unsigned identity = interrupt_identity(uart);
    if (identity == IIR_THR) {
        uart->thr_interrupt = false;
    }
    return (uint8_t)(identity | (fifos_enabled(uart) ? IIR_FIFOS : 0));
}

static uint8_t read_register(struct ns16550 *uart, enum port port)
{
    bool dlab = (uart->lcr & LCR_DLAB) != 0;
    uint8_t value;
    switch (port) {
    case PORT_DATA:
        return dlab ? (uint8_t)uart->divisor : fifo_take(uart);
    case PORT_IER:
        return dlab ? (uint8_t)(uart->divisor >> 8) : uart->ier;
    case PORT_IIR:
        return read_iir(uart);
    case PORT_LCR:
        return uart->lcr;
    case PORT_MCR:
        return uart->mcr;
    case PORT_LSR:
        return (uint8_t)(LSR_THR_EMPTY | LSR_IDLE | (uart->fifo_count > 0 ? LSR_DATA_READY : 0));
    case PORT_MSR:
        value = uart->msr;
        uart->msr &= (uint8_t)~MSR_DELTA_MASK;
        return value;
    case PORT_SCR:
        return uart->scr;
    }
    return 0;
}

static void write_ier(struct device *device, uint8_t value)
{
    struct ns16550 *uart = device->state;
    /* Enabling it while the transmitter is empty raises it at once ("Interrupt Enable Register"). */
    if ((value & ~uart->ier & IER_THR) != 0) {
        uart->thr_interrupt = true;
    }
    uart->ier = value & IER_MASK;
    console_listen(device->board->console, (uart->ier & IER_RECEIVED) != 0);
}

static void write_fcr(struct ns16550 *uart, uint8_t value)
{
    bool toggled = ((value ^ uart->fcr) & FCR_ENABLE) != 0;
    if (toggled || (value & FCR_CLEAR_RECEIVE) != 0) {
        uart->fifo_count = 0;
    }
    /* The other bits only count when the first is set. */
    uart->fcr = (value & FCR_ENABLE) != 0 ? value : 0;
}

static void write_register(struct device *device, enum port port, uint8_t value)
{
    struct ns16550 *uart = device->state;
    bool dlab = (uart->lcr & LCR_DLAB) != 0;
    switch (port) {
    case PORT_DATA:
        if (dlab) {
            uart->divisor = (uint16_t)((uart->divisor & 0xff00) | value);
        } else {
            transmit(device, value);
        }
        break;
    case PORT_IER:
        if (dlab) {
            uart->divisor = (uint16_t)((uart->divisor & 0x00ff) | value << 8);
        } else {
            write_ier(device, value);
        }
        break;
    case PORT_IIR:
        write_fcr(uart, value);
        break;
    case PORT_LCR:
        uart->lcr = value;
        break;
    case PORT_MCR:
        uart->mcr = value & MCR_MASK;
        update_modem(uart);
        break;
    case PORT_LSR:
    case PORT_MSR:
        break;
    case PORT_SCR:
        uart->scr = value;
        break;
    }
}

/* The registers are a byte wide: a wider access is so many neighbours, lowest first. */
static uint32_t ns16550_in(struct device *device, uint16_t port, unsigned width)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < width; i++) {
        if (port + i == COM1_BASE + PORT_LSR || port + i == COM1_BASE + PORT_DATA) {
            receive(device);
        }
        value |= (uint32_t)read_register(device->state, (enum port)((port + i) & 7)) << 8 * i;
    }
    update_line(device);
    return value;
}

static void ns16550_out(struct device *device, uint16_t port, unsigned width, uint32_t value)
{
    for (unsigned i = 0; i < width; i++) {
        write_register(device, (enum port)((port + i) & 7), (uint8_t)(value >> 8 * i));
    }
    update_line(device);
}

static uint64_t ns16550_next_event_ns(struct device *device)
{
    const struct ns16550 *uart = device->state;
    bool takes_more =
        (uart->mcr & MCR_LOOP) == 0 && (uart->ier & IER_RECEIVED) != 0 && fifo_room(uart) > 0;
    return takes_more && console_has_input(device->board->console) ? 0 : DEVICE_IDLE;
}

static void ns16550_on_event(struct device *device)
{
    receive(device);
    update_line(device);
}

const struct device_ops ns16550_ops = {
    .name = "ns16550",
    .state_bytes = sizeof(struct ns16550),
    .ports = {{.first = COM1_BASE, .last = COM1_BASE + PORT_SCR}},
    .reset = ns16550_reset,
    .in = ns16550_in,
    .out = ns16550_out,
    .next_event_ns = ns16550_next_event_ns,
    .on_event = ns16550_on_event,
};
