/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* I/O ports. */
#pragma once

#include <sel4/invoke.h>

/* A cap to the ports from first to last, in a slot in `root`. */
LIBSEL4_INLINE seL4_Error seL4_X86_IOPortControl_Issue(seL4_X86_IOPortControl _service,
                                                       seL4_Word first_port, seL4_Word last_port,
                                                       seL4_CNode root, seL4_Word index,
                                                       seL4_Uint8 depth)
{
    return SEL4_INVOKE((_service, root), X86IOPortControlIssue, first_port, last_port, index,
                       depth);
}

typedef struct seL4_X86_IOPort_In8 {
    int error;
    seL4_Uint8 result;
} seL4_X86_IOPort_In8_t;

/* Read a byte from a port. */
LIBSEL4_INLINE seL4_X86_IOPort_In8_t seL4_X86_IOPort_In8(seL4_X86_IOPort _service, seL4_Uint16 port)
{
    const struct sel4_answer answer = SEL4_QUERY((_service), X86IOPortIn8, port);
    const seL4_X86_IOPort_In8_t result = {answer.error, (seL4_Uint8)answer.mrs.r0};
    return result;
}

typedef struct seL4_X86_IOPort_In16 {
    int error;
    seL4_Uint16 result;
} seL4_X86_IOPort_In16_t;

/* Read two bytes. */
LIBSEL4_INLINE seL4_X86_IOPort_In16_t seL4_X86_IOPort_In16(seL4_X86_IOPort _service,
                                                           seL4_Uint16 port)
{
    const struct sel4_answer answer = SEL4_QUERY((_service), X86IOPortIn16, port);
    const seL4_X86_IOPort_In16_t result = {answer.error, (seL4_Uint16)answer.mrs.r0};
    return result;
}

typedef struct seL4_X86_IOPort_In32 {
    int error;
    seL4_Uint32 result;
} seL4_X86_IOPort_In32_t;

/* Read four bytes. */
LIBSEL4_INLINE seL4_X86_IOPort_In32_t seL4_X86_IOPort_In32(seL4_X86_IOPort _service,
                                                           seL4_Uint16 port)
{
    const struct sel4_answer answer = SEL4_QUERY((_service), X86IOPortIn32, port);
    const seL4_X86_IOPort_In32_t result = {answer.error, (seL4_Uint32)answer.mrs.r0};
    return result;
}

/* Write a byte to a port. */
LIBSEL4_INLINE seL4_Error seL4_X86_IOPort_Out8(seL4_X86_IOPort _service, seL4_Word port,
                                               seL4_Word data)
{
    return SEL4_INVOKE((_service), X86IOPortOut8, port, data);
}

/* Write two bytes. */
LIBSEL4_INLINE seL4_Error seL4_X86_IOPort_Out16(seL4_X86_IOPort _service, seL4_Word port,
                                                seL4_Word data)
{
    return SEL4_INVOKE((_service), X86IOPortOut16, port, data);
}

/* Write four bytes. */
LIBSEL4_INLINE seL4_Error seL4_X86_IOPort_Out32(seL4_X86_IOPort _service, seL4_Word port,
                                                seL4_Word data)
{
    return SEL4_INVOKE((_service), X86IOPortOut32, port, data);
}
