/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The debug and benchmark system calls. */
#include "kernel/debug.h"

#include "abi/syscalls.h"
#include "kernel/lookup.h"
#include "kernel/message.h"
#include "kernel/product.h"
#include "kernel/say.h"
#include "kernel/tcb.h"

/* Numbers relative to the last of the API's list, so that they serve both kernels. */
#define SYSCALL_ENUMERATOR(name, number) SYSCALL_##name = (number),
enum { SYSCALLS_OPTIONAL(SYSCALL_ENUMERATOR, 0) };
#undef SYSCALL_ENUMERATOR

int64_t debug_set_tls_base_number(void)
{
    return product_numbers.last_syscall + SYSCALL_SetTLSBase;
}

static void put_text(struct kernel *k, const char *text)
{
    while (*text) {
        k->port.put_char(k->port.context, *text++);
    }
}

/* A field of a table, filled with spaces on the left up to `width`. */
static void put_padded(struct kernel *k, const char *text, size_t width)
{
    size_t length = 0;
    while (text[length]) {
        length++;
    }
    for (; length < width; length++) {
        k->port.put_char(k->port.context, ' ');
    }
    put_text(k, text);
}

static const char *state_name(const struct tcb *tcb)
{
    switch ((enum thread_state)tcb->state) {
    case THREAD_INACTIVE:
        return "inactive";
    case THREAD_RUNNING:
        return "running";
    case THREAD_RESTART:
        return "restart";
    case THREAD_BLOCKED_ON_RECEIVE:
        return "blocked on recv";
    case THREAD_BLOCKED_ON_SEND:
        return "blocked on send";
    case THREAD_BLOCKED_ON_REPLY:
        return "blocked on reply";
    case THREAD_BLOCKED_ON_NOTIFICATION:
        return "blocked on ntfn";
    }
    return "unknown";
}

static void put_thread(struct kernel *k, const struct tcb *tcb)
{
    struct line rip = {0};
    struct line priority = {0};
    line_add_hex(&rip, tcb->registers.r[X86_RIP]);
    line_add_decimal(&priority, tcb->priority);
    put_padded(k, tcb->name, 40);
    put_text(k, "\t");
    put_padded(k, state_name(tcb), 15);
    put_text(k, "\t");
    put_text(k, rip.text);
    put_text(k, "\t");
    put_padded(k, priority.text, 20);
    put_text(k, "\t0");
    if (product_numbers.mcs) {
        put_text(k, tcb->in_release_queue ? "\t1" : "\t0");
    }
    put_text(k, "\n");
}

/* seL4 has a thread for that, and makes it right after the initial one, which comes last. */
static void put_idle_thread(struct kernel *k)
{
    put_padded(k, "idle_thread", 40);
    put_text(k, "\t");
    put_padded(k, "idle", 15);
    put_text(k, "\t0\t");
    put_padded(k, "0", 20);
    put_text(k, product_numbers.mcs ? "\t0\t0\n" : "\t0\n");
}

static void dump_scheduler(struct kernel *k)
{
    put_text(k, "Dumping all tcbs!\n");
    put_text(k, "Name                                    \tState          \tIP                  "
                "\t Prio \t Core");
    put_text(k, product_numbers.mcs ? "\t InReleaseQueue\n" : "\n");
    put_text(k, "-----------------------------------------------------------------------------"
                "---------\n");
    for (struct tcb *tcb = tcb_at(k, k->threads.first); tcb; tcb = tcb_at(k, tcb->all.next)) {
        if (!tcb->all.next) {
            put_idle_thread(k);
        }
        put_thread(k, tcb);
    }
}

static void halt(struct kernel *k, struct why why)
{
    say_why(k, why);
    k->halted = true;
}

/* The cap that the caller names; a null cap when there is none. */
static struct cap named_cap(struct kernel *k)
{
    struct tcb *caller = current_tcb(k);
    struct lookup lookup = lookup_slot(k, caller, caller->registers.r[SYSCALL_CAP]);
    return lookup.slot ? lookup.slot->cap : cap_null();
}

static void identify_cap(struct kernel *k)
{
    current_tcb(k)->registers.r[SYSCALL_CAP] = named_cap(k).type;
}

/* Copy a name out of guest memory, where it may change meanwhile. Returns its length, or `max`. */
static size_t copy_name(char *name, size_t size, const volatile char *source, size_t max)
{
    size_t length = 0;
    for (; length < max; length++) {
        char c = source[length];
        if (!c) {
            break;
        }
        if (length + 1 < size) {
            name[length] = c;
            name[length + 1] = '\0';
        }
    }
    return length;
}

