/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Starts the programs, each with the descriptors that it needs and no others; hears of those that end,
 * starts the crasher again, and ends them all.
 *
 *     supervisor all|startup|latency|throughput|memory|idle|fault ITERATIONS BYTES CPU [quiet|verbose]
 *
 * ITERATIONS -1: the default. BYTES: of a message for throughput, 0: several. CPU: where all of them
 * run, -1: on the last one that may be used.
 *
 * Whatever ends the supervisor ends the programs. What they share has no name by then.
 */
#include "linux_baseline/protocol.h"
#include "linux_baseline/report.h"
#include "linux_baseline/usage.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_USAGE  2
#define EXIT_SIGNAL 128

#define ITERATIONS_DEFAULT 1000
#define STARTS_DEFAULT     100
#define IDLE_MS            1000
#define CRASHER_STACK      (1 << 20) /* bytes: it runs over, whatever the limit for others */

/* In the order in which they are looked at: the client's end is often another's fault. */
enum who { LOGGER, SERVER, CRASHER, CLIENT, PROGRAMS };

static struct program {
    const char *name;
    uint16_t descriptors; /* a bit for each enum descriptor */
    pid_t pid;            /* 0: not running */
    int pidfd;
} programs[PROGRAMS] = {
    [LOGGER] = {.name = "logger", .descriptors = 1 << FD_LOG | 1 << FD_NOTES},
    [SERVER] = {.name = "server",
                .descriptors = 1 << FD_REQUEST | 1 << FD_SHARED | 1 << FD_LOG | 1 << FD_NOTES},
    [CRASHER] = {.name = "crasher", .descriptors = 1 << FD_NOTES | 1 << FD_CRASH},
    [CLIENT] = {.name = "client",
                .descriptors = 1 << FD_REQUEST | 1 << FD_SHARED | 1 << FD_LOG | 1 << FD_NOTES |
                               1 << FD_CRASH | 1 << FD_CONTROL},
};

/* What the programs are handed; -1: nothing. A socket has two ends. */
static struct {
    int client_request, server_request;
    int server_log, logger_log;
    int client_control, own_control;
    int shared, notes, crash;
} ends;

static struct notes *notes;
static char *folder; /* of the programs */
static int signals;  /* a signalfd */
static sigset_t own_signals;

/* What is asked for. */
static uint64_t iterations, size_bytes;
static bool quiet, verbose;

/* --- What they share --- */

static void make_sockets(int type, int *one, int *other)
{
    int pair[2];
    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) != 0) {
        die("make a pair of sockets");
    }
    *one = pair[0];
    *other = pair[1];
}

/* It has a name only for as long as it takes to remove it. */
static int make_shared_memory(size_t bytes)
{
    char name[64];
    snprintf(name, sizeof(name), "/quoll-baseline-%d", (int)getpid());
    int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (fd < 0) {
        die("make shared memory in /dev/shm");
    }
    shm_unlink(name);
    errno = posix_fallocate(fd, 0, (off_t)bytes);
    if (errno != 0) {
        die("find room for shared memory in /dev/shm");
    }
    return fd;
}

static void make_ends(void)
{
    make_sockets(SOCK_SEQPACKET, &ends.client_request, &ends.server_request);
    make_sockets(SOCK_DGRAM, &ends.server_log, &ends.logger_log);
    make_sockets(SOCK_SEQPACKET, &ends.client_control, &ends.own_control);
    ends.shared = make_shared_memory(SHARED_BYTES);
    ends.notes = make_shared_memory(sizeof(struct notes));
    ends.crash = eventfd(0, EFD_SEMAPHORE | EFD_CLOEXEC);
    if (ends.crash < 0) {
        die("make an eventfd");
    }
    notes = map_shared(ends.notes, NULL, sizeof(*notes));
}

