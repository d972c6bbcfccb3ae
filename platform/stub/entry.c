/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The first moments of a cell, before any guest code is near: take signals, give up privileges and
 * become the mapper. What Linux gave the process goes away at the end of it, this stack too.
 */
#include <linux/prctl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "platform/stub/layout.h"
#include "platform/stub/stub.h"

#define SA_RESTORER 0x04000000

struct kernel_sigaction {
    void (*handler)(int, siginfo_t *, void *);
    uint64_t flags;
    void (*restorer)(void);
    uint64_t mask;
};

static long linux_call(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                       uint64_t f)
{
    register uint64_t r10 __asm__("r10") = d;
    register uint64_t r8 __asm__("r8") = e;
    register uint64_t r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

static void stop(int why)
{
    for (;;) {
        linux_call(SYS_exit_group, (uint64_t)why, 0, 0, 0, 0, 0);
    }
}

static void must(long result)
{
    if (result < 0) {
        stop(STUB_EXIT_SETUP);
    }
}

static void map_control(uint64_t address, int prot)
{
    must(linux_call(SYS_mmap, address, 0x1000, (uint64_t)prot, MAP_SHARED | MAP_FIXED,
                    CELL_FD_CONTROL, address - STUB_CONTROL));
}

/* The mask stays empty and SA_NODEFER is set: a thread leaves its handler without rt_sigreturn, so
 * nothing would ever put the mask back. */
static void take_signals(void)
{
    static const uint8_t taken[] = {
        SIGSYS, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, STUB_SIGNAL_PREEMPT};
    struct kernel_sigaction action = {
        .handler = stub_trap,
        .flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTORER,
        .restorer = stub_never,
    };
    for (unsigned i = 0; i < sizeof(taken); i++) {
        must(linux_call(SYS_rt_sigaction, taken[i], (uint64_t)&action, 0, 8, 0, 0));
    }
}

/* The mapper takes no signal at all: it has no stack that guests could not write to. */
static void block_signals(void)
{
    uint64_t all = ~0ul;
    must(linux_call(SYS_rt_sigprocmask, SIG_SETMASK, (uint64_t)&all, 0, 8, 0, 0));
}

static void die_with_the_kernel(void)
{
    const struct stub_orders *orders = (const struct stub_orders *)STUB_ORDERS;
    must(linux_call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0));
    if ((uint64_t)linux_call(SYS_getppid, 0, 0, 0, 0, 0, 0) != orders->parent) {
        stop(STUB_EXIT_ORPHAN);
    }
}

/* A core file of a cell would be a copy of RAM. */
static void leave_no_core(void)
{
    uint64_t none[2] = {0, 0};
    must(linux_call(SYS_setrlimit, RLIMIT_CORE, (uint64_t)none, 0, 0, 0, 0));
}

void stub_start(void)
{
    map_control(STUB_ORDERS, PROT_READ);
    map_control(STUB_BELL, PROT_READ | PROT_WRITE);
    die_with_the_kernel();
    leave_no_core();
    must(linux_call(SYS_prctl, PR_SET_NAME, (uint64_t) "quoll-cell", 0, 0, 0, 0));
    must(linux_call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0));
    take_signals();
    block_signals();
    stub_mapper();
}
