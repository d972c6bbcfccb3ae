/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Attacks by system calls of Linux and by every gate that leads to it. */
#include "tests/system/hostile/guest/linux.h"

#include <asm/unistd_64.h>

#include "platform/stub/layout.h"

#define HOLE    GUEST_HOLE
#define SCRATCH GUEST_SCRATCH
#define ALL     (~0ul)

#define PREY     0xabcdef /* stands for the prey's address in the list below */
#define RWX      7
#define SHARED   0x11 /* MAP_SHARED | MAP_FIXED */
#define PRIVATE  0x32 /* MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS */
#define SIG_KILL 9

struct linux_call {
    uint64_t number, args[6];
};

/* No third argument is an seL4 system call: those are small negative numbers in that register. */
static const struct linux_call calls[] = {
    {__NR_mmap, {HOLE, PAGE_BYTES, RWX, SHARED, CELL_FD_RAM, PREY}},
    {__NR_mmap, {HOLE, PAGE_BYTES, RWX, SHARED, CELL_FD_CONTROL, 0}},
    {__NR_mmap, {HOLE, PAGE_BYTES, RWX, PRIVATE, ALL, 0}},
    {__NR_mremap, {STUB_ORDERS, PAGE_BYTES, PAGE_BYTES, 3, HOLE, 0}},
    {__NR_mprotect, {STUB_ORDERS, PAGE_BYTES, RWX}},
    {__NR_mprotect, {STUB_SLOTS, PAGE_BYTES, RWX}},
    {__NR_munmap, {STUB_BASE, PAGE_BYTES, RWX}},
    {__NR_pwrite64, {CELL_FD_RAM, SCRATCH, PAGE_BYTES, PREY}},
    {__NR_pread64, {CELL_FD_RAM, SCRATCH, PAGE_BYTES, PREY}},
    {__NR_write, {CELL_FD_REPLY, SCRATCH, 1}},
    {__NR_write, {CELL_FD_CONTROL, SCRATCH, PAGE_BYTES}},
    {__NR_ftruncate, {CELL_FD_RAM, 0, 1}},
    {__NR_fallocate, {CELL_FD_RAM, 3, PREY, PAGE_BYTES}},
    {__NR_open, {SCRATCH, 2, 1}},
    {__NR_openat, {-100ul, SCRATCH, 2}},
    {__NR_openat2, {-100ul, SCRATCH, SCRATCH, 24}},
    {__NR_open_by_handle_at, {CELL_FD_RAM, SCRATCH, 2}},
    {__NR_ptrace, {16, 1, 1, 0}},
    {__NR_ptrace, {0, 0, 1, 0}},
    {__NR_kill, {ALL, SIG_KILL, 1}},
    {__NR_kill, {0, SIG_KILL, 1}},
    {__NR_tkill, {1, SIG_KILL, 1}},
    {__NR_tgkill, {1, 1, SIG_KILL}},
    {__NR_rt_sigqueueinfo, {1, SIG_KILL, SCRATCH}},
    {__NR_pidfd_open, {1, 0, 1}},
    {__NR_pidfd_send_signal, {CELL_FD_RAM, SIG_KILL, 1}},
    {__NR_prctl, {22, 0, 1}}, /* PR_SET_SECCOMP, SECCOMP_MODE_DISABLED */
    {__NR_prctl, {59, 0, 1}}, /* PR_SET_SYSCALL_USER_DISPATCH, off */
    {__NR_prctl, {1, 0, 1}},  /* PR_SET_PDEATHSIG, none */
    {__NR_seccomp, {1, 0, SCRATCH}},
    {__NR_arch_prctl, {0x1001, STUB_BASE, 1}},
    {__NR_rt_sigreturn, {0, 0, 1}},
    {__NR_rt_sigaction, {11, SCRATCH, 1, 8}},
    {__NR_rt_sigprocmask, {2, SCRATCH, 1, 8}},
    {__NR_rt_sigsuspend, {SCRATCH, 8, 1}},
    {__NR_sigaltstack, {SCRATCH, 0, 1}},
    {__NR_futex, {STUB_ORDERS, 1, 1}},
    {__NR_futex, {STUB_BELL, 3, 1, 1, SCRATCH}},
    {__NR_futex, {STUB_SLOTS + RESUME_WAKE, 1, 0x7fffffff}},
    {__NR_futex_waitv, {SCRATCH, 1, 1}},
    {__NR_set_robust_list, {SCRATCH, 24, 1}},
    {__NR_clone, {0x10f00, SCRATCH + PAGE_BYTES, 1}},
    {__NR_clone3, {SCRATCH, 88, 1}},
    {__NR_fork, {0, 0, 1}},
    {__NR_vfork, {0, 0, 1}},
    {__NR_execve, {SCRATCH, SCRATCH, 1}},
    {__NR_execveat, {CELL_FD_RAM, SCRATCH, 1, 0, 0x1000}},
    {__NR_exit, {0, 0, 1}},
    {__NR_exit_group, {0, 0, 1}},
    {__NR_process_vm_readv, {1, SCRATCH, 1, SCRATCH, 1}},
    {__NR_process_vm_writev, {1, SCRATCH, 1, SCRATCH, 1}},
    {__NR_memfd_create, {SCRATCH, 0, 1}},
    {__NR_socket, {1, 1, 1}},
    {__NR_io_uring_setup, {8, SCRATCH, 1}},
    {__NR_userfaultfd, {0, 0, 1}},
    {__NR_perf_event_open, {SCRATCH, 0, 1}},
    {__NR_bpf, {0, SCRATCH, 64}},
    {__NR_ioctl, {CELL_FD_REPLY, 0x5412, SCRATCH}},
    {__NR_dup2, {CELL_FD_RAM, CELL_FD_REPLY, 1}},
    {__NR_close, {CELL_FD_RAM, 0, 1}},
    {__NR_fcntl, {CELL_FD_RAM, 4, 1}},
    {__NR_sched_setaffinity, {0, 8, SCRATCH}},
    {__NR_sched_setscheduler, {0, 1, SCRATCH}},
    {__NR_setpriority, {0, 0, -20u}},
    {__NR_nanosleep, {SCRATCH, 0, 1}},
    {__NR_pause, {0, 0, 1}},
    {__NR_restart_syscall, {0, 0, 1}},
    {__NR_rseq, {SCRATCH, 32, 1}},
    {__NR_gettimeofday, {SCRATCH, 0, 1}},
    {0x40000000 | __NR_mmap, {HOLE, PAGE_BYTES, RWX, SHARED, CELL_FD_RAM, PREY}}, /* x32 */
};

