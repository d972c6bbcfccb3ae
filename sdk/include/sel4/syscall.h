/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* System call numbers: all of them, as those that this kernel lacks do no harm. */
#pragma once

#include <sel4/config.h>
#include <sel4/macros.h>

#include "abi/syscalls.h"

#define SEL4_SYSCALL_NUMBER(name, number) seL4_Sys##name = number,

typedef enum {
#ifdef CONFIG_KERNEL_MCS
    SYSCALLS_MCS(SEL4_SYSCALL_NUMBER) SYSCALLS_OPTIONAL(SEL4_SYSCALL_NUMBER, SYSCALLS_MCS_LAST)
#else
    SYSCALLS_CLASSIC(SEL4_SYSCALL_NUMBER)
        SYSCALLS_OPTIONAL(SEL4_SYSCALL_NUMBER, SYSCALLS_CLASSIC_LAST)
#endif
        SEL4_FORCE_LONG_ENUM(seL4_Syscall_ID)
} seL4_Syscall_ID;
