/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * confine COMMAND...: runs a command with what a container engine keeps from a container without
 * privileges: the system calls that docker's default seccomp profile denies, perf events among
 * them, and more than 512 processes.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static const unsigned denied[] = {
    SYS_acct,
    SYS_add_key,
    SYS_bpf,
    SYS_clock_adjtime,
    SYS_clock_settime,
    SYS_delete_module,
    SYS_finit_module,
    SYS_get_mempolicy,
    SYS_init_module,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_io_uring_setup,
    SYS_ioperm,
    SYS_iopl,
    SYS_kexec_file_load,
    SYS_kexec_load,
    SYS_keyctl,
    SYS_lookup_dcookie,
    SYS_mbind,
    SYS_mount,
    SYS_move_pages,
    SYS_open_by_handle_at,
    SYS_perf_event_open,
    SYS_pivot_root,
    SYS_quotactl,
    SYS_reboot,
    SYS_request_key,
    SYS_set_mempolicy,
    SYS_setns,
    SYS_settimeofday,
    SYS_swapoff,
    SYS_swapon,
    SYS_sysfs,
    SYS_umount2,
    SYS_unshare,
    SYS_userfaultfd,
    SYS_ustat,
};
#define DENIED (sizeof(denied) / sizeof(denied[0]))

#define NAMESPACES                                                                                 \
    (CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |     \
     CLONE_NEWCGROUP)

#define LOAD(offset)          BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define SKIP_UNLESS(value, n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, n)
#define ANSWER(code)          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (code))

static int install_filter(void)
{
    struct sock_filter filter[2 * DENIED + 16];
    unsigned short n = 0;
    filter[n++] = (struct sock_filter)LOAD(offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < DENIED; i++) {
        filter[n++] = (struct sock_filter)SKIP_UNLESS(denied[i], 1);
        filter[n++] = (struct sock_filter)ANSWER(EPERM);
    }
    /* A filter cannot look into clone3's arguments: the engine has libc fall back to clone. */
    filter[n++] = (struct sock_filter)SKIP_UNLESS(SYS_clone3, 1);
    filter[n++] = (struct sock_filter)ANSWER(ENOSYS);
    filter[n++] = (struct sock_filter)SKIP_UNLESS(SYS_clone, 3);
    filter[n++] = (struct sock_filter)LOAD(offsetof(struct seccomp_data, args[0]));
    filter[n++] =
        (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (unsigned)NAMESPACES, 0, 1);
    filter[n++] = (struct sock_filter)ANSWER(EPERM);
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = n, .filter = filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0;
}

int main(int count, char **arguments)
{
    struct rlimit processes = {.rlim_cur = 512, .rlim_max = 512};
    if (count < 2 || setrlimit(RLIMIT_NPROC, &processes) != 0 || install_filter() != 0) {
        perror("confine");
        return 126;
    }
    execvp(arguments[1], arguments + 1);
    perror(arguments[1]);
    return 127;
}
