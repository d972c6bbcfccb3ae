/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "platform/isolated/mapper.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>

#include "platform/isolated/host.h"
#include "platform/isolated/isolated.h"

/* Watch for the answer. -1: there is none, or Linux lets nobody look without waiting. */
static ssize_t read_soon(struct cell *cell, uint8_t *answer)
{
    uint64_t until = host_now_ns() + BESIDE_CORE_NS;
    ssize_t got;
    do {
        got = host.read_now(cell->reply, answer, 1);
    } while (got < 0 && errno == EAGAIN && host_now_ns() < until);
    if (got < 0) {
        host.futex_wake(&cell_orders(cell)->sequence);
    }
    return got;
}

static int wait_for_answer(struct cell *cell, bool soon)
{
    uint8_t answer;
    uint64_t start = host_now_ns();
    ssize_t got = soon ? read_soon(cell, &answer) : -1;
    while (got < 0) {
        got = host.read(cell->reply, &answer, 1);
        if (got < 0 && errno != EINTR) {
            break;
        }
    }
    watch_grant_woken(cell, host_now_ns() - start);
    if (got == 1) {
        return -(int)answer;
    }
    if (got == 0) {
        cell_reap(cell);
    } else {
        cell_kill(cell, "its mapper cannot be heard");
    }
    return -EPIPE;
}

int mapper_wait(struct cell *cell)
{
    return wait_for_answer(cell, false);
}

int mapper_run(struct cell *cell)
{
    struct stub_orders *orders = cell_orders(cell);
    if (cell->lost) {
        return -EPIPE;
    }
    if (cell->ordered == 0) {
        return 0;
    }
    orders->count = cell->ordered;
    cell->ordered = 0;
    __atomic_fetch_add(&orders->sequence, 1, __ATOMIC_SEQ_CST);
    bool soon = beside_hand_over(cell);
    if (!soon) {
        host.futex_wake(&orders->sequence);
    }
    int code = wait_for_answer(cell, soon);
    beside_answered(cell);
    return code;
}

static int order(struct cell *cell, struct stub_order what)
{
    if (cell->ordered == STUB_ORDERS_MAX) {
        int code = mapper_run(cell);
        if (code != 0) {
            return code;
        }
    }
    cell_orders(cell)->order[cell->ordered++] = what;
    return 0;
}

int mapper_map(struct cell *cell, uint64_t address, uint64_t bytes, int prot, int flags, int fd,
               uint64_t offset)
{
    cell->platform->stats.maps++;
    return order(cell, (struct stub_order){.number = SYS_mmap,
                                           .args = {address, bytes, (uint64_t)prot, (uint64_t)flags,
                                                    (uint64_t)fd, offset}});
}

int mapper_unmap(struct cell *cell, uint64_t address, uint64_t bytes)
{
    cell->platform->stats.unmaps++;
    return order(cell, (struct stub_order){.number = SYS_munmap, .args = {address, bytes}});
}

int mapper_clone(struct cell *cell, unsigned slot)
{
    uint64_t base = STUB_SLOTS + (uint64_t)slot * SLOT_BYTES;
    uint64_t flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
                     CLONE_SYSVSEM | CLONE_PARENT_SETTID;
    uint64_t thread_id = base + SLOT_SAVE + offsetof(struct stub_save, thread_id);
    return order(cell, (struct stub_order){.number = SYS_clone,
                                           .args = {flags, base + SLOT_STACK_TOP, thread_id},
                                           .slot = base});
}
