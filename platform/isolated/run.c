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
#include "platform/isolated/breakpoints.h"
#include "platform/isolated/cell.h"
#include "platform/isolated/cpuid.h"
#include "platform/isolated/host.h"
#include "platform/isolated/instruction.h"
#include "platform/isolated/isolated.h"
#include "platform/isolated/stop.h"
#include "platform/isolated/thread.h"

#define CS_GUEST 0x33
#define SS_GUEST 0x2b

#define RFLAGS_FIXED 0x202
/* What a guest may have set: what others may set for it, and by itself the trap flag, NT, RF, AC and ID. */
#define FLAG_ALIGNMENT UINT64_C(0x40000)
#define RFLAGS_GUEST   (0xed7 | X86_FLAG_TRAP | 0x4000 | X86_FLAG_RESUME | FLAG_ALIGNMENT | 0x200000)

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
        (r[X86_RFLAGS] & RFLAGS_GUEST) | RFLAGS_FIXED | (thread->single_step ? X86_FLAG_TRAP : 0);
    resume->rsp = r[X86_RSP];
    resume->ss = SS_GUEST;
    /* Others would fault in the stub. */
    resume->fs_base = canonical(r[X86_FS_BASE]);
    resume->gs_base = canonical(r[X86_GS_BASE]);
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
        struct cell *victim = code == -EAGAIN ? oldest(platform, cell) : NULL;
        if (victim == NULL) {
            return code;
        }
        thread_evict_all(victim);
        table_remove(&platform->cells, victim->vspace);
        cell_free(victim);
        error->text[0] = '\0';
    }
}

