/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Reference: arch_prctl(2); Linux, Documentation/arch/x86/x86_64/fsgs.rst. */
#include "platform/isolated/bases.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/auxv.h>

#include "platform/isolated/cell.h"
#include "platform/isolated/host.h"
#include "platform/isolated/isolated.h"

#define HWCAP2_FSGSBASE (1u << 1)

static sigjmp_buf refused;

static void on_sigill(int number)
{
    (void)number;
    siglongjmp(refused, 1);
}

/* Does the CPU execute the instruction, whatever Linux knows of it? */
static bool base_is_readable(void)
{
    struct sigaction action = {.sa_handler = on_sigill};
    struct sigaction before;
    sigaction(SIGILL, &action, &before);
    volatile bool readable = false;
    if (sigsetjmp(refused, 1) == 0) {
        uint64_t base;
        __asm__ volatile("rdfsbase %0" : "=r"(base));
        readable = true;
    }
    sigaction(SIGILL, &before, NULL);
    return readable;
}

int bases_probe(struct platform *platform, struct platform_error *error)
{
    platform->bases_by_linux = (getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE) == 0;
    if (platform->bases_by_linux && !base_is_readable()) {
        return host_refused(error, ENOSYS, "read the TLS registers of threads",
                            "The CPU has no FSGSBASE, or Linux is older than 5.9 or started with "
                            "`nofsgsbase`.");
    }
    return 0;
}

/* Asked for at the first run, too: Linux need not have started the thread with zeros. */
void bases_resume(struct cell *cell, unsigned slot)
{
    struct stub_resume *resume = cell_resume(cell, slot);
    struct bases *bases = &cell->slots[slot].bases;
    if (!cell->platform->bases_by_linux) {
        resume->bases = STUB_BASES_WRITE;
        return;
    }
    bool there = resume->bases != STUB_BASES_WRITE && bases->fs_set == resume->fs_base &&
                 bases->fs_seen == resume->fs_base && bases->gs_set == resume->gs_base &&
                 bases->gs_seen == resume->gs_base;
    resume->bases = there ? STUB_BASES_KEEP : STUB_BASES_ASK;
    bases->fs_set = resume->fs_base;
    bases->gs_set = resume->gs_base;
}

void bases_stop(struct cell *cell, unsigned slot, const struct x86_registers *registers)
{
    struct bases *bases = &cell->slots[slot].bases;
    bases->fs_seen = registers->r[X86_FS_BASE];
    bases->gs_seen = registers->r[X86_GS_BASE];
}