static void close_ends(void)
{
    const int all[] = {ends.client_request, ends.server_request, ends.server_log,
                       ends.logger_log,     ends.client_control, ends.own_control,
                       ends.shared,         ends.notes,          ends.crash};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        close(all[i]);
    }
    munmap(notes, sizeof(*notes));
}

static int end_of(enum who who, enum descriptor descriptor)
{
    switch (descriptor) {
    case FD_REQUEST:
        return who == CLIENT ? ends.client_request : ends.server_request;
    case FD_SHARED:
        return ends.shared;
    case FD_LOG:
        return who == LOGGER ? ends.logger_log : ends.server_log;
    case FD_NOTES:
        return ends.notes;
    case FD_CRASH:
        return ends.crash;
    case FD_CONTROL:
        return ends.client_control;
    default:
        return -1;
    }
}

/* --- Starting and ending --- */

/* In the new process: the descriptors to their places. They are moved out of the way first. */
static void take_descriptors(enum who who)
{
    int moved[FD_END];
    for (int fd = FD_REQUEST; fd < FD_END; fd++) {
        if (programs[who].descriptors & 1 << fd) {
            moved[fd] = fcntl(end_of(who, (enum descriptor)fd), F_DUPFD_CLOEXEC, 64);
            if (moved[fd] < 0) {
                die("move a descriptor");
            }
        }
    }
    for (int fd = FD_REQUEST; fd < FD_END; fd++) {
        if (!(programs[who].descriptors & 1 << fd)) {
            close(fd);
        } else if (dup2(moved[fd], fd) < 0) {
            die("move a descriptor");
        }
    }
}

static void limit_crasher(void)
{
    struct rlimit none = {0, 0}, stack;
    setrlimit(RLIMIT_CORE, &none);
    if (getrlimit(RLIMIT_STACK, &stack) == 0) {
        stack.rlim_cur = CRASHER_STACK;
        setrlimit(RLIMIT_STACK, &stack);
    }
}

/* Does not return. A person's Ctrl-C reaches the supervisor, which ends the others. */
static _Noreturn void become(enum who who, pid_t parent, char *const arguments[])
{
    char path[4096];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(EXIT_HOST);
    }
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    sigprocmask(SIG_UNBLOCK, &own_signals, NULL);
    take_descriptors(who);
    if (who == CRASHER) {
        limit_crasher();
    }
    snprintf(path, sizeof(path), "%s/%s", folder, programs[who].name);
    execv(path, arguments);
    fprintf(stderr, "quoll: baseline: cannot run '%s': %s\n", path, strerror(errno));
    _exit(EXIT_HOST);
}

static void start(enum who who, char *const arguments[])
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0) {
        die("make a process");
    }
    if (pid == 0) {
        become(who, parent, arguments);
    }
    programs[who].pid = pid;
    programs[who].pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (programs[who].pidfd < 0) {
        die("watch a process");
    }
}

/* Returns its status, as waitpid() has it. */
static int reap(enum who who)
{
    int status = 0;
    waitpid(programs[who].pid, &status, 0);
    close(programs[who].pidfd);
    programs[who].pid = 0;
    return status;
}

static void end_all(void)
{
    for (int who = 0; who < PROGRAMS; who++) {
        if (programs[who].pid > 0) {
            kill(programs[who].pid, SIGKILL);
            reap((enum who)who);
        }
    }
}

static void start_plainly(enum who who)
{
    char *const arguments[] = {(char *)programs[who].name, NULL};
    start(who, arguments);
}

static void start_client(const char *task)
{
    char count[32], size[32];
    snprintf(count, sizeof(count), "%" PRIu64, iterations);
    snprintf(size, sizeof(size), "%" PRIu64, size_bytes);
    char *const arguments[] = {"client", (char *)task, count, size, quiet ? "quiet" : NULL, NULL};
    start(CLIENT, arguments);
}

/* --- While they run --- */

#define GOING -1 /* no exit status yet */

