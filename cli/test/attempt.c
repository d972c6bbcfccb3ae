/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Children. */
#include "cli/test/attempt.h"

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

uint64_t attempt_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* --- Starting --- */

/* The matcher's `type`: it goes out as the pipe takes it. */
static void type(void *context, const char *bytes, size_t length)
{
    struct attempt *attempt = context;
    char *typed = realloc(attempt->typed, attempt->typed_length + length);
    if (typed) {
        memcpy(typed + attempt->typed_length, bytes, length);
        attempt->typed = typed;
        attempt->typed_length += length;
    }
}

/* A file with all that is typed. Returns -1 when there is none to be had. */
static int input_file(struct attempt *attempt)
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    if (fd >= 0 &&
        (write(fd, attempt->typed, attempt->typed_length) != (ssize_t)attempt->typed_length ||
         lseek(fd, 0, SEEK_SET) != 0)) {
        close(fd);
        return -1;
    }
    attempt->typed_length = 0;
    return fd;
}

/* The child's ends are in `theirs`, ours in attempt->fds. Returns 0 or -errno. */
static int open_input(struct attempt *attempt, int *theirs)
{
    int ends[2];
    if (matcher_typed_all(&attempt->matcher)) {
        *theirs = attempt->typed_length == 0 ? open("/dev/null", O_RDONLY | O_CLOEXEC)
                                             : input_file(attempt);
        return *theirs < 0 ? -errno : 0;
    }
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return -errno;
    }
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    *theirs = ends[0];
    attempt->fds[0] = ends[1];
    return 0;
}

static int open_outputs(struct attempt *attempt, int *theirs)
{
    for (int i = STDOUT_FILENO; i <= STDERR_FILENO; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) != 0) {
            return -errno;
        }
        fcntl(ends[0], F_SETFL, O_NONBLOCK);
        attempt->fds[i] = ends[0];
        theirs[i] = ends[1];
    }
    return 0;
}

static void close_all(int *fds)
{
    for (int i = 0; i < ATTEMPT_FDS; i++) {
        if (fds[i] >= 0) {
            close(fds[i]);
        }
        fds[i] = -1;
    }
}

/* In the child. Descriptors 0 to 2 of ours are taken (see main.c), so none of `theirs` is among them. */
static void execute(const struct attempt *attempt, const int *theirs, pid_t parent,
                    const struct run_options *options)
{
    struct command_line line;
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(EXIT_HOST);
    }
    for (int i = 0; i < ATTEMPT_FDS; i++) {
        dup2(theirs[i], i);
    }
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &options->mask, NULL);
    command_line_make(&line, attempt->test, options);
    execv("/proc/self/exe", (char *const *)line.words);
    fprintf(stderr, "quoll: cannot execute itself: %s\n", strerror(errno));
    fflush(stderr);
    _exit(EXIT_HOST);
}

static int launch(struct attempt *attempt, const struct run_options *options)
{
    int theirs[ATTEMPT_FDS] = {-1, -1, -1};
    int failure = open_input(attempt, &theirs[0]);
    if (failure == 0) {
        failure = open_outputs(attempt, theirs);
    }
    if (failure == 0) {
        pid_t parent = getpid();
        attempt->pid = fork();
        if (attempt->pid == 0) {
            execute(attempt, theirs, parent, options);
        }
        failure = attempt->pid < 0 ? -errno : 0;
    }
    if (failure == 0) {
        setpgid(attempt->pid, attempt->pid); /* whoever comes first */
    }
    close_all(theirs);
    return failure;
}

int attempt_start(struct attempt *attempt, const struct test_case *test, uint64_t run,
                  const struct run_options *options)
{
    *attempt = (struct attempt){.test = test, .run = run, .fds = {-1, -1, -1}};
    attempt->timeout_ns = command_line_timeout_ns(test, options);
    int failure = -ENOMEM;
    if (matcher_open(&attempt->matcher, test, type, attempt)) {
        failure = launch(attempt, options);
    }
    if (failure != 0) {
        attempt->pid = 0;
        attempt_free(attempt);
        return failure;
    }
    attempt->start_ns = attempt_now_ns();
    attempt->patience_ns = attempt->start_ns + attempt->timeout_ns + GRACE_NS;
    return 0;
}

/* --- Running --- */

void attempt_poll(const struct attempt *attempt, struct pollfd *fds)
{
    bool sends = attempt->typed_length > 0;
    fds[0] = (struct pollfd){.fd = sends ? attempt->fds[0] : -1, .events = POLLOUT};
    fds[1] = (struct pollfd){.fd = attempt->fds[1], .events = POLLIN};
    fds[2] = (struct pollfd){.fd = attempt->fds[2], .events = POLLIN};
}

