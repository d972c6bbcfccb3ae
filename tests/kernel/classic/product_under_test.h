/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The classic kernel, as tests that run on either see it. */
#pragma once

#include "abi/syscalls.h"

#define SYSCALLS_UNDER_TEST      SYSCALLS_CLASSIC
#define SYSCALLS_UNDER_TEST_LAST SYSCALLS_CLASSIC_LAST

/* Types of objects that are not of one size in both: size given, size in bits. */
#define OBJECT_SIZES_UNDER_TEST                                                                    \
    {                                                                                              \
        seL4_NotificationObject, 0, 5                                                              \
    }

/* System calls that do not wait. */
#define NONBLOCKING_UNDER_TEST SYS_NBSend, SYS_NBRecv, SYS_Reply, SYS_Yield

/* What threads find when they do things at random: type, size. */
#define RANDOM_OBJECTS_UNDER_TEST                                                                  \
    {seL4_EndpointObject, 0},                                                                      \
    {                                                                                              \
        seL4_NotificationObject, 0                                                                 \
    }

/* The words of TCB_Configure, and the caps of TCB_SetSpace. */
#define CONFIGURE_WORDS_UNDER_TEST(buffer)                0, 0, 0, (buffer)
#define SET_SPACE_CAPS_UNDER_TEST(handler, cnode, vspace) (cnode), (vspace), 0