/* Give the thread all that it needs to run. Cells, their threads and mappings are no guest's doing. */
static int prepare(struct platform *platform, struct thread *thread, struct cell *cell,
                   const char *name, struct platform_error *error)
{
    if (thread->cell == cell && cache_is_applied(cell)) {
        return 0;
    }
    uint64_t start_ns = host_now_ns();
    int code = place(platform, thread, cell, name, error);
    if (code == 0) {
        code = cache_apply(cell, error);
    }
    stolen_add(platform, host_now_ns() - start_ns);
    return code;
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

static enum run_result debug_exception(struct platform_thread *thread, uint64_t debug)
{
    thread->fault = (struct platform_fault){.vector = X86_DEBUG, .debug = debug};
    return RUN_FAULT;
}

/* Run a thread that sits in a slot of the cell, once. */
static enum run_result run_once(struct cell *cell, struct thread *thread,
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
        return debug_exception(request, X86_DEBUG_STEP);
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
    if (stop.result == RUN_FAULT &&
        (pages_written(cell, request) || cpuid_fetched(cell, request))) {
        stop.result = RUN_KICKED;
    }
    return cell->lost ? RUN_LOST : stop.result;
}

/* The trap flag did nothing but what it is for. */
static bool ended_a_step(enum run_result result, const struct platform_thread *thread)
{
    return result == RUN_FAULT && thread->fault.vector == X86_DEBUG &&
           thread->fault.debug == X86_DEBUG_STEP;
}

static bool traps_itself(const struct platform_thread *thread)
{
    return thread->registers->r[X86_RFLAGS] & X86_FLAG_TRAP;
}

static bool is_over(struct platform *platform, uint64_t until_ns)
{
    return host_now_ns() >= until_ns || bell_kicked(platform);
}

/* The instruction that has failed an alignment check, without one. */
static enum run_result run_unchecked(struct cell *cell, struct thread *thread,
                                     struct platform_thread *request, uint64_t until_ns)
{
    bool single_step = request->single_step;
    request->registers->r[X86_RFLAGS] &= ~FLAG_ALIGNMENT;
    request->single_step = true;
    enum run_result result = run_once(cell, thread, request, until_ns);
    request->registers->r[X86_RFLAGS] |= FLAG_ALIGNMENT;
    request->single_step = single_step;
    return result;
}

/* Run a thread that sits in a slot of the cell. Linux turns alignment checks on (CR0.AM), for programs
 * that set a flag; the real kernel does not. */
static enum run_result run_placed(struct cell *cell, struct thread *thread,
                                  struct platform_thread *request, uint64_t until_ns)
{
    enum run_result result = run_once(cell, thread, request, until_ns);
    while (result == RUN_FAULT && request->fault.vector == X86_ALIGNMENT_CHECK) {
        result = run_unchecked(cell, thread, request, until_ns);
        if (!ended_a_step(result, request) || request->single_step || traps_itself(request)) {
            break;
        }
        if (is_over(cell->platform, until_ns)) {
            return RUN_KICKED;
        }
        result = run_once(cell, thread, request, until_ns);
    }
    return result;
}

/* One instruction, with what the CPU would do about it and the host does not let it do. `debug` gets
 * what a debug exception behind the instruction would have to tell. */
static enum run_result run_step(struct cell *cell, struct thread *thread,
                                struct platform_thread *step, uint64_t until_ns, uint64_t *debug)
{
    struct instruction instruction;
    bool resumes = step->registers->r[X86_RFLAGS] & X86_FLAG_RESUME;
    *debug = resumes ? 0 : breakpoints_before(step->breakpoints, step->registers);
    if (*debug != 0) {
        return debug_exception(step, *debug);
    }
    if (instruction_fetch(cell, step->registers, &instruction)) {
        if (step->fpu_off && instruction_uses_fpu(&instruction)) {
            return faults_with(step, X86_DEVICE_NOT_AVAILABLE);
        }
        if (step->breakpoints != NULL) {
            *debug = breakpoints_behind(step->breakpoints, &instruction, step->registers);
        }
    }
    return run_placed(cell, thread, step, until_ns);
}

static enum run_result run_in_steps(struct cell *cell, struct thread *thread,
                                    struct platform_thread *request, uint64_t until_ns)
{
    struct platform_thread step = *request;
    step.single_step = true;
    enum run_result result;
    uint64_t debug;
    for (;;) {
        result = run_step(cell, thread, &step, until_ns, &debug);
        if (!ended_a_step(result, &step)) {
            break;
        }
        bool wanted = request->single_step || traps_itself(&step);
        step.fault.debug = debug | (wanted ? X86_DEBUG_STEP : 0);
        if (step.fault.debug != 0) {
            break;
        }
        if (is_over(cell->platform, until_ns)) {
            result = RUN_KICKED;
            break;
        }
    }
    request->fault = step.fault;
    return result;
}

/* At full speed: the CPU knows the breakpoints. */
static enum run_result run_freely(struct cell *cell, struct thread *thread,
                                  struct platform_thread *request, uint64_t until_ns)
{
    enum run_result result = run_placed(cell, thread, request, until_ns);
    if (result == RUN_FAULT && request->fault.vector == X86_DEBUG) {
        request->fault.debug |= breakpoints_hit(thread);
        /* Linux sets it, to get over the breakpoint; CPUs do not. */
        if (breakpoints_before(request->breakpoints, request->registers) & request->fault.debug) {
            request->registers->r[X86_RFLAGS] &= ~X86_FLAG_RESUME;
        }
    }
    return result;
}

/* Of a single step and a breakpoint at once Linux tells but one. */
static bool needs_steps(struct thread *thread, const struct platform_thread *request)
{
    bool steps = request->fpu_off || (request->breakpoints != NULL && request->single_step);
    return !breakpoints_set(thread, steps ? NULL : request->breakpoints) || steps;
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
    if (cell->lost || prepare(platform, thread, cell, request->name, error) != 0) {
        return lost(platform, cell, error);
    }
    enum run_result result = needs_steps(thread, request)
                                 ? run_in_steps(cell, thread, request, until_ns)
                                 : run_freely(cell, thread, request, until_ns);
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
