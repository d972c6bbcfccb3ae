/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The interface of a Microkit protection domain (PD).
 *
 * A PD provides init() and notified(), and, where others may call it or fault into it, protected()
 * and fault(). The rest it calls. A channel, a child and an I/O port are named by the ids that the
 * system description gives them.
 *
 * A call with an id that this PD does not have prints a line and does nothing else.
 */
#pragma once

#include <sel4/arch/vmenter.h>
#include <sel4/sel4.h>

typedef unsigned int microkit_channel;
typedef unsigned int microkit_child;
typedef unsigned int microkit_ioport;
typedef seL4_MessageInfo_t microkit_msginfo;

/* Where the tool puts a PD's caps. */
#define MONITOR_EP                   5 /* passive PDs only */
#define TCB_CAP                      6 /* benchmark configuration only */
#define ARM_SMC_CAP                  7
#define BASE_OUTPUT_NOTIFICATION_CAP 10
#define BASE_ENDPOINT_CAP            74
#define BASE_IRQ_CAP                 138
#define BASE_TCB_CAP                 202
#define BASE_VM_TCB_CAP              266
#define BASE_VCPU_CAP                330
#define BASE_IOPORT_CAP              394
#define BASE_USER_CAPS               458

#define PD_ROOT_CAP_BITS 6
#define PD_ROOT_CAP_SIZE (1ULL << PD_ROOT_CAP_BITS)

#define MICROKIT_MAX_USER_CAPS  128
#define MICROKIT_MAX_CHANNELS   62
#define MICROKIT_MAX_CHANNEL_ID (MICROKIT_MAX_CHANNELS - 1)
#define MICROKIT_MAX_IOPORT_ID  MICROKIT_MAX_CHANNELS
#define MICROKIT_PD_NAME_LENGTH 64

SEL4_BEGIN_C

/* What the PD provides. */

/* Called once, before anything else. */
void init(void);

/* Called for each signal of a channel or an interrupt. */
void notified(microkit_channel ch);

/* Called for a protected call through `ch`; answers the caller with what it returns. In C++, where
 * that is a keyword, it is called microkit_protected(). */
#ifdef __cplusplus
microkit_msginfo microkit_protected(microkit_channel ch,
                                    microkit_msginfo msginfo) __asm__("protected");
#else
microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo);
#endif

/* Called for a fault of a child. True resumes the child with *reply_msginfo as the reply. */
seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo);

/* What the tool writes into the PD's image. The bitmaps say which ids it has. */
extern char microkit_name[MICROKIT_PD_NAME_LENGTH]; /* without a NUL if it is this long */
extern seL4_Word microkit_irqs;
extern seL4_Word microkit_notifications;
extern seL4_Word microkit_pps;
extern seL4_Word microkit_ioports;

/* A signal that the next receive sends first: see microkit_deferred_notify(). */
extern seL4_Bool microkit_have_signal;
extern seL4_CPtr microkit_signal_cap;
extern seL4_MessageInfo_t microkit_signal_msg;

/* Print a character, a string, or a number in decimal. Kernels without printing drop it. */
void microkit_dbg_putc(int c);
void microkit_dbg_puts(const char *s);
void microkit_dbg_put8(seL4_Uint8 x);
void microkit_dbg_put32(seL4_Uint32 x);

/* Prints that `function` was given an id that this PD does not have; `what` says what kind of id. */
void microkit_internal_refuse(const char *function, const char *what, unsigned int id);

SEL4_END_C

/* Stops the PD by a fault whose address is the error. */
static inline void microkit_internal_crash(seL4_Error err)
{
    /* volatile: a compiler may drop what it can prove to be a null pointer's. */
    volatile int *address = (volatile int *)(seL4_Word)err;
    *address = 0;
}

/* Crashes with a line that says what failed, unless `err` is seL4_NoError. */
static inline void microkit_internal_require(seL4_Error err, const char *failure)
{
    if (err != seL4_NoError) {
        microkit_dbg_puts(failure);
        microkit_internal_crash(err);
    }
}

static inline seL4_Bool microkit_internal_has_channel(seL4_Word channels, microkit_channel ch,
                                                      const char *function)
{
    if (ch > MICROKIT_MAX_CHANNEL_ID || (channels & (1ULL << ch)) == 0) {
        microkit_internal_refuse(function, "channel", ch);
        return seL4_False;
    }
    return seL4_True;
}

