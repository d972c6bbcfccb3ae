/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Children. */
#include "compare/child.h"

#include "compare/list.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 2000
#define STEP_MS     10

/* --- Starting --- */

static void close_all(const int *fds, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
    }
}

/* A terminal that neither echoes nor makes signals. Returns false with errno. */
static bool open_terminal(int *ours, int *theirs)
{
    struct termios mode;
    char name[64];
    *ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*ours < 0 || grantpt(*ours) != 0 || unlockpt(*ours) != 0 ||
        ptsname_r(*ours, name, sizeof(name)) != 0) {
        return false;
    }
    *theirs = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*theirs < 0 || tcgetattr(*theirs, &mode) != 0) {
        return false;
    }
    cfmakeraw(&mode);
    return tcsetattr(*theirs, TCSANOW, &mode) == 0;
}

static void reset_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
}

/* In the child. Where it may not choose its CPU, it runs where it is let. */
static void prepare(pid_t parent, int cpu)
{
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) {
        _exit(127); /* it has gone meanwhile */
    }
    if (cpu != CHILD_ANY_CPU) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET((size_t)cpu, &set);
        sched_setaffinity(0, sizeof(set), &set);
    }
    reset_signals();
}

static _Noreturn void become(char *const *arguments, const int standard[3], int failure)
{
    for (int fd = 0; fd < 3; fd++) {
        dup2(standard[fd], fd);
    }
    /* When the terminal goes away with us, Linux tells all of the group. No terminal: no harm. */
    ioctl(STDIN_FILENO, TIOCSCTTY, 0);
    execvp(arguments[0], arguments);
    int why = errno;
    (void)!write(failure, &why, sizeof(why));
    _exit(127);
}

/* Returns 0 when the child runs its program, else the errno that kept it from that. */
static int await_exec(int failure, pid_t pid)
{
    int why = 0;
    ssize_t count;
    do {
        count = read(failure, &why, sizeof(why));
    } while (count < 0 && errno == EINTR);
    if (count <= 0) {
        return 0;
    }
    waitpid(pid, NULL, 0);
    return why;
}

/* Returns 0 or -errno. The pipe `failure` is closed by a successful exec. */
static int start(char *const *arguments, int cpu, const char *folder, const int standard[3],
                 pid_t *pid)
{
    int failure[2];
    pid_t parent = getpid();
    if (pipe2(failure, O_CLOEXEC) != 0) {
        return -errno;
    }
    *pid = fork();
    if (*pid == 0) {
        prepare(parent, cpu);
        if (folder && chdir(folder) != 0) {
            _exit(127);
        }
        become(arguments, standard, failure[1]);
    }
    int why = *pid < 0 ? errno : 0;
    close(failure[1]);
    if (*pid > 0) {
        why = await_exec(failure[0], *pid);
    }
    close(failure[0]);
    return -why;
}

int child_start(struct child *child, char *const *arguments, int cpu)
{
    enum { OURS, THEIRS, OUTPUT, OUTPUT_END, ERRORS, ERRORS_END, FDS };
    int fds[FDS] = {-1, -1, -1, -1, -1, -1};
    if (!open_terminal(&fds[OURS], &fds[THEIRS]) || pipe2(&fds[OUTPUT], O_CLOEXEC) != 0 ||
        pipe2(&fds[ERRORS], O_CLOEXEC) != 0) {
        int why = errno;
        close_all(fds, FDS);
        return -why;
    }
    fcntl(fds[OUTPUT], F_SETFL, O_NONBLOCK);
    fcntl(fds[ERRORS], F_SETFL, O_NONBLOCK);
    const int standard[3] = {fds[THEIRS], fds[OUTPUT_END], fds[ERRORS_END]};
    int failure = start(arguments, cpu, NULL, standard, &child->pid);
    close_all((int[]){fds[THEIRS], fds[OUTPUT_END], fds[ERRORS_END]}, 3);
    if (failure != 0) {
        close_all((int[]){fds[OURS], fds[OUTPUT], fds[ERRORS]}, 3);
        return failure;
    }
    child->output = fds[OUTPUT];
    child->errors = fds[ERRORS];
    child->terminal = fds[OURS];
    return 0;
}

/* --- Ending --- */

bool child_has_exited(const struct child *child)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
           info.si_pid == child->pid;
}

/* It is not reaped before its group is gone: until then the group's number is nobody else's. */
int child_end(struct child *child)
{
    int status = 0;
    if (!child_has_exited(child)) {
        kill(-child->pid, SIGTERM);
    }
    for (int waited_ms = 0; waited_ms < PATIENCE_MS && !child_has_exited(child);
         waited_ms += STEP_MS) {
        nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000}, NULL);
    }
    kill(-child->pid, SIGKILL);
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {
    }
    close_all((int[]){child->output, child->errors, child->terminal}, 3);
    return status;
}

char *child_status_text(int wait_status)
{
    return WIFSIGNALED(wait_status) ? text_of("killed by %s", strsignal(WTERMSIG(wait_status)))
                                    : text_of("exit status %d", WEXITSTATUS(wait_status));
}

int child_run(char *const *arguments, const char *folder, int output)
{
    pid_t pid = -1;
    int status = 0;
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const int standard[3] = {null, output, output};
    int failure = start(arguments, CHILD_ANY_CPU, folder, standard, &pid);
    close(null);
    if (failure != 0) {
        return failure;
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}
