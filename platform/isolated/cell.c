/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "platform/isolated/cell.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "platform/isolated/host.h"
#include "platform/isolated/isolated.h"
#include "platform/isolated/mapper.h"
#include "platform/isolated/stolen.h"
#include "platform/isolated/thread.h"
#include "platform/isolated/thunk.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008u
#endif

static const char *stub_exit_reason(int status)
{
    switch (status) {
    case STUB_EXIT_SETUP:
        return "Linux refused a system call of its set-up";
    case STUB_EXIT_ORPHAN:
        return "the kernel's process had died";
    case STUB_EXIT_TRAP:
        return "Linux refused Syscall User Dispatch";
    case STUB_EXIT_SECCOMP:
        return "Linux refused a seccomp filter: Quoll cannot isolate guests without";
    default:
        return "it exited by itself";
    }
}

static void reaped(struct cell *cell, int status)
{
    stolen_end(cell); /* if that has not been done while its clock was there */
    cell->lost = true;
    cell->process = 0;
    cell->platform->stats.cells_lost++;
    if (cell->why[0] != '\0') {
        return;
    }
    if (WIFSIGNALED(status)) {
        snprintf(cell->why, sizeof(cell->why), "killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    } else {
        snprintf(cell->why, sizeof(cell->why), "%s", stub_exit_reason(WEXITSTATUS(status)));
    }
}

bool cell_has_died(struct cell *cell)
{
    int status = 0;
    if (cell->process != 0) {
        pid_t pid = waitpid(cell->process, &status, WNOHANG | __WALL);
        /* Somebody else reaped it: a program that ignores SIGCHLD has Linux do so. */
        if (pid == cell->process || (pid < 0 && errno == ECHILD)) {
            reaped(cell, status);
        }
    }
    return cell->lost;
}

void cell_reap(struct cell *cell)
{
    int status = SIGKILL;
    if (cell->process != 0) {
        stolen_end(cell);
        /* Once it is reaped its numbers may be somebody else's. */
        alarm_clear(cell->platform);
        platform_outlive_kickers(cell->platform);
        while (waitpid(cell->process, &status, __WALL) < 0 && errno == EINTR) {
        }
        reaped(cell, status);
    }
}

void cell_kill(struct cell *cell, const char *why)
{
    if (cell->process != 0) {
        snprintf(cell->why, sizeof(cell->why), "%s", why);
        kill(cell->process, SIGKILL);
        cell_reap(cell);
    }
}

void cell_free(struct cell *cell)
{
    if (cell->control != NULL) {
        cell_kill(cell, "no longer needed");
        for (unsigned i = 0; i < cell->slots_made; i++) {
            if (cell->slots[i].owner != NULL) {
                thread_lost(cell->slots[i].owner);
            }
        }
        platform_outlive_kickers(cell->platform);
        munmap(cell->control, CONTROL_BYTES);
        close(cell->reply);
        cell->platform->stats.cells_live--;
    }
    if (cell->platform->last == cell) {
        cell->platform->last = NULL;
    }
    pages_free(cell);
    cache_free(&cell->cache);
    free(cell);
}

struct cell *cell_make(struct platform *platform, paddr vspace)
{
    struct cell *cell = host.calloc(1, sizeof(*cell));
    if (cell != NULL) {
        cell->platform = platform;
        cell->vspace = vspace;
    }
    return cell;
}

/* Linux before 6.3 does not know MFD_NOEXEC_SEAL; later ones may insist on it. */
static int control_memfd(void)
{
    int fd = host.memfd_create("quoll-control", MFD_CLOEXEC | MFD_NOEXEC_SEAL);
    if (fd < 0 && errno == EINVAL) {
        fd = host.memfd_create("quoll-control", MFD_CLOEXEC);
    }
    return fd;
}

static int make_control(struct cell *cell, int *control, struct platform_error *error)
{
    *control = control_memfd();
    if (*control < 0) {
        return host_failed(error, errno, "make memory for a cell (memfd_create)");
    }
    if (host.ftruncate(*control, CONTROL_BYTES) != 0) {
        int code = errno;
        close(*control);
        return host_failed(error, code, "size the memory of a cell (ftruncate)");
    }
    void *memory = host.mmap(NULL, CONTROL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, *control, 0);
    if (memory == MAP_FAILED) {
        int code = errno;
        close(*control);
        return host_failed(error, code, "map the control memory of a cell (mmap)");
    }
    cell->control = memory;
    return 0;
}

static void drop_control(struct cell *cell)
{
    munmap(cell->control, CONTROL_BYTES);
    cell->control = NULL;
}

/* The control memory and the pipe exist; make the process. Closes the cell's ends of both. */
static int spawn(struct cell *cell, int ram, int control, int reply, struct platform_error *error)
{
    cell_orders(cell)->parent = (uint64_t)getpid();
    cell->process = host.spawn(&(struct host_spawn){
        .program = cell->platform->stub_fd, .ram = ram, .control = control, .reply = reply});
    int code = errno;
    close(control);
    close(reply);
    if (cell->process < 0) {
        cell->process = 0;
        return host_failed(error, code, "start a process for a VSpace");
    }
    code = mapper_wait(cell);
    if (code != 0) {
        cell_kill(cell, "Linux would not unmap what it gave the process");
        snprintf(error->text, sizeof(error->text), "the process of a VSpace ended at once: %s",
                 cell->why);
        cell->lost = false;
        cell->why[0] = '\0';
    }
    return code;
}

int cell_start(struct cell *cell, int ram, struct platform_error *error)
{
    if (cell->control != NULL) {
        return 0;
    }
    int control;
    int code = make_control(cell, &control, error);
    if (code != 0) {
        return code;
    }
    int pipe[2];
    if (host.pipe2(pipe, O_CLOEXEC) != 0) {
        code = errno;
        close(control);
        drop_control(cell);
        return host_failed(error, code, "make a pipe to a cell");
    }
    cell->reply = pipe[0];
    code = spawn(cell, ram, control, pipe[1], error);
    if (code != 0) {
        close(cell->reply);
        drop_control(cell);
        return code;
    }
    cell->platform->stats.cells_made++;
    cell->platform->stats.cells_live++;
    return cell->platform->options.rewrite ? thunk_map(cell) : 0;
}

struct cell *cell_of(struct platform *platform, paddr vspace)
{
    struct cell *cell = table_find(&platform->cells, vspace);
    if (cell == NULL) {
        cell = cell_make(platform, vspace);
        if (cell != NULL && table_insert(&platform->cells, vspace, cell) != 0) {
            cell_free(cell);
            cell = NULL;
        }
    }
    return cell;
}
