/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* One run of a thread, from the kernel's side. platform/README.md tells it as a story. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/x86/exceptions.h"
#include "platform/isolated/bases.h"
#include "platform/isolated/bell.h"
#include "platform/isolated/cell.h"
#include "platform/isolated/fpu_off.h"
#include "platform/isolated/host.h"
#include "platform/isolated/isolated.h"
#include "platform/isolated/stop.h"
#include "platform/isolated/thread.h"

#define CS_GUEST 0x33
#define SS_GUEST 0x2b

#define RFLAGS_FIXED 0x202
#define RFLAGS_GUEST 0xed7 /* what a guest may have set, as the real kernel has it */
#define RFLAGS_TF    0x100

#define CANONICAL_TOP 0x800000000000u

static uint64_t canonical(uint64_t address)
{
    return address < CANONICAL_TOP || address >= -(uint64_t)CANONICAL_TOP ? address : 0;
}

static void write_resume(struct stub_resume *resume, const struct platform_thread *thread)
{
    const uint64_t *r = thread->registers->r;
    resume->r15 = r[X86_R15];
    resume->r14 = r[X86_R14];
    resume->r13 = r[X86_R13];
    resume->r12 = r[X86_R12];
    resume->r11 = r[X86_R11];
    resume->r10 = r[X86_R10];
    resume->r9 = r[X86_R9];
    resume->r8 = r[X86_R8];
    resume->rbp = r[X86_RBP];
    resume->rdi = r[X86_RDI];
    resume->rsi = r[X86_RSI];
    resume->rdx = r[X86_RDX];
    resume->rcx = r[X86_RCX];
    resume->rbx = r[X86_RBX];
    resume->rax = r[X86_RAX];
    resume->rip = r[X86_RIP];
    resume->cs = CS_GUEST;
    resume->rflags =
        (r[X86_RFLAGS] & RFLAGS_GUEST) | RFLAGS_FIXED | (thread->single_step ? RFLAGS_TF : 0);
    resume->rsp = r[X86_RSP];
    resume->ss = SS_GUEST;
    /* Others would fault in the stub. */
    resume->fs_base = canonical(r[X86_FS_BASE]);
    resume->gs_base = canonical(r[X86_GS_BASE]);
}

/* The cell of a VSpace, made if there is none. NULL: the host has no memory. */
static struct cell *cell_of(struct platform *platform, paddr vspace)
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

static enum run_result lost(struct platform *platform, struct cell *cell,
                            struct platform_error *error)
{
    if (cell->lost && error->text[0] == '\0') {
        snprintf(error->text, sizeof(error->text), "the process of a VSpace has ended: %s",
                 cell->why);
    }
    if (cell->lost) {
        table_remove(&platform->cells, cell->vspace);
        cell_free(cell);
    }
    return RUN_LOST;
}

/* The live cell that has not run for the longest time. */
static struct cell *oldest(const struct platform *platform, const struct cell *but)
{
    struct cell *found = NULL;
    for (size_t i = 0; i < platform->cells.capacity; i++) {
        struct cell *cell = platform->cells.entries[i].value;
        if (cell != NULL && cell != but && cell->process != 0 &&
            (found == NULL || cell->last_run < found->last_run)) {
            found = cell;
        }
    }
    return found;
}

/* Give the thread a place in the cell. If the host has no room for one process more, other cells make
 * room: theirs can be made again when they are needed. */
static int place(struct platform *platform, struct thread *thread, struct cell *cell,
                 const char *name, struct platform_error *error)
{
    for (;;) {
        int code = cell_start(cell, platform->options.ram_fd, error);
        if (code == 0) {
            code = thread_place(thread, cell, name, error);
        }
        struct cell *victim = oldest(platform, cell);
        if (code != -EAGAIN || victim == NULL) {
            return code;
        }
        thread_evict_all(victim);
        table_remove(&platform->cells, victim->vspace);
        cell_free(victim);
        error->text[0] = '\0';
    }
}

static void load_fpu(struct thread *thread, struct stub_resume *resume)
{
    resume->fpu = STUB_FPU_KEEP;
    if (thread->fpu != NULL) {
        memcpy((uint8_t *)resume + SLOT_FPU_LOAD, thread->fpu, SLOT_FPU_BYTES);
        resume->fpu = STUB_FPU_LOAD;
        free(thread->fpu);
        thread->fpu = NULL;
    }
}

