/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Children. */
#include "cli/test/child.h"

#include "cli/test/command_line.h"
#include "machine/ending.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Quoll ends by itself at the time-out; so long after that, something is wrong with it. */
#define GRACE_NS UINT64_C(10000000000)
/* What is left in a pipe when nobody but us has it any more has long come by then. */
#define LINGER_NS   UINT64_C(1000000000)
#define CHUNK_BYTES 65536

uint64_t child_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* --- Starting --- */

/* The matcher's `type`: it goes out as the pipe takes it. */
static void type(void *context, const char *bytes, size_t length)
{
    struct child *child = context;
    char *typed = realloc(child->typed, child->typed_length + length);
    if (typed) {
        memcpy(typed + child->typed_length, bytes, length);
        child->typed = typed;
        child->typed_length += length;
    }
}

/* A file with all that is typed. Returns -1 when there is none to be had. */
static int input_file(struct child *child)
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd >= 0 && (write(fd, child->typed, child->typed_length) != (ssize_t)child->typed_length ||
                    lseek(fd, 0, SEEK_SET) != 0)) {
        close(fd);
        return -1;
    }
    child->typed_length = 0;
    return fd;
}

/* The child's ends are in `theirs`, ours in child->fds. Returns 0 or -errno. */
static int open_input(struct child *child, int *theirs)
{
    int ends[2];
    if (matcher_typed_all(&child->matcher)) {
        *theirs =
            child->typed_length == 0 ? open("/dev/null", O_RDONLY | O_CLOEXEC) : input_file(child);
        return *theirs < 0 ? -errno : 0;
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return -errno;
    }
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    *theirs = ends[0];
    child->fds[0] = ends[1];
    return 0;
}

static int open_outputs(struct child *child, int *theirs)
{
    for (int i = STDOUT_FILENO; i <= STDERR_FILENO; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) {
            return -errno;
        }
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
        child->fds[i] = ends[0];
        theirs[i] = ends[1];
    }
    return 0;
}

static void close_all(int *fds)
{
    for (int i = 0; i < CHILD_FDS; i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
        fds[i] = -1;
    }
}

/* In the child. Descriptors 0 to 2 of ours are taken (see main.c), so none of `theirs` is among them. */
static void execute(const struct child *child, const int *theirs, pid_t parent,
                    const struct run_options *options)
{
    struct command_line line;
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(EXIT_HOST);
    }
    for (int i = 0; i < CHILD_FDS; i++) {
        dup2(theirs[i], i);
    }
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &options->mask, NULL);
    command_line_make(&line, child->test, options);
    execv("/proc/self/exe", (char *const *)line.words);
    fprintf(stderr, "quoll: cannot execute itself: %s\n", strerror(errno));
    fflush(stderr);
    _exit(EXIT_HOST);
}

static int launch(struct child *child, const struct run_options *options)
{
    int theirs[CHILD_FDS] = {-1, -1, -1};
    int failure = open_input(child, &theirs[0]);
    if (failure == 0) {
        failure = open_outputs(child, theirs);
    }
    if (failure == 0) {
        pid_t parent = getpid();
        child->pid = fork();
        if (child->pid == 0) {
            execute(child, theirs, parent, options);
        }
        failure = child->pid < 0 ? -errno : 0;
    }
    if (failure == 0) {
        setpgid(child->pid, child->pid); /* whoever comes first */
    }
    close_all(theirs);
    return failure;
}

int child_start(struct child *child, const struct test_case *test, uint64_t run,
                const struct run_options *options)
{
    *child = (struct child){.test = test, .run = run, .fds = {-1, -1, -1}};
    child->timeout_ns = command_line_timeout_ns(test, options);
    int failure = -ENOMEM;
    if (matcher_open(&child->matcher, test, type, child)) {
        failure = launch(child, options);
    }
    if (failure != 0) {
        child->pid = 0;
        child_free(child);
        return failure;
    }
    child->start_ns = child_now_ns();
    child->patience_ns = child->start_ns + child->timeout_ns + GRACE_NS;
    return 0;
}

/* --- Running --- */

void child_poll(const struct child *child, struct pollfd *fds)
{
    bool sends = child->typed_length > 0;
    fds[0] = (struct pollfd){.fd = sends ? child->fds[0] : -1, .events = POLLOUT};
    fds[1] = (struct pollfd){.fd = child->fds[1], .events = POLLIN};
    fds[2] = (struct pollfd){.fd = child->fds[2], .events = POLLIN};
}

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

