/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What the probe, which tries, and the watcher, its parent, which picks it up, agree on. */
#pragma once

#include <microkit.h>

/* The probe executes ud2 with one of these in rax to speak to the watcher. */
#define SIGN_START 0x70726f6265000001 /* rbx: where to go on after a fault; rcx: on what stack */
#define SIGN_DONE  0x70726f6265000002

/* What the watcher puts into the probe's rax: how an attempt ended. rbx and rcx say more. */
enum ending {
    CAME_BACK,         /* without a fault; the watcher had nothing to do */
    CAP_FAULT,         /* the labels of faults */
    UNKNOWN_SYSCALL,   /* rbx: its number */
    USER_EXCEPTION,    /* rbx: the vector; rcx: the error code */
    DEBUG_EXCEPTION,   /* rbx: the reason */
    TIMEOUT,           /* no PD has a handler for it */
    VM_FAULT,          /* rbx: the address; rcx: the error code */
    WAITS = 100,       /* it waits for what nobody gives it */
    REACHED_THE_PARENT /* a message of its own making */
};

struct outcome {
    seL4_Word ending, detail, code;
    seL4_Word value; /* of CAME_BACK: what the code returned */
};