#define CALL_COUNT (sizeof(calls) / sizeof(calls[0]))

struct jump linux_call(uint64_t nth, uint64_t prey)
{
    const struct linux_call *call = &calls[nth % CALL_COUNT];
    uint64_t args[6];
    for (unsigned i = 0; i < 6; i++) {
        args[i] = call->args[i] == PREY ? prey : call->args[i];
    }
    return (struct jump){
        .rax = call->number,
        .rdi = args[0],
        .rsi = args[1],
        .rdx = args[2],
        .r10 = args[3],
        .r8 = args[4],
        .r9 = args[5],
        .rsp = GUEST_SCRATCH + PAGE_BYTES,
    };
}

void linux_call_succeeded(uint64_t prey)
{
    static const uint64_t places[] = {GUEST_HOLE, STUB_ORDERS, STUB_SLOTS, GUEST_HOLE + 0x800};
    volatile uint64_t *place = (uint64_t *)GUEST_SCRATCH;
    uint64_t attempt = ++place[511];
    if (attempt % 4 == 0) {
        place = (uint64_t *)places[attempt / 4 % 4];
        for (unsigned i = 0; i < 32; i++) {
            place[i] = prey;
        }
    }
}

void attack_linux_syscalls(struct attempt attempt)
{
    linux_call_succeeded(attempt.prey);
    struct jump registers = linux_call(attempt.number, attempt.prey);
    registers.to = attempt.number / CALL_COUNT % 2 ? ADDRESS(usual_syscall) : ADDRESS(bare_syscall);
    jump(&registers);
}

/* int 0x80, sysenter, the vsyscall page, other interrupts: with numbers of 32-bit Linux. */
void attack_other_gates(struct attempt attempt)
{
    static const uint32_t numbers[] = {192 /* mmap2 */, 37 /* kill */, 26 /* ptrace */,
                                       1 /* exit */};
    uint32_t number = numbers[attempt.number / 6 % 4];
    register uint64_t rbp __asm__("r13") = GUEST_SCRATCH;
    switch (attempt.number % 6) {
    case 0:
        __asm__ volatile("int $0x80"
                         :
                         : "a"(number), "b"(GUEST_HOLE), "c"(PAGE_BYTES), "d"(7), "S"(SHARED),
                           "D"(3));
        break;
    case 1:
        __asm__ volatile("mov %1, %%rbp\n\tsysenter"
                         :
                         : "a"(number), "r"(rbp), "b"(-1), "c"(SIG_KILL), "d"(7)
                         : "memory");
        break;
    case 2:
        ((void (*)(void *, void *))0xffffffffff600000)((void *)GUEST_SCRATCH, 0); /* gettimeofday */
        break;
    case 3:
        ((void (*)(void *))0xffffffffff600400)((void *)GUEST_SCRATCH); /* time */
        break;
    case 4:
        __asm__ volatile("int $0x20" : : "a"(number), "d"(7));
        break;
    default:
        ((void (*)(void))0xffffffffff600802)(); /* in the middle of getcpu */
    }
}

/* 32-bit code segments: the same bytes, other gates. */
void attack_compatibility_mode(struct attempt attempt)
{
    static const uint8_t codes[][2] = {{0xcd, 0x80}, {0x0f, 0x34}, {0x0f, 0x05}};
    volatile uint8_t *code = (volatile uint8_t *)GUEST_SCRATCH;
    code[0] = codes[attempt.number % 3][0];
    code[1] = codes[attempt.number % 3][1];
    code[2] = 0xeb; /* 1: jmp 1b */
    code[3] = 0xfe;
    __asm__ volatile("mov %0, %%rsp\n\t"
                     "pushq $0x23\n\t"
                     "pushq %1\n\t"
                     "lretq"
                     :
                     : "r"((uint64_t)GUEST_SCRATCH + 2 * PAGE_BYTES), "r"((uint64_t)GUEST_SCRATCH),
                       "a"(attempt.number % 2 ? 37 : 192), "b"(-1), "c"(SIG_KILL), "d"(7)
                     : "memory");
}

void forge_frame(struct forged_frame *frame, uint64_t rip, uint64_t rsp)
{
    *frame = (struct forged_frame){
        .rip = rip,
        .rsp = rsp,
        .eflags = 0x202,
        .cs = 0x33,
        .ss = 0x2b,
        .mask = ALL,
    };
}
