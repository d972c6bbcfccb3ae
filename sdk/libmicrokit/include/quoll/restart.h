/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Clean restarts of children: an extension of Quoll's, which Microkit has not.
 *
 * microkit_pd_restart() sets the child's instruction pointer and nothing else, so that what crashed
 * before meets its own variables again. A PD that calls quoll_pd_restart_clean() restarts a child with the
 * variables that its program was built with. Quoll's tool sees the call and maps into that PD
 *
 *    - the writable pages of each child's program, and
 *    - a read-only copy of those that are not all zeros,
 *
 * from QUOLL_RESTART_BASE on. Nothing but that is shared: a child cannot reach the copy. The image that
 * the tool makes does so on the real kernel as well. Microkit's own tool maps nothing, and the call
 * returns false.
 */
#pragma once

#include <microkit.h>

/* Where a PD that calls it sees its children's memory. It maps nothing else there. */
#define QUOLL_RESTART_BASE 0x600000000000

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Restart a child, a PD directly inside this one, from its program's entry point.
 *
 * Fresh are its variables (.data and .bss, libmicrokit's included), its registers and its stack pointer.
 * As they were stay the bytes of its stack and of its memory regions, notifications that it has not seen,
 * interrupts that it has not acknowledged, its FPU's state, its priority and budget. A passive child that has
 * given up its scheduling context has none to start with, as with microkit_pd_restart().
 *
 * Returns true once the child is ready to run. False, with a line on the console, and the child is left
 * alone: it is no child of this PD, or the image was made by another tool.
 */
seL4_Bool quoll_pd_restart_clean(microkit_child child);

#ifdef __cplusplus
}
#endif
