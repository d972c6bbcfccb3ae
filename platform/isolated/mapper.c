/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "platform/isolated/mapper.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>

#include "platform/isolated/host.h"
#include "platform/isolated/isolated.h"

int mapper_wait(struct cell *cell)
{
    uint8_t answer;
    ssize_t got;
    uint64_t start = host_now_ns();
    do {
        got = host.read(cell->reply, &answer, 1);
    } while (got < 0 && errno == EINTR);
    watch_grant(cell, host_now_ns() - start);
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
    host.futex_wake(&orders->sequence);
    return mapper_wait(cell);
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