/* The status to end with when a signal has come within so long, else GOING. */
static int await_signal(int timeout_ms)
{
    struct pollfd poll_signals = {.fd = signals, .events = POLLIN};
    struct signalfd_siginfo info;
    if (poll(&poll_signals, 1, timeout_ms) > 0 &&
        read(signals, &info, sizeof(info)) == sizeof(info)) {
        return EXIT_SIGNAL + (int)info.ssi_signo;
    }
    return GOING;
}

/* The crasher ended: that is noted, and it is started again but for the last time. */
static int take_crash(void)
{
    uint64_t now = ticks_now();
    int status = reap(CRASHER);
    uint64_t number = notes->reports;
    if (!WIFSIGNALED(status) || number >= notes->crashes || number >= CRASHES) {
        fprintf(stderr, "quoll: baseline: the crasher ended before it crashed\n");
        return EXIT_HOST;
    }
    notes->reported[number] = now;
    notes->reports = number + 1;
    sign_of(notes, PART_SUPERVISOR, false);
    if (number + 1 < CRASHES) {
        start_plainly(CRASHER);
    } else {
        notes->stopped = ticks_now();
    }
    return GOING;
}

/* The client ended by itself, or the others without being told. */
static int take_end(enum who who)
{
    if (who == CRASHER) {
        return take_crash();
    }
    int status = reap(who);
    if (who == CLIENT && WIFEXITED(status)) {
        return WEXITSTATUS(status);
    }
    if (WIFSIGNALED(status)) {
        fprintf(stderr, "quoll: baseline: the %s was ended by signal %d, %s\n", programs[who].name,
                WTERMSIG(status), strsignal(WTERMSIG(status)));
    } else if (WEXITSTATUS(status) != EXIT_HOST) {
        fprintf(stderr, "quoll: baseline: the %s ended with status %d\n", programs[who].name,
                WEXITSTATUS(status));
    }
    return EXIT_HOST;
}

static void report_memory(void)
{
    report_begin("memory");
    for (int who = 0; who < PROGRAMS; who++) {
        struct memory_use use;
        if (programs[who].pid == 0) {
            continue;
        }
        if (!memory_use_of(programs[who].pid, &use)) {
            die("read what a process uses from /proc");
        }
        printf("measure memory %s %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", programs[who].name,
               use.private_bytes, use.shared_bytes, use.kernel_bytes);
        summarise("memory: %-6s %5" PRIu64 " KiB private, %5" PRIu64 " KiB shared, %3" PRIu64
                  " KiB of the kernel",
                  programs[who].name, use.private_bytes / 1024, use.shared_bytes / 1024,
                  use.kernel_bytes / 1024);
    }
    report_end("memory");
}

static uint64_t cpu_time_of_all(void)
{
    uint64_t time = 0;
    for (int who = 0; who < PROGRAMS; who++) {
        time += programs[who].pid > 0 ? cpu_time_of(programs[who].pid) : 0;
    }
    return time;
}

static int report_idle(void)
{
    uint64_t wall = ticks_now();
    uint64_t cpu = cpu_time_of_all();
    int status = await_signal(IDLE_MS);
    wall = ticks_now() - wall;
    cpu = cpu_time_of_all() - cpu;
    if (status == GOING) {
        report_begin("idle");
        printf("measure idle %" PRIu64 " %" PRIu64 "\n", wall, cpu);
        report_end("idle");
        summarise("idle: %.3f ms of CPU time in %.0f ms", (double)cpu / 1e6, (double)wall / 1e6);
    }
    return status;
}

/* --- What can be measured --- */

static int nothing_while_resting(void)
{
    return GOING;
}

static int memory_while_resting(void)
{
    report_memory();
    report_flush();
    return GOING;
}

static int idle_while_resting(void)
{
    int status = report_idle();
    report_flush();
    return status;
}

struct task {
    const char *name;
    const char *client_task;
    int (*while_resting)(void); /* the client has measured, and all are there */
};

