/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Ordinary users, containers, and hosts that lack or forbid something. */
#include "tests/platform/fixture.h"

#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A user with no process but ours: the limit counts all processes of a user. */
#define USER 61532

/* What a child tells with its exit status. */
enum { GOOD = 0, BAD = 1 };

/* Runs in a process of its own, as an ordinary user, and prints what it finds. */
static void in_a_child(int (*body)(void))
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (getuid() == 0 && (setgroups(0, NULL) != 0 || setgid(USER) != 0 || setuid(USER) != 0)) {
            _exit(BAD);
        }
        _exit(body());
    }
    int status;
    EXPECT_EQ(child, waitpid(child, &status, 0));
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(GOOD, WEXITSTATUS(status));
}

/* Let these system calls fail with an errno, for this process and its children. */
static void forbid(const int *numbers, unsigned count, int code)
{
    struct sock_filter filter[256];
    unsigned n = 0;
    filter[n++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (unsigned i = 0; i < count; i++) {
        filter[n++] =
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)numbers[i], 0, 1);
        filter[n++] =
            (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)code);
    }
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = (unsigned short)n, .filter = filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        _exit(BAD);
    }
}

static void limit(int what, rlim_t to)
{
    struct rlimit limits = {.rlim_cur = to, .rlim_max = to};
    if (setrlimit((__rlimit_resource_t)what, &limits) != 0) {
        _exit(BAD);
    }
}

/* What a container engine keeps from a container without privileges (docker's default profile), and
 * perf events. */
static void enter_container(void)
{
    static const int denied[] = {
        SYS_acct,
        SYS_add_key,
        SYS_bpf,
        SYS_clock_adjtime,
        SYS_clock_settime,
        SYS_delete_module,
        SYS_finit_module,
        SYS_get_mempolicy,
        SYS_init_module,
        SYS_ioperm,
        SYS_iopl,
        SYS_kcmp,
        SYS_kexec_load,
        SYS_kexec_file_load,
        SYS_keyctl,
        SYS_lookup_dcookie,
        SYS_mbind,
        SYS_mount,
        SYS_move_pages,
        SYS_name_to_handle_at,
        SYS_open_by_handle_at,
        SYS_perf_event_open,
        SYS_personality,
        SYS_pivot_root,
        SYS_quotactl,
        SYS_reboot,
        SYS_request_key,
        SYS_set_mempolicy,
        SYS_setns,
        SYS_settimeofday,
        SYS_swapon,
        SYS_swapoff,
        SYS_sysfs,
        SYS_umount2,
        SYS_unshare,
        SYS_uselib,
        SYS_userfaultfd,
        SYS_ustat,
        SYS_vhangup,
        SYS_io_uring_setup,
        SYS_io_uring_enter,
        SYS_io_uring_register,
        SYS_ptrace,
        SYS_process_vm_readv,
        SYS_process_vm_writev,
    };
    static const int unknown[] = {SYS_clone3, SYS_close_range, SYS_futex_waitv};
    forbid(denied, sizeof(denied) / sizeof(denied[0]), EPERM);
    forbid(unknown, sizeof(unknown) / sizeof(unknown[0]), ENOSYS);
    limit(RLIMIT_NPROC, 512);
}

/* Twenty VSpaces of three threads, twice over; all calls come back. */
static int run_a_system(void)
{
    struct fixture f;
    fixture_open(&f, (struct fixture_options){.rewrite = true});
    CODE_IS(&f, 0x48, 0x89, 0xe3, 0x0f, 0x05, 0x48, 0x89, 0xdc, 0xeb, 0xf6);
    for (uint64_t i = 0; i < 120; i++) {
        f.thread.vspace = 0x10000 * (1 + i % 20);
        f.thread.tcb = f.thread.vspace + 0x1000 * (i / 20 % 3);
        platform_map(f.platform, f.thread.vspace, CODE, CODE_FRAME, 0x1000, false);
        f.registers.r[X86_RIP] = CODE;
        if (fixture_run(&f) != RUN_SYSCALL || f.registers.r[X86_RIP] != CODE + 3) {
            return BAD;
        }
    }
    fixture_close(&f);
    return GOOD;
}