static void send_typed(struct child *child)
{
    if (child->fds[0] < 0) {
        return;
    }
    ssize_t sent = write(child->fds[0], child->typed, child->typed_length);
    if (sent > 0) {
        child->typed_length -= (size_t)sent;
        memmove(child->typed, child->typed + sent, child->typed_length);
    }
    bool gone = sent < 0 && errno != EAGAIN && errno != EINTR;
    /* The system sees the end of its input, and can come to rest. */
    if (gone || (child->typed_length == 0 && matcher_typed_all(&child->matcher))) {
        close_fd(&child->fds[0]);
    }
}

static void receive(struct child *child, int which)
{
    char chunk[CHUNK_BYTES];
    bool report = which == STDERR_FILENO;
    if (child->fds[which] < 0) {
        return;
    }
    ssize_t count = read(child->fds[which], chunk, sizeof(chunk));
    if (count <= 0) {
        if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
            close_fd(&child->fds[which]);
        }
        return;
    }
    excerpt_add(report ? &child->report : &child->output, chunk, (size_t)count);
    if (report) {
        matcher_report(&child->matcher, chunk, (size_t)count);
    } else {
        matcher_output(&child->matcher, chunk, (size_t)count);
    }
}

/* SIGTERM has quoll end in order. */
static void end_when_matched(struct child *child)
{
    if (child->test->ends == ENDS_MATCHED && matcher_holds(&child->matcher) &&
        !child->end.was_matched && child->pid != 0) {
        child->end.was_matched = true;
        kill(child->pid, SIGTERM);
        child->patience_ns = child_now_ns() + GRACE_NS;
    }
}

/* What is left of its group goes before its process id is free for others. Its cells are our children once it
 * is gone (see pool.c), and we wait for them, too: they have been killed, and nothing is left afterwards. */
static void wait_for(struct child *child, int flags)
{
    siginfo_t ended = {.si_pid = 0};
    if (child->pid == 0 ||
        waitid(P_PID, (id_t)child->pid, &ended, WEXITED | WNOWAIT | flags) != 0 ||
        ended.si_pid == 0) {
        return;
    }
    int status = 0;
    kill(-child->pid, SIGKILL);
    waitpid(child->pid, &status, 0);
    while (waitpid(-child->pid, NULL, 0) > 0) {
    }
    child->end.status = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SIGNAL + WTERMSIG(status);
    child->pid = 0;
    child->end_ns = child_now_ns();
}

static void kill_if_late(struct child *child)
{
    if (child->pid != 0 && child_now_ns() >= child->patience_ns) {
        child->end.was_killed = !child->end.was_matched;
        child_kill(child);
    }
}

/* Somebody may hold the other end of a pipe who is no child of ours. */
static void give_up_pipes(struct child *child)
{
    if (child->pid == 0 && child_now_ns() > child->end_ns + LINGER_NS) {
        close_all(child->fds);
    }
}

void child_attend(struct child *child, const struct pollfd *fds)
{
    bool ended = child->pid == 0;
    wait_for(child, WNOHANG);
    for (int which = STDOUT_FILENO; which <= STDERR_FILENO; which++) {
        if (fds[which].revents != 0 || ended) {
            receive(child, which);
        }
    }
    if (child->fds[0] >= 0 && child->typed_length > 0) {
        send_typed(child);
    }
    end_when_matched(child);
    kill_if_late(child);
    give_up_pipes(child);
}

bool child_is_done(const struct child *child)
{
    return child->pid == 0 && child->fds[STDOUT_FILENO] < 0 && child->fds[STDERR_FILENO] < 0;
}

void child_kill(struct child *child)
{
    if (child->pid != 0) {
        kill(-child->pid, SIGKILL);
        kill(child->pid, SIGKILL); /* before it has made its group */
        wait_for(child, 0);
    }
}

void child_free(struct child *child)
{
    child_kill(child);
    close_all(child->fds);
    matcher_close(&child->matcher);
    excerpt_free(&child->output);
    excerpt_free(&child->report);
    free(child->typed);
    *child = (struct child){.fds = {-1, -1, -1}};
}