static const struct task startup_task = {"startup", "startup", nothing_while_resting};
static const struct task tasks[] = {
    {"latency", "latency", nothing_while_resting},
    {"throughput", "throughput", nothing_while_resting},
    {"memory", "rest", memory_while_resting},
    {"idle", "rest", idle_while_resting},
    {"fault", "fault", nothing_while_resting},
};
#define TASKS (sizeof(tasks) / sizeof(tasks[0]))

/* The client has measured. It goes on when all crashes have been reported. */
struct waiting {
    bool client;
    bool released;
    uint64_t reports;
};

static int release_client(const struct task *task, struct waiting *waiting)
{
    static const char go = 1;
    if (!waiting->client || waiting->released || notes->reports < waiting->reports) {
        return GOING;
    }
    waiting->released = true;
    int status = task->while_resting();
    if (status == GOING && send(ends.own_control, &go, 1, MSG_NOSIGNAL) != 1) {
        return GOING; /* it ended meanwhile: that is heard of */
    }
    return status;
}

/* What the client says. */
static int take_control(const struct task *task, struct waiting *waiting)
{
    char control;
    if (recv(ends.own_control, &control, 1, MSG_DONTWAIT) != 1) {
        return GOING; /* it ended: that is heard of */
    }
    if (control == CONTROL_ROLL) {
        sign_of(notes, PART_SUPERVISOR, false);
        return GOING;
    }
    waiting->client = true;
    return release_client(task, waiting);
}

/* Wait for one thing to happen, and take it. */
static int take_event(const struct task *task, struct waiting *waiting)
{
    enum { SIGNALS = PROGRAMS, CONTROL, FDS };
    struct pollfd fds[FDS];
    for (int who = 0; who < PROGRAMS; who++) {
        fds[who] = (struct pollfd){.fd = programs[who].pid > 0 ? programs[who].pidfd : -1,
                                   .events = POLLIN};
    }
    fds[SIGNALS] = (struct pollfd){.fd = signals, .events = POLLIN};
    fds[CONTROL] = (struct pollfd){.fd = ends.own_control, .events = POLLIN};
    if (poll(fds, FDS, -1) < 0) {
        die("wait for the programs");
    }
    if (fds[SIGNALS].revents) {
        return await_signal(0);
    }
    if (fds[CONTROL].revents & POLLIN) {
        return take_control(task, waiting);
    }
    for (int who = 0; who < PROGRAMS; who++) {
        if (fds[who].revents) {
            int status = take_end((enum who)who);
            return status == GOING ? release_client(task, waiting) : status;
        }
    }
    return GOING;
}

/* Start all, until the client ends. Returns an exit status; nothing of them is left. */
static int run_once(const struct task *task)
{
    bool crashes = strcmp(task->name, "fault") == 0;
    struct waiting waiting = {.reports = crashes && iterations > 0 ? CRASHES : 0};
    make_ends();
    notes->watched = crashes;
    start_plainly(LOGGER);
    start_plainly(SERVER);
    if (crashes) {
        start_plainly(CRASHER);
    }
    start_client(task->client_task);
    int status = GOING;
    while (status == GOING) {
        status = take_event(task, &waiting);
    }
    end_all();
    return status;
}

static void tell_task(const struct task *task)
{
    if (verbose) {
        fprintf(stderr, "quoll: baseline: measuring %s\n", task->name);
    }
}

static int run_task(const struct task *task)
{
    tell_task(task);
    int status = run_once(task);
    close_ends();
    return status;
}