/* As seL4 does: who cannot even name a thread has a system that is set up all wrong. */
static void name_thread(struct kernel *k)
{
    struct cap cap = named_cap(k);
    if (!cap_is(cap, CAP_TCB)) {
        halt(k,
             WHY("DebugNameThread: the cap is not a TCB's: halted (thread %n)", k->core.current));
        return;
    }
    const struct abi_ipc_buffer *buffer = message_buffer(k, current_tcb(k), BUFFER_READ);
    if (!buffer) {
        halt(k, WHY("DebugNameThread: %n has no IPC buffer: halted", k->core.current));
        return;
    }
    struct tcb *tcb = tcb_at(k, cap_object(cap));
    tcb->name[0] = '\0';
    if (copy_name(tcb->name, sizeof(tcb->name), (const volatile char *)buffer->msg,
                  sizeof(buffer->msg)) == sizeof(buffer->msg)) {
        halt(k, WHY("DebugNameThread: the name does not end: halted (thread %n)", k->core.current));
    }
}

static bool printing_syscall(struct kernel *k, int64_t number)
{
    switch (number) {
    case SYSCALL_DebugPutChar:
        k->port.put_char(k->port.context, (char)current_tcb(k)->registers.r[SYSCALL_CAP]);
        return true;
    case SYSCALL_DebugDumpScheduler:
        dump_scheduler(k);
        return true;
    default:
        return false;
    }
}

static bool debug_build_syscall(struct kernel *k, int64_t number)
{
    switch (number) {
    case SYSCALL_DebugHalt:
        halt(k, WHY("Debug halt syscall from user thread %n", k->core.current));
        return true;
    case SYSCALL_DebugSnapshot:
        say_why(k,
                WHY("Debug snapshot syscall from user thread %n: no snapshot is written, as this "
                    "kernel has no capDL dump",
                    k->core.current));
        return true;
    case SYSCALL_DebugCapIdentify:
        identify_cap(k);
        return true;
    case SYSCALL_DebugNameThread:
        name_thread(k);
        return true;
    default:
        return false;
    }
}

static bool benchmark_syscall(struct kernel *k, int64_t number)
{
    switch (number) {
    case SYSCALL_BenchmarkNullSyscall:
        return true;
    case SYSCALL_BenchmarkFlushCaches:
    case SYSCALL_BenchmarkResetLog:
    case SYSCALL_BenchmarkFinalizeLog:
    case SYSCALL_BenchmarkSetLogBuffer:
    case SYSCALL_BenchmarkGetThreadUtilisation:
    case SYSCALL_BenchmarkResetThreadUtilisation:
    case SYSCALL_BenchmarkDumpAllThreadsUtilisation:
    case SYSCALL_BenchmarkResetAllThreadsUtilisation:
        say_why(k, WHY("benchmark system call number -%u is not supported: it becomes an unknown "
                       "system call (thread %n)",
                       (uint64_t) - (number + product_numbers.last_syscall), k->core.current));
        return false;
    default:
        return false;
    }
}

/* There are no model-specific registers that a guest could mean: not this machine's, which are the
 * host's. All read as zero, and what is written is gone. */
static bool msr_syscall(struct kernel *k, int64_t number)
{
    uint64_t *r = current_tcb(k)->registers.r;
    switch (number) {
    case SYSCALL_X86DangerousWRMSR:
        say_why(k, WHY("the model-specific register %x is not there: what %n writes is lost",
                       r[SYSCALL_CAP] & UINT32_MAX, k->core.current));
        return true;
    case SYSCALL_X86DangerousRDMSR:
        say_why(k, WHY("the model-specific register %x is not there: %n reads 0",
                       r[SYSCALL_CAP] & UINT32_MAX, k->core.current));
        r[SYSCALL_INFO] = 1; /* one message register */
        r[SYSCALL_MR0] = 0;
        return true;
    default:
        return false;
    }
}

bool debug_syscall(struct kernel *k, int64_t number)
{
    int64_t relative = number - product_numbers.last_syscall;
    return (k->config.printing && printing_syscall(k, relative)) ||
           (k->config.debug_build && debug_build_syscall(k, relative)) ||
           (k->config.benchmarks && benchmark_syscall(k, relative)) ||
           (k->config.dangerous_msr && msr_syscall(k, relative));
}
