/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Drives a 16550 serial port, COM1 of a PC: the only PD with access to its ports and its interrupt.
 * It moves characters between the port and two queues, and knows nothing of who uses them.
 * Reference: National Semiconductor PC16550D data sheet.
 */

#include "queue.h"

#include <microkit.h>

/* Ids, from the system description. */
#define PORTS       0
#define IRQ         0
#define VIRTUALISER 1

#define COM1       0x3f8
#define DATA       (COM1 + 0)
#define IER        (COM1 + 1)
#define IIR        (COM1 + 2) /* read */
#define FCR        (COM1 + 2) /* written */
#define LCR        (COM1 + 3)
#define MCR        (COM1 + 4)
#define LSR        (COM1 + 5)
#define IER_RX     0x01
#define IER_TX     0x02
#define IIR_NONE   0x01
#define FCR_FIFOS  0x07 /* on, and both emptied */
#define LCR_8N1    0x03
#define MCR_READY  0x0b /* DTR, RTS, and OUT2, which lets a PC's interrupt through */
#define LSR_RX     0x01
#define LSR_TX     0x20
#define FIFO_BYTES 16

struct queue *receive_queue, *send_queue; /* set by the tool: see the .system file */

static bool stalled; /* characters wait in the port because the queue is full */

static seL4_Uint8 in(seL4_Word port)
{
    return microkit_x86_ioport_read_8(PORTS, port);
}

static void out(seL4_Word port, seL4_Uint8 value)
{
    microkit_x86_ioport_write_8(PORTS, port, value);
}

static bool receive(void)
{
    bool moved = false;
    while (queue_room(receive_queue) > 0 && (in(LSR)&LSR_RX) != 0) {
        queue_put(receive_queue, (char)in(DATA));
        moved = true;
    }
    stalled = queue_room(receive_queue) == 0;
    return moved;
}

/* When the transmitter is empty, its FIFO takes 16 characters without a look at it in between. */
static bool send(void)
{
    bool moved = false;
    char c;
    while ((in(LSR)&LSR_TX) != 0) {
        unsigned count = 0;
        while (count < FIFO_BYTES && queue_take(send_queue, &c)) {
            out(DATA, (seL4_Uint8)c);
            count++;
        }
        if (count == 0) {
            return moved;
        }
        moved = true;
    }
    return moved;
}

/* Interrupts are for what is left to do: with a full queue, another character's would not help. */
static void enable_interrupts(void)
{
    bool sending = send_queue->read != __atomic_load_n(&send_queue->written, __ATOMIC_ACQUIRE);
    out(IER, (seL4_Uint8)((stalled ? 0 : IER_RX) | (sending ? IER_TX : 0)));
}

static void serve(void)
{
    bool received = receive();
    bool sent = send();
    if (received || sent) {
        microkit_notify(VIRTUALISER);
    }
    enable_interrupts();
}

void init(void)
{
    out(IER, 0);
    out(LCR, LCR_8N1);
    out(FCR, FCR_FIFOS);
    out(MCR, MCR_READY);
    serve();
}

/* The interrupt is an edge: the port must have nothing left to say when it is acknowledged, else no
 * edge would follow. */
void notified(microkit_channel ch)
{
    do {
        serve();
    } while (ch == IRQ && (in(IIR)&IIR_NONE) == 0);
    if (ch == IRQ) {
        microkit_irq_ack(IRQ);
    }
}