/* From before the first process is made to the first answer, so many times. */
static int run_startup(uint64_t starts)
{
    struct sample *samples = calloc(starts + 1, sizeof(*samples));
    if (!samples) {
        die("keep so many samples");
    }
    tell_task(&startup_task);
    uint64_t first = ticks_now();
    int status = 0;
    for (uint64_t i = 0; i < starts && status == 0; i++) {
        uint64_t begin = ticks_now();
        status = run_once(&startup_task);
        samples[i].latency = notes->first_answer - begin;
        samples[i].timestamp = notes->first_answer - first;
        close_ends();
    }
    if (status == 0) {
        report_begin("startup");
        report_samples(samples, starts);
        report_end("startup");
        report_flush();
        summarise_samples("startup", samples, starts);
    }
    free(samples);
    return status;
}

/* --- The beginning --- */

static int run_named(const char *name, uint64_t given)
{
    bool all = strcmp(name, "all") == 0;
    bool known = false;
    int status = 0;
    if (all || strcmp(name, "startup") == 0) {
        known = true;
        status = run_startup(given == UINT64_MAX ? STARTS_DEFAULT : given);
    }
    for (size_t i = 0; i < TASKS && status == 0; i++) {
        if (all || strcmp(name, tasks[i].name) == 0) {
            known = true;
            status = run_task(&tasks[i]);
        }
    }
    if (!known) {
        fprintf(stderr,
                "quoll: baseline measures no '%s'\n      It measures startup, latency, throughput, "
                "memory, idle, fault, or all of them.\n",
                name);
        return EXIT_USAGE;
    }
    return status;
}

/* On one CPU, so that what is measured is not the way between two. */
static bool pin(long cpu)
{
    cpu_set_t set, one;
    if (sched_getaffinity(0, sizeof(set), &set) != 0) {
        die("ask which CPUs may be used");
    }
    for (int i = CPU_SETSIZE - 1; i >= 0 && cpu < 0; i--) {
        cpu = CPU_ISSET((size_t)i, &set) ? i : -1;
    }
    CPU_ZERO(&one);
    if (cpu < CPU_SETSIZE) {
        CPU_SET((size_t)cpu, &one);
    }
    if (sched_setaffinity(0, sizeof(one), &one) != 0) {
        fprintf(stderr,
                "quoll: baseline: cannot run on CPU %ld: %s\n"
                "      taskset -p $$ shows which CPUs there are for you, from 0.\n",
                cpu, strerror(errno));
        return false;
    }
    return true;
}

/* What a person's shell has us ignore stays ignored. */
static void catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    sigemptyset(&own_signals);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct sigaction action;
        sigaction(numbers[i], NULL, &action);
        if (action.sa_handler != SIG_IGN) {
            sigaddset(&own_signals, numbers[i]);
        }
    }
    sigprocmask(SIG_BLOCK, &own_signals, NULL);
    signals = signalfd(-1, &own_signals, SFD_CLOEXEC);
    if (signals < 0) {
        die("wait for signals");
    }
    signal(SIGPIPE, SIG_IGN); /* an error of write() then, and reported as one */
    signal(SIGCHLD, SIG_DFL);
}

static char *own_folder(void)
{
    static char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
    char *slash = length > 0 ? strrchr(path, '/') : NULL;
    if (!slash) {
        die("find the programs");
    }
    *slash = '\0';
    return path;
}

int main(int count, char **arguments)
{
    if (count < 5) {
        fprintf(stderr, "quoll: baseline: this is started by 'quoll baseline'\n");
        return EXIT_USAGE;
    }
    uint64_t given = strtoull(arguments[2], NULL, 10);
    iterations = given == UINT64_MAX ? ITERATIONS_DEFAULT : given;
    size_bytes = strtoull(arguments[3], NULL, 10);
    quiet = count > 5 && strcmp(arguments[5], "quiet") == 0;
    verbose = count > 5 && strcmp(arguments[5], "verbose") == 0;
    if (quiet) {
        summarise_nothing();
    }
    folder = own_folder();
    catch_signals();
    if (!pin(strtol(arguments[4], NULL, 10))) {
        return EXIT_HOST;
    }
    return run_named(arguments[1], given);
}
