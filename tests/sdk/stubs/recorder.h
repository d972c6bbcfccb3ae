/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * What stands where the kernel would: prints the registers of a system call, and what the stub put
 * into the IPC buffer, then answers.
 */
#pragma once

#include <sel4/types.h>

/* The label of the next answers. Their registers are 0xa0 to 0xa3, the badge is 0xbad. */
extern seL4_Word recorder_label;

/* Prints the call's text, and empties the IPC buffer. */
void recorder_begin(const char *text);

/* Prints a result of the stub, and message registers 0 to 3 of the IPC buffer. */
void recorder_result(seL4_Word value);
void recorder_message(void);
