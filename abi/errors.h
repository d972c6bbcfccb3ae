/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * What a refused invocation answers, in the label of the reply.
 * Source: seL4 16.0.0, libsel4 sel4/errors.h; the message registers are the manual's, chapter 11.
 */
#pragma once

typedef enum {
    seL4_NoError = 0,
    seL4_InvalidArgument,   /* MR0: number of the argument */
    seL4_InvalidCapability, /* MR0: number of the cap */
    seL4_IllegalOperation,
    seL4_RangeError, /* MR0: least, MR1: greatest value allowed */
    seL4_AlignmentError,
    seL4_FailedLookup, /* MR0: 1 when the source failed; from MR1: why, as in a cap fault */
    seL4_TruncatedMessage,
    seL4_DeleteFirst,
    seL4_RevokeFirst,
    seL4_NotEnoughMemory, /* MR0: bytes that are left */
    seL4_NumErrors
} seL4_Error;

/* Why a lookup in a CSpace failed. */
typedef enum {
    seL4_NoFailure = 0,
    seL4_InvalidRoot,
    seL4_MissingCapability, /* then: bits left */
    seL4_DepthMismatch,     /* then: bits left, bits found */
    seL4_GuardMismatch,     /* then: bits left, guard, bits of guard */
} seL4_LookupFailureType;
