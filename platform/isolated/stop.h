/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Why a thread stopped: from what Linux told the stub to what a CPU would have told a kernel. */
#pragma once

#include <stdbool.h>

#include "platform/platform.h"
#include "platform/stub/layout.h"

/* Is the address in a range that belongs to the stub? */
bool stop_in_stub(uint64_t address);

struct stop {
    enum run_result result;
    bool trapped; /* of RUN_SYSCALL: by a signal; else it came through a thunk */
};

/*
 * Read a stopped thread. The save page is copied once; what is in it is as trustworthy as a guest's
 * registers.
 *
 * Result    RUN_SYSCALL, RUN_FAULT or RUN_KICKED, thread->registers and thread->fault as
 *           platform_run() promises; RUN_LOST if the host could not give the guest its memory.
 */
struct stop stop_read(const struct stub_save *save, struct platform_thread *thread);