static void close_fd(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

static void send_typed(struct attempt *attempt)
{
    if (attempt->fds[0] < 0) {
        return;
    }
    ssize_t sent = write(attempt->fds[0], attempt->typed, attempt->typed_length);
    if (sent > 0) {
        attempt->typed_length -= (size_t)sent;
        memmove(attempt->typed, attempt->typed + sent, attempt->typed_length);
    }
    bool gone = sent < 0 && errno != EAGAIN && errno != EINTR;
    /* The system sees the end of its input, and can come to rest. */
    if (gone || (attempt->typed_length == 0 && matcher_typed_all(&attempt->matcher))) {
        close_fd(&attempt->fds[0]);
    }
}

static void receive(struct attempt *attempt, int which)
{
    char chunk[CHUNK_BYTES];
    bool report = which == STDERR_FILENO;
    if (attempt->fds[which] < 0) {
        return;
    }
    ssize_t count = read(attempt->fds[which], chunk, sizeof(chunk));
    if (count <= 0) {
        if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
            close_fd(&attempt->fds[which]);
        }
        return;
    }
    excerpt_add(report ? &attempt->report : &attempt->output, chunk, (size_t)count);
    if (report) {
        matcher_report(&attempt->matcher, chunk, (size_t)count);
    } else {
        matcher_output(&attempt->matcher, chunk, (size_t)count);
    }
}

/* SIGTERM has quoll end in order. */
static void end_when_matched(struct attempt *attempt)
{
    if (attempt->test->ends == ENDS_MATCHED && matcher_holds(&attempt->matcher) &&
        !attempt->end.was_matched && attempt->pid != 0) {
        attempt->end.was_matched = true;
        kill(attempt->pid, SIGTERM);
        attempt->patience_ns = attempt_now_ns() + GRACE_NS;
    }
}

/* What is left of its group goes before its process id is free for others. Its cells are our children once it
 * is gone (see pool.c), and we wait for them, too: they have been killed, and nothing is left afterwards. */
static void wait_for(struct attempt *attempt, int flags)
{
    siginfo_t ended = {.si_pid = 0};
    if (attempt->pid == 0 ||
        waitid(P_PID, (id_t)attempt->pid, &ended, WEXITED | WNOWAIT | flags) != 0 ||
        ended.si_pid == 0) {
        return;
    }
    int status = 0;
    kill(-attempt->pid, SIGKILL);
    waitpid(attempt->pid, &status, 0);
    while (waitpid(-attempt->pid, NULL, 0) > 0) {
    }
    attempt->end.status = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SIGNAL + WTERMSIG(status);
    attempt->pid = 0;
    attempt->end_ns = attempt_now_ns();
}

static void kill_if_late(struct attempt *attempt)
{
    if (attempt->pid != 0 && attempt_now_ns() >= attempt->patience_ns) {
        attempt->end.was_killed = !attempt->end.was_matched;
        attempt_kill(attempt);
    }
}

/* Somebody may hold the other end of a pipe who is no child of ours. */
static void give_up_pipes(struct attempt *attempt)
{
    if (attempt->pid == 0 && attempt_now_ns() > attempt->end_ns + LINGER_NS) {
        close_all(attempt->fds);
    }
}

void attempt_attend(struct attempt *attempt, const struct pollfd *fds)
{
    bool ended = attempt->pid == 0;
    wait_for(attempt, WNOHANG);
    for (int which = STDOUT_FILENO; which <= STDERR_FILENO; which++) {
        if (fds[which].revents != 0 || ended) {
            receive(attempt, which);
        }
    }
    if (attempt->fds[0] >= 0 && attempt->typed_length > 0) {
        send_typed(attempt);
    }
    end_when_matched(attempt);
    kill_if_late(attempt);
    give_up_pipes(attempt);
}

bool attempt_is_done(const struct attempt *attempt)
{
    return attempt->pid == 0 && attempt->fds[STDOUT_FILENO] < 0 && attempt->fds[STDERR_FILENO] < 0;
}

void attempt_kill(struct attempt *attempt)
{
    if (attempt->pid != 0) {
        kill(-attempt->pid, SIGKILL);
        kill(attempt->pid, SIGKILL); /* before it has made its group */
        wait_for(attempt, 0);
    }
}

void attempt_free(struct attempt *attempt)
{
    attempt_kill(attempt);
    close_all(attempt->fds);
    matcher_close(&attempt->matcher);
    excerpt_free(&attempt->output);
    excerpt_free(&attempt->report);
    free(attempt->typed);
    *attempt = (struct attempt){.fds = {-1, -1, -1}};
}
