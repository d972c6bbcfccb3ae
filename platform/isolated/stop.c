/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "platform/isolated/stop.h"

#include <linux/audit.h>
#include <signal.h>
#include <string.h>

#include "abi/x86/debug.h"
#include "abi/x86/exceptions.h"

#ifndef TRAP_PERF
#define TRAP_PERF 6 /* si_code, since Linux 5.13 */
#endif

#define SYSCALL_BYTES 2 /* of `syscall` and `int $n` */

#define CS_GUEST 0x33 /* Linux's selector of 64-bit code */

#define VSYSCALL_PAGE 0xffffffffff600000

#define PAGE_FAULT_BITS (X86_FAULT_PRESENT | X86_FAULT_WRITE | X86_FAULT_USER)

bool stop_in_stub(uint64_t address)
{
    return address - STUB_BASE < STUB_HIGH_BYTES || address - STUB_LOW_BASE < STUB_LOW_BYTES;
}

static enum run_result fault(struct platform_thread *thread, uint8_t vector, uint64_t error,
                             uint64_t address)
{
    thread->fault = (struct platform_fault){.vector = vector, .error = error, .address = address};
    return RUN_FAULT;
}

/* The guest executed something at an address where, without Linux and the stub, nothing is. */
static enum run_result fault_on_fetch(struct platform_thread *thread)
{
    return fault(thread, X86_PAGE_FAULT, X86_FAULT_USER, thread->registers->r[X86_RIP]);
}

static bool in_vsyscall(uint64_t address)
{
    return address - VSYSCALL_PAGE < 0x1000;
}

/* Something that Linux takes for a system call. */
static enum run_result read_call(const struct stub_save *save, struct platform_thread *thread)
{
    uint64_t *r = thread->registers->r;
    if (in_vsyscall(save->address)) {
        /* Linux has already played the `ret` at the end of the vsyscall. */
        r[X86_RSP] -= 8;
        r[X86_RIP] = save->address;
        return fault_on_fetch(thread);
    }
    if (stop_in_stub(r[X86_RIP] - SYSCALL_BYTES)) {
        r[X86_RIP] -= SYSCALL_BYTES;
        return fault_on_fetch(thread);
    }
    if (save->cs != CS_GUEST) {
        /* 32-bit code, which seL4 has no segment for; or sysenter, after which Linux does not know
         * where it was. */
        return fault(thread, X86_GENERAL_PROTECTION, 0, 0);
    }
    r[X86_RIP] -= SYSCALL_BYTES;
    if (save->arch != AUDIT_ARCH_X86_64) {
        return fault(thread, X86_GENERAL_PROTECTION, X86_ERROR_OF_INT(0x80), 0);
    }
    return RUN_SYSCALL;
}

static enum run_result debug_exception(struct platform_thread *thread, uint64_t debug)
{
    thread->fault = (struct platform_fault){.vector = X86_DEBUG, .debug = debug};
    return RUN_FAULT;
}

static enum run_result read_exception(const struct stub_save *save, struct platform_thread *thread)
{
    uint64_t rip = thread->registers->r[X86_RIP];
    if (save->vector == X86_DEBUG && rip - STUB_LOW_BASE < STUB_LOW_BYTES) {
        return debug_exception(thread, X86_DEBUG_STEP); /* rewrite.c knows where that was */
    }
    if (stop_in_stub(rip) || in_vsyscall(rip)) {
        return fault_on_fetch(thread);
    }
    if (save->cs != CS_GUEST || save->vector > 31) {
        return fault(thread, X86_GENERAL_PROTECTION, 0, 0);
    }
    if (save->vector == X86_DEBUG) {
        return debug_exception(thread, save->code == TRAP_TRACE ? X86_DEBUG_STEP : 0);
    }
    if (save->vector == X86_PAGE_FAULT) {
        return fault(thread, X86_PAGE_FAULT, save->error & PAGE_FAULT_BITS, save->address);
    }
    if (save->vector == X86_OVERFLOW) {
        /* Linux lets programs execute `int $4`, which nothing else can raise in 64-bit code. */
        thread->registers->r[X86_RIP] = rip - SYSCALL_BYTES;
        return fault(thread, X86_GENERAL_PROTECTION, X86_ERROR_OF_INT(X86_OVERFLOW), 0);
    }
    bool has_error = save->vector >= 8 && save->vector <= X86_ALIGNMENT_CHECK &&
                     save->vector != 9 && save->vector != 16;
    return fault(thread, (uint8_t)save->vector, has_error ? save->error : 0, 0);
}

static enum run_result read_signal(const struct stub_save *save, struct platform_thread *thread)
{
    /* Sent by somebody, not raised by what the guest did. */
    if (save->signal == STUB_SIGNAL_PREEMPT || (int64_t)save->code <= 0) {
        return RUN_KICKED;
    }
    if (save->signal == SIGSYS) {
        return read_call(save, thread);
    }
    if (save->signal == SIGTRAP && save->code == TRAP_PERF) {
        return debug_exception(thread,
                               0); /* breakpoints.c knows which; the vector is a stale one */
    }
    if (save->signal == SIGBUS && save->vector == X86_PAGE_FAULT) {
        return RUN_LOST;
    }
    return read_exception(save, thread);
}

struct stop stop_read(const struct stub_save *shared, struct platform_thread *thread)
{
    struct stub_save save;
    memcpy(&save, shared, sizeof(save));
    bool traps_itself = thread->registers->r[X86_RFLAGS] & X86_FLAG_TRAP;
    *thread->registers = save.registers;
    if (thread->single_step && !traps_itself) {
        thread->registers->r[X86_RFLAGS] &= ~X86_FLAG_TRAP;
    }
    if (save.signal == 0) {
        return (struct stop){.result = RUN_SYSCALL};
    }
    return (struct stop){.result = read_signal(&save, thread), .trapped = true};
}
