/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "platform/isolated/slot.h"

#include <asm/prctl.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "platform/isolated/host.h"
#include "platform/isolated/isolated.h"
#include "platform/isolated/mapper.h"

#define DATA(field) ((uint32_t)offsetof(struct seccomp_data, field))
#define LOW(word)   ((uint32_t)(word))
#define HIGH(word)  ((uint32_t)((uint64_t)(word) >> 32))

/*
 * What a thread that runs guest code may ask of Linux: to wait on its own wake word and to wake the
 * kernel on the cell's bell, or the mapper, from the text of the stub. And, as the filter has to be there before the
 * first signal comes, to unblock the stub's signals: that one mask, which it cannot write. And, where
 * Linux has to set them, to set its own FS and GS base. All else traps, which is also how a system call
 * of seL4 gets in where Linux has no Syscall User Dispatch.
 *
 * The number decides only within the stub's text: in a guest, rax is garbage.
 */
static unsigned write_filter(struct sock_filter *code, uint64_t wake, uint64_t signals,
                             bool bases_by_linux)
{
    enum { MASK = 21, BASES = 32, ALLOW = 38, TRAP = 39 };
    const int others = bases_by_linux ? BASES : TRAP;
#define TO(target, line) ((target) - (line)-1) /* stands in that line */
    const struct sock_filter filter[TRAP + 1] = {
        [0] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(arch)),
        [1] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, TO(TRAP, 1)),
        [2] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(instruction_pointer) + 4),
        [3] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, HIGH(STUB_BASE), 0, TO(TRAP, 3)),
        [4] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(instruction_pointer)),
        [5] = BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, LOW(STUB_BASE), 0, TO(TRAP, 5)),
        [6] = BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, LOW(STUB_BASE + STUB_TEXT_BYTES), TO(TRAP, 6), 0),
        [7] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(nr)),
        [8] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_futex, 0, TO(MASK, 8)),
        /* futex(word, operation) */
        [9] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(args[1]) + 4),
        [10] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, TO(TRAP, 10)),
        [11] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(args[0]) + 4),
        [12] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, HIGH(STUB_BASE), 0, TO(TRAP, 12)),
        [13] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(args[1])),
        [14] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FUTEX_WAKE, 0, 3),
        [15] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(args[0])),
        [16] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LOW(STUB_BELL), TO(ALLOW, 16), 0),
        [17] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LOW(STUB_ORDERS), TO(ALLOW, 17), TO(TRAP, 17)),
        [18] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FUTEX_WAIT, 0, TO(TRAP, 18)),
        [19] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(args[0])),
        [20] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LOW(wake), TO(ALLOW, 20), TO(TRAP, 20)),
        /* rt_sigprocmask(how, set, old) */
        [MASK] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigprocmask, 0, TO(others, MASK)),
        [22] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(args[0])),
        [23] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SIG_SETMASK, 0, TO(TRAP, 23)),
        [24] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(args[1])),
        [25] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LOW(signals), 0, TO(TRAP, 25)),
        [26] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(args[1]) + 4),
        [27] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, HIGH(signals), 0, TO(TRAP, 27)),
        [28] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(args[2])),
        [29] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, TO(TRAP, 29)),
        [30] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(args[2]) + 4),
        [31] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, TO(ALLOW, 31), TO(TRAP, 31)),
        /* arch_prctl(which, base) */
        [BASES] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_arch_prctl, 0, TO(TRAP, BASES)),
        [33] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(args[0]) + 4),
        [34] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, TO(TRAP, 34)),
        [35] = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, DATA(args[0])),
        [36] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH_SET_FS, TO(ALLOW, 36), 0),
        [37] = BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH_SET_GS, TO(ALLOW, 37), TO(TRAP, 37)),
        [ALLOW] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        [TRAP] = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
    };
#undef TO
    _Static_assert(HIGH(STUB_BASE) == HIGH(STUB_BASE + STUB_HIGH_BYTES), "one high word");
    memcpy(code, filter, sizeof(filter));
    return TRAP + 1;
}

/* All but those that the stub takes. */
static uint64_t blocked_signals(void)
{
    static const int taken[] = {
        SIGSYS, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, STUB_SIGNAL_PREEMPT};
    uint64_t blocked = ~0ul;
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        blocked &= ~(1ul << (taken[i] - 1));
    }
    return blocked;
}

static void write_resume(struct cell *cell, unsigned slot, const char *name)
{
    struct stub_resume *resume = cell_resume(cell, slot);
    uint64_t base = STUB_SLOTS + (uint64_t)slot * SLOT_BYTES;

    resume->fpu_mask = cell->platform->fpu_mask;
    resume->stack[0] = base + SLOT_STACK;
    resume->stack[1] = 0;
    resume->stack[2] = SLOT_STACK_TOP - SLOT_STACK;
    resume->signals = blocked_signals();
    resume->dispatch = cell->platform->user_dispatch;
    resume->trap_tsc = cell->platform->options.trap_tsc;
    snprintf(resume->name, sizeof(resume->name), "%s", name[0] != '\0' ? name : "quoll-thread");

    _Static_assert(sizeof(resume->filter_code[0]) == sizeof(struct sock_filter), "same layout");
    resume->filter[0] =
        write_filter((struct sock_filter *)(void *)resume->filter_code, base + RESUME_WAKE,
                     base + RESUME_SIGNALS, cell->platform->bases_by_linux);
    resume->filter[1] = base + offsetof(struct stub_resume, filter_code);
}

static int order_pages(struct cell *cell, unsigned slot)
{
    uint64_t base = STUB_SLOTS + (uint64_t)slot * SLOT_BYTES;
    int flags = MAP_SHARED | MAP_FIXED;
    int code =
        mapper_map(cell, base, SLOT_SAVE, PROT_READ, flags, CELL_FD_CONTROL, CONTROL_SLOT(slot));
    if (code == 0) {
        code = mapper_map(cell, base + SLOT_SAVE, SLOT_BYTES - SLOT_SAVE, PROT_READ | PROT_WRITE,
                          flags, CELL_FD_CONTROL, CONTROL_SLOT(slot) + SLOT_SAVE);
    }
    return code;
}

int slot_make(struct cell *cell, const char *name, unsigned *made, struct platform_error *error)
{
    unsigned slot = cell->slots_made;
    if (slot == STUB_SLOTS_MAX) {
        return host_refused(error, EAGAIN, "make one more thread in a cell", NULL);
    }
    write_resume(cell, slot, name);
    beside_leave(cell);
    int code = order_pages(cell, slot);
    if (code == 0) {
        code = mapper_clone(cell, slot);
    }
    if (code == 0) {
        code = mapper_run(cell);
    }
    if (code == 0) {
        cell->slots[slot] = (struct slot){.thread_id = (pid_t)cell_save(cell, slot)->thread_id};
        cell->slots_made++;
        *made = slot;
        return 0;
    }
    if (cell->lost) {
        snprintf(error->text, sizeof(error->text), "the process of a VSpace ended: %s", cell->why);
        return code;
    }
    host_failed(error, -code, "make a thread in a cell");
    if (code != -EAGAIN) {
        cell_kill(cell, error->text);
    }
    return code;
}