/* Notify the PD at the other end of a channel. */
static inline void microkit_notify(microkit_channel ch)
{
    if (microkit_internal_has_channel(microkit_notifications, ch, "microkit_notify")) {
        seL4_Signal(BASE_OUTPUT_NOTIFICATION_CAP + ch);
    }
}

/* Let an interrupt come again. */
static inline void microkit_irq_ack(microkit_channel ch)
{
    if (microkit_internal_has_channel(microkit_irqs, ch, "microkit_irq_ack")) {
        seL4_IRQHandler_Ack(BASE_IRQ_CAP + ch);
    }
}

/*
 * The deferred forms wait until the entry point that runs has returned, and then cost no system
 * call of their own. There is room for one: a second replaces the first.
 */
static inline void microkit_deferred_notify(microkit_channel ch)
{
    if (microkit_internal_has_channel(microkit_notifications, ch, "microkit_deferred_notify")) {
        microkit_have_signal = seL4_True;
        microkit_signal_msg = seL4_MessageInfo_new(0, 0, 0, 0);
        microkit_signal_cap = BASE_OUTPUT_NOTIFICATION_CAP + ch;
    }
}

static inline void microkit_deferred_irq_ack(microkit_channel ch)
{
    if (microkit_internal_has_channel(microkit_irqs, ch, "microkit_deferred_irq_ack")) {
        microkit_have_signal = seL4_True;
        microkit_signal_msg = seL4_MessageInfo_new(IRQAckIRQ, 0, 0, 0);
        microkit_signal_cap = BASE_IRQ_CAP + ch;
    }
}

/* Call the PD at the other end of a channel, and wait for its answer. */
static inline microkit_msginfo microkit_ppcall(microkit_channel ch, microkit_msginfo msginfo)
{
    if (!microkit_internal_has_channel(microkit_pps, ch, "microkit_ppcall")) {
        return seL4_MessageInfo_new(0, 0, 0, 0);
    }
    return seL4_Call(BASE_ENDPOINT_CAP + ch, msginfo);
}

/* A message: a label of 52 bits and the count of its message registers. */
static inline microkit_msginfo microkit_msginfo_new(seL4_Word label, seL4_Uint16 count)
{
    return seL4_MessageInfo_new(label, 0, 0, count);
}

static inline seL4_Word microkit_msginfo_get_label(microkit_msginfo msginfo)
{
    return seL4_MessageInfo_get_label(msginfo);
}

static inline seL4_Word microkit_msginfo_get_count(microkit_msginfo msginfo)
{
    return seL4_MessageInfo_get_length(msginfo);
}

/* The message registers of the message to send, or of the one received. */
static inline void microkit_mr_set(seL4_Uint8 mr, seL4_Word value)
{
    seL4_SetMR(mr, value);
}

static inline seL4_Word microkit_mr_get(seL4_Uint8 mr)
{
    return seL4_GetMR(mr);
}

/* Make a child run from entry_point. Only its instruction pointer changes. */
static inline void microkit_pd_restart(microkit_child pd, seL4_Word entry_point)
{
    seL4_UserContext registers;
    registers.rip = entry_point;
    registers.rsp = 0; /* travels with the first, and is not written */
    microkit_internal_require(
        seL4_TCB_WriteRegisters(BASE_TCB_CAP + pd, seL4_True, 0, 1, &registers),
        "microkit_pd_restart: error writing TCB registers\n");
}

static inline void microkit_internal_require_child(seL4_Error err, const char *failure,
                                                   microkit_child pd)
{
    if (err != seL4_NoError) {
        microkit_dbg_puts(failure);
        microkit_dbg_put32(pd);
        microkit_dbg_puts("'\n");
        microkit_internal_crash(err);
    }
}

/* Stop a child. */
static inline void microkit_pd_stop(microkit_child pd)
{
    microkit_internal_require_child(seL4_TCB_Suspend(BASE_TCB_CAP + pd),
                                    "microkit_pd_stop: error stopping TCB '", pd);
}

/* Let a stopped child go on. */
static inline void microkit_pd_resume(microkit_child pd)
{
    microkit_internal_require_child(seL4_TCB_Resume(BASE_TCB_CAP + pd),
                                    "microkit_pd_resume: error resuming TCB '", pd);
}