/* Linux fills its page tables when pages are touched. A mapping that does not allow an access was there
 * all the same, as far as a guest can tell. */
static void mark_present(const struct cell *cell, struct platform_fault *fault)
{
    if (fault->vector != X86_PAGE_FAULT) {
        return;
    }
    if (cache_find(cell, fault->address) != NULL) {
        fault->error |= X86_FAULT_PRESENT;
    } else {
        fault->error &= ~(uint64_t)X86_FAULT_PRESENT; /* the stub's own pages, or Linux's */
    }
}

static void count(struct platform *platform, struct cell *cell, unsigned slot, struct stop stop)
{
    struct platform_stats *stats = &platform->stats;
    if (stop.result == RUN_SYSCALL) {
        stats->traps += stop.trapped;
        stats->rewritten += !stop.trapped;
    }
    stats->switches += platform->last != cell || platform->last_slot != slot;
    platform->last = cell;
    platform->last_slot = slot;
}

/* What a stop means for the cell, and what the cell knows about the stop. */
static void settle(struct cell *cell, struct platform_thread *thread, struct stop stop)
{
    if (stop.result == RUN_LOST) {
        cell_kill(cell, "the host has no memory for what the guest touched");
    } else if (stop.result == RUN_SYSCALL && stop.trapped) {
        rewrite_site(cell, thread->registers->r[X86_RIP]);
    } else if (stop.result == RUN_SYSCALL) {
        rewrite_arrived(cell, thread->registers->r[X86_RIP]);
    } else if (stop.result == RUN_FAULT) {
        mark_present(cell, &thread->fault);
        if (thread->fault.vector == X86_DEBUG) {
            rewrite_stepped_into_thunk(cell, thread->registers);
        }
    }
}

static enum run_result faults_with(struct platform_thread *thread, uint8_t vector)
{
    thread->fault = (struct platform_fault){.vector = vector};
    return RUN_FAULT;
}

/* Run a thread that sits in a slot of the cell. */
static enum run_result run_placed(struct cell *cell, struct thread *thread,
                                  struct platform_thread *request, uint64_t until_ns)
{
    struct platform *platform = cell->platform;
    uint64_t rip = request->registers->r[X86_RIP];
    if (canonical(rip) != rip) {
        return faults_with(request, X86_GENERAL_PROTECTION);
    }
    enum rewrite_resume resume = rewrite_resume(cell, request);
    if (cell->lost) {
        return RUN_LOST;
    }
    if (resume == RESUME_SYSCALL) {
        platform->stats.rewritten++;
        return RUN_SYSCALL;
    }
    if (resume == RESUME_STEPPED) {
        return faults_with(request, X86_DEBUG);
    }

    unsigned slot = thread->slot;
    write_resume(cell_resume(cell, slot), request);
    bases_resume(cell, slot);
    load_fpu(thread, cell_resume(cell, slot));
    if (!bell_exchange(cell, slot, until_ns)) {
        return RUN_LOST;
    }
    struct stop stop = stop_read(cell_save(cell, slot), request);
    bases_stop(cell, slot, request->registers);
    count(platform, cell, slot, stop);
    settle(cell, request, stop);
    if (stop.result == RUN_FAULT && rewrite_written(cell, &request->fault)) {
        stop.result = RUN_KICKED;
    }
    return cell->lost ? RUN_LOST : stop.result;
}

/* A step that ended where the guest did nothing but go on. */
static bool is_step(enum run_result result, const struct platform_thread *step)
{
    return result == RUN_FAULT && step->fault.vector == X86_DEBUG &&
           !(step->registers->r[X86_RFLAGS] & RFLAGS_TF);
}

static enum run_result run_without_fpu(struct cell *cell, struct thread *thread,
                                       struct platform_thread *request, uint64_t until_ns)
{
    struct platform_thread step = *request;
    step.single_step = true;
    enum run_result result;
    for (;;) {
        if (fpu_off_faults(cell, step.registers)) {
            result = faults_with(&step, X86_DEVICE_NOT_AVAILABLE);
            break;
        }
        result = run_placed(cell, thread, &step, until_ns);
        if (!is_step(result, &step) || request->single_step) {
            break;
        }
        if (host_now_ns() >= until_ns || bell_kicked(cell->platform)) {
            result = RUN_KICKED;
            break;
        }
    }
    request->fault = step.fault;
    return result;
}