static int run_in_a_container(void)
{
    enter_container();
    return run_a_system();
}

TEST(an_ordinary_user_can_run_a_system)
{
    in_a_child(run_a_system);
}

TEST(a_system_runs_in_a_container)
{
    in_a_child(run_in_a_container);
}

/* More threads and VSpaces than the host allows processes: what has not run for long makes room,
 * and its FPU state comes along. */
static int run_with_few_processes(void)
{
    limit(RLIMIT_NPROC, 12);
    struct fixture f;
    fixture_open(&f, (struct fixture_options){.rewrite = false});
    /* movq %rax,%xmm3; syscall; movq %xmm3,%rbx; syscall */
    CODE_IS(&f, 0x66, 0x48, 0x0f, 0x6e, 0xd8, 0x0f, 0x05, 0x66, 0x48, 0x0f, 0x7e, 0xdb, 0x0f, 0x05);
    for (uint64_t i = 0; i < 90; i++) {
        bool first = i < 30;
        f.thread.vspace = 0x100000 * (1 + i % 6);
        f.thread.tcb = f.thread.vspace + 0x1000 * (i % 30 / 6);
        platform_map(f.platform, f.thread.vspace, CODE, CODE_FRAME, 0x1000, false);
        f.registers.r[X86_RIP] = first ? CODE : CODE + 7;
        f.registers.r[X86_RAX] = f.thread.tcb;
        enum run_result result = fixture_run(&f);
        if (result != RUN_SYSCALL || (!first && f.registers.r[X86_RBX] != f.thread.tcb)) {
            fprintf(stderr, "# %lu: result %d, %lx\n", i, (int)result, f.registers.r[X86_RBX]);
            return BAD;
        }
    }
    fixture_close(&f);
    return GOOD;
}

TEST(threads_and_vspaces_beyond_the_limit_of_processes_take_turns)
{
    in_a_child(run_with_few_processes);
}

/* Opening fails with this in its message. */
static int refused_with(const char *what)
{
    struct platform *platform;
    struct platform_error error;
    struct platform_options options = {.ram_fd = 0, .ram_bytes = 0x1000, .cpu = -1};
    int code = platform_open(&options, &platform, &error);
    if (code >= 0 || strstr(error.text, what) == NULL) {
        fprintf(stderr, "# %d: %s\n", code, code < 0 ? error.text : "opened");
        return BAD;
    }
    return GOOD;
}

static int without_processes(void)
{
    limit(RLIMIT_NPROC, 1);
    return refused_with("Raise `ulimit -u`");
}

TEST(too_few_processes_are_named)
{
    in_a_child(without_processes);
}

static int without_threads(void)
{
    limit(RLIMIT_NPROC, 3); /* this process, its alarm, a cell's mapper */
    return refused_with("Raise `ulimit -u`");
}

TEST(too_few_threads_are_named)
{
    in_a_child(without_threads);
}

static int without_files(void)
{
    limit(RLIMIT_NOFILE, 4);
    return refused_with("Raise `ulimit -n`");
}

TEST(too_few_files_are_named)
{
    in_a_child(without_files);
}

static int without_seccomp(void)
{
    forbid((const int[]){SYS_seccomp}, 1, EPERM);
    return refused_with("seccomp");
}

TEST(a_host_without_seccomp_is_named)
{
    in_a_child(without_seccomp);
}

static int without_memfd(void)
{
    forbid((const int[]){SYS_memfd_create}, 1, ENOSYS);
    return refused_with("memfd_create");
}

TEST(a_host_without_memfd_is_named)
{
    in_a_child(without_memfd);
}

static int without_exec(void)
{
    forbid((const int[]){SYS_execveat}, 1, EACCES);
    return refused_with("execveat");
}

TEST(a_host_that_executes_nothing_from_memory_is_named)
{
    in_a_child(without_exec);
}