/* The cptr of a cap that the system description puts into `slot`; seL4_CapNull for no such slot. */
static inline seL4_CPtr microkit_cspace_root_slot_to_cptr(seL4_Word slot)
{
    if (slot == 0 || slot >= PD_ROOT_CAP_SIZE) {
        return seL4_CapNull;
    }
    return slot << (seL4_WordBits - PD_ROOT_CAP_BITS);
}

#ifdef CONFIG_ARCH_X86_64
static inline seL4_Bool microkit_internal_has_ioport(microkit_ioport id, const char *function)
{
    if (id > MICROKIT_MAX_IOPORT_ID || (microkit_ioports & (1ULL << id)) == 0) {
        microkit_internal_refuse(function, "I/O Port ID", id);
        return seL4_False;
    }
    return seL4_True;
}

/* Read from or write to a port, 8, 16 or 32 bits wide. A port outside the range of the id crashes. */
static inline void microkit_x86_ioport_write_8(microkit_ioport ioport_id, seL4_Word port_addr,
                                               seL4_Word data)
{
    if (microkit_internal_has_ioport(ioport_id, "microkit_x86_ioport_write_8")) {
        microkit_internal_require(
            seL4_X86_IOPort_Out8(BASE_IOPORT_CAP + ioport_id, port_addr, data),
            "microkit_x86_ioport_write_8: error writing data\n");
    }
}

static inline void microkit_x86_ioport_write_16(microkit_ioport ioport_id, seL4_Word port_addr,
                                                seL4_Word data)
{
    if (microkit_internal_has_ioport(ioport_id, "microkit_x86_ioport_write_16")) {
        microkit_internal_require(
            seL4_X86_IOPort_Out16(BASE_IOPORT_CAP + ioport_id, port_addr, data),
            "microkit_x86_ioport_write_16: error writing data\n");
    }
}

static inline void microkit_x86_ioport_write_32(microkit_ioport ioport_id, seL4_Word port_addr,
                                                seL4_Word data)
{
    if (microkit_internal_has_ioport(ioport_id, "microkit_x86_ioport_write_32")) {
        microkit_internal_require(
            seL4_X86_IOPort_Out32(BASE_IOPORT_CAP + ioport_id, port_addr, data),
            "microkit_x86_ioport_write_32: error writing data\n");
    }
}

static inline seL4_Uint8 microkit_x86_ioport_read_8(microkit_ioport ioport_id, seL4_Word port_addr)
{
    if (!microkit_internal_has_ioport(ioport_id, "microkit_x86_ioport_read_8")) {
        return 0;
    }
    seL4_X86_IOPort_In8_t in =
        seL4_X86_IOPort_In8(BASE_IOPORT_CAP + ioport_id, (seL4_Uint16)port_addr);
    microkit_internal_require((seL4_Error)in.error,
                              "microkit_x86_ioport_read_8: error reading data\n");
    return in.result;
}

static inline seL4_Uint16 microkit_x86_ioport_read_16(microkit_ioport ioport_id,
                                                      seL4_Word port_addr)
{
    if (!microkit_internal_has_ioport(ioport_id, "microkit_x86_ioport_read_16")) {
        return 0;
    }
    seL4_X86_IOPort_In16_t in =
        seL4_X86_IOPort_In16(BASE_IOPORT_CAP + ioport_id, (seL4_Uint16)port_addr);
    microkit_internal_require((seL4_Error)in.error,
                              "microkit_x86_ioport_read_16: error reading data\n");
    return in.result;
}

static inline seL4_Uint32 microkit_x86_ioport_read_32(microkit_ioport ioport_id,
                                                      seL4_Word port_addr)
{
    if (!microkit_internal_has_ioport(ioport_id, "microkit_x86_ioport_read_32")) {
        return 0;
    }
    seL4_X86_IOPort_In32_t in =
        seL4_X86_IOPort_In32(BASE_IOPORT_CAP + ioport_id, (seL4_Uint16)port_addr);
    microkit_internal_require((seL4_Error)in.error,
                              "microkit_x86_ioport_read_32: error reading data\n");
    return in.result;
}

#endif

#include <microkit_vcpu.h>