enum run_result platform_run(struct platform *platform, struct platform_thread *request,
                             uint64_t until_ns, struct platform_error *error)
{
    assert(request->vspace != 0);
    error->text[0] = '\0';
    platform->stats.runs++;
    if (bell_kicked(platform)) {
        return RUN_KICKED;
    }

    struct thread *thread = thread_of(platform, request->tcb);
    struct cell *cell = cell_of(platform, request->vspace);
    if (thread == NULL || cell == NULL) {
        host_failed(error, ENOMEM, "remember a thread or a VSpace");
        return RUN_LOST;
    }
    cell->last_run = thread->last_run = platform->stats.runs;
    uint64_t start_ns = host_now_ns();
    if (cell->lost || place(platform, thread, cell, request->name, error) != 0 ||
        cache_apply(cell, error) != 0) {
        return lost(platform, cell, error);
    }
    /* A cell, its threads and mappings are no guest's doing. */
    stolen_add(platform, host_now_ns() - start_ns);
    enum run_result result = request->fpu_off ? run_without_fpu(cell, thread, request, until_ns)
                                              : run_placed(cell, thread, request, until_ns);
    /* A kick that met another stop is told next time: a caller may look for it nowhere else. */
    if (result == RUN_KICKED) {
        bell_kicked(platform);
    }
    platform->stats.faults += result == RUN_FAULT;
    return result == RUN_LOST ? lost(platform, cell, error) : result;
}

uint8_t *platform_fpu(struct platform *platform, paddr tcb)
{
    struct thread *thread = table_find(&platform->threads, tcb);
    return thread == NULL ? NULL : thread_fpu(thread);
}

void platform_idle(struct platform *platform, uint64_t until_ns)
{
    bell_idle(platform, until_ns);
}

/* The cell that is to get a mapping. NULL: there is no memory for it, or it is lost, and the mapping is
 * forgotten. */
static struct cell *cell_to_map(struct platform *platform, paddr vspace,
                                const struct mapping *mapping)
{
    uint64_t bytes = mapping->end - mapping->first;
    assert(mapping->first < mapping->end);
    assert(mapping->end <= X86_USER_TOP);
    assert(mapping->frame + bytes <= platform->options.ram_bytes);
    if (mapping->writable) {
        rewrite_writable(platform, mapping->frame, bytes);
    }
    struct cell *cell = cell_of(platform, vspace);
    return cell != NULL && !cell->lost ? cell : NULL;
}

void platform_map(struct platform *platform, paddr vspace, uint64_t vaddr, paddr frame,
                  uint64_t bytes, bool writable)
{
    struct mapping mapping = {
        .first = vaddr, .end = vaddr + bytes, .frame = frame, .writable = writable};
    struct cell *cell = cell_to_map(platform, vspace, &mapping);
    if (cell != NULL) {
        cache_add(cell, mapping);
    }
}

void platform_fill(struct platform *platform, paddr vspace, uint64_t vaddr, paddr frame,
                   uint64_t bytes, bool writable)
{
    struct mapping mapping = {
        .first = vaddr, .end = vaddr + bytes, .frame = frame, .writable = writable};
    struct cell *cell = cell_to_map(platform, vspace, &mapping);
    if (cell != NULL) {
        cache_fill(cell, mapping);
    }
}

void platform_writes(struct platform *platform, paddr page)
{
    rewrite_writable(platform, page, 0x1000);
}

void platform_unmap(struct platform *platform, paddr vspace, uint64_t vaddr, uint64_t bytes)
{
    struct cell *cell = table_find(&platform->cells, vspace);
    if (cell != NULL && !cell->lost) {
        cache_remove(cell, vaddr, vaddr + bytes);
    }
}

void platform_release_vspace(struct platform *platform, paddr vspace)
{
    struct cell *cell = table_find(&platform->cells, vspace);
    if (cell != NULL) {
        table_remove(&platform->cells, vspace);
        cell_free(cell);
    }
}

void platform_release_thread(struct platform *platform, paddr tcb)
{
    struct thread *thread = table_find(&platform->threads, tcb);
    if (thread != NULL) {
        thread_free(platform, thread);
    }
}

void platform_stats(const struct platform *platform, struct platform_stats *stats)
{
    *stats = platform->stats;
}
