/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Backtraces, by elfutils: call frame information where the program has it, else frame pointers.
 * Guest memory is read through the kernel's page tables.
 */
#include "machine/backtrace.h"

#include "abi/message.h"
#include "abi/x86/exceptions.h"
#include "machine/guest.h"

#include <elfutils/libdwfl.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Frames that are told, and that are walked: those of a recursion are told once. */
#define FRAMES_TOLD_MAX   24
#define FRAMES_WALKED_MAX 1000
/* A function that takes a large frame can step over some pages before it touches one. */
#define STACK_STEP_BYTES 0x10000
#define PAGE_BYTES       UINT64_C(4096)

struct program {
    struct program *next;
    char *thread;
    char *path;
};

struct backtrace {
    struct kernel *kernel;
    const struct memory *memory;
    struct program *programs;
};

/* One fault being explained. */
struct trace {
    struct backtrace *backtrace;
    const struct kernel_fault *fault;
    uint64_t pc; /* where unwinding starts, and with which stack */
    uint64_t sp;
    unsigned frames; /* told */
    unsigned walked;
    uint64_t last_pc; /* told last, and how often it came again */
    unsigned repeats;
    void (*line)(void *context, const char *text);
    void *context;
};

struct backtrace *backtrace_open(struct kernel *kernel, const struct memory *memory)
{
    struct backtrace *backtrace = calloc(1, sizeof(*backtrace));
    if (backtrace) {
        *backtrace = (struct backtrace){.kernel = kernel, .memory = memory};
    }
    return backtrace;
}

static void free_program(struct program *program)
{
    free(program->thread);
    free(program->path);
    free(program);
}

void backtrace_close(struct backtrace *backtrace)
{
    if (!backtrace) {
        return;
    }
    while (backtrace->programs) {
        struct program *next = backtrace->programs->next;
        free_program(backtrace->programs);
        backtrace->programs = next;
    }
    free(backtrace);
}

int backtrace_add_program(struct backtrace *backtrace, const char *thread, const char *path)
{
    struct program *program = calloc(1, sizeof(*program));
    if (!program) {
        return -ENOMEM;
    }
    program->thread = strdup(thread);
    program->path = strdup(path);
    if (!program->thread || !program->path) {
        free_program(program);
        return -ENOMEM;
    }
    program->next = backtrace->programs;
    backtrace->programs = program;
    return 0;
}

static const struct program *find_program(const struct backtrace *backtrace, const char *thread)
{
    for (const struct program *p = backtrace->programs; p; p = p->next) {
        if (thread && strcmp(p->thread, thread) == 0) {
            return p;
        }
    }
    return NULL;
}

bool backtrace_knows(const struct backtrace *backtrace, const char *thread)
{
    return find_program(backtrace, thread) != NULL;
}

/* --- What happened --- */

static void say(const struct trace *trace, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(const struct trace *trace, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    trace->line(trace->context, text);
}

static bool is_mapped(const struct trace *trace, uint64_t vaddr)
{
    struct kernel_mapping mapping;
    return kernel_translate(trace->backtrace->kernel, trace->fault->vspace, vaddr, &mapping) &&
           mapping.readable;
}

static const char *exception_name(unsigned vector)
{
    switch (vector) {
    case X86_DIVIDE_ERROR:
        return "divided by zero";
    case X86_DEBUG:
        return "took a debug exception";
    case X86_BREAKPOINT:
        return "ran into a breakpoint instruction";
    case X86_INVALID_OPCODE:
        return "executed an illegal instruction";
    case X86_DEVICE_NOT_AVAILABLE:
        return "used the FPU, which is off for it";
    case X86_STACK_SEGMENT:
        return "used a stack address that cannot exist";
    case X86_GENERAL_PROTECTION:
        return "broke a protection rule: a privileged instruction, or an address that cannot exist";
    case X86_ALIGNMENT_CHECK:
        return "accessed memory at an unaligned address";
    default:
        return "took a CPU exception";
    }
}

static void say_memory_fault(const struct trace *trace, const char *name)
{
    const struct kernel_fault *fault = trace->fault;
    uint64_t pc = fault->registers->r[X86_RIP];
    if (fault->address_space_lost) {
        say(trace, "fault: '%s' lost its address space: the host killed the process that held it",
            name);
    } else if (fault->address == pc && !is_mapped(trace, pc)) {
        say(trace, "fault: '%s' jumped to 0x%" PRIx64 ", where nothing is mapped", name, pc);
    } else if (is_mapped(trace, fault->address)) {
        say(trace, "fault: '%s' wrote to 0x%" PRIx64 ", which it may only read", name,
            fault->address);
    } else {
        say(trace, "fault: '%s' %s 0x%" PRIx64 ", where nothing is mapped", name,
            (fault->error & X86_FAULT_WRITE) != 0 ? "wrote to" : "read from", fault->address);
    }
}

static void say_what(const struct trace *trace)
{
    const struct kernel_fault *fault = trace->fault;
    const char *name = fault->name && fault->name[0] != '\0' ? fault->name : "(unnamed thread)";
    switch (fault->label) {
    case FAULT_CAP:
        say(trace, "fault: '%s' used the cptr 0x%" PRIx64 ", where no cap can be looked up", name,
            fault->address);
        break;
    case FAULT_UNKNOWN_SYSCALL:
        say(trace, "fault: '%s' made system call %" PRId64 ", which does not exist", name,
            (int64_t)fault->address);
        break;
    case FAULT_USER_EXCEPTION:
        say(trace, "fault: '%s' %s (vector %u, error 0x%" PRIx64 ")", name,
            exception_name(fault->vector), fault->vector, fault->error);
        break;
    default:
        say_memory_fault(trace, name);
        break;
    }
}

/* --- Stack overflow --- */

static bool is_page_fault(const struct kernel_fault *fault)
{
    return fault->vector == X86_PAGE_FAULT && !fault->address_space_lost &&
           (fault->label == FAULT_VM_MCS || fault->label == FAULT_VM_CLASSIC);
}

/* The access was near the stack pointer, in unmapped memory, and the stack lies right above. */
static bool find_overflowed_stack(const struct trace *trace, uint64_t *stack_bottom)
{
    const struct kernel_fault *fault = trace->fault;
    uint64_t sp = fault->registers->r[X86_RSP];
    if (!is_page_fault(fault) || fault->address == fault->registers->r[X86_RIP] ||
        fault->address + STACK_STEP_BYTES < sp || fault->address > sp + STACK_STEP_BYTES ||
        is_mapped(trace, fault->address)) {
        return false;
    }
    uint64_t page = fault->address & ~(PAGE_BYTES - 1);
    for (uint64_t up = PAGE_BYTES; up <= STACK_STEP_BYTES; up += PAGE_BYTES) {
        if (is_mapped(trace, page + up)) {
            *stack_bottom = page + up;
            return true;
        }
    }
    return false;
}

/* --- Frames --- */

/* DWARF numbers of registers (System V ABI, x86-64, figure 3.36); 16 is the return address. */
static const enum x86_register dwarf_registers[17] = {
    X86_RAX, X86_RDX, X86_RCX, X86_RBX, X86_RSI, X86_RDI, X86_RBP, X86_RSP, X86_R8,
    X86_R9,  X86_R10, X86_R11, X86_R12, X86_R13, X86_R14, X86_R15, X86_RIP,
};

static pid_t one_thread(Dwfl *dwfl, void *argument, void **thread_argument)
{
    (void)dwfl;
    if (*thread_argument) {
        return 0;
    }
    *thread_argument = argument;
    return getpid();
}

static bool read_word(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *word, void *argument)
{
    const struct trace *trace = argument;
    (void)dwfl;
    return guest_read(trace->backtrace->kernel, trace->backtrace->memory, trace->fault->vspace,
                      address, word, sizeof(*word));
}

static bool set_registers(Dwfl_Thread *thread, void *argument)
{
    const struct trace *trace = argument;
    Dwarf_Word words[17];
    for (size_t i = 0; i < 17; i++) {
        words[i] = trace->fault->registers->r[dwarf_registers[i]];
    }
    words[7] = trace->sp;
    words[16] = trace->pc;
    return dwfl_thread_state_registers(thread, 0, 17, words);
}

/* Where a program has no index of its compilation units by address: clang writes none. */
static const char *source_by_units(Dwfl_Module *module, uint64_t pc, int *number)
{
    Dwarf_Die *unit = NULL;
    Dwarf_Addr bias;
    while ((unit = dwfl_module_nextcu(module, unit, &bias))) {
        if (dwarf_haspc(unit, pc - bias) > 0) {
            Dwarf_Line *line = dwarf_getsrc_die(unit, pc - bias);
            return line && dwarf_lineno(line, number) == 0 ? dwarf_linesrc(line, NULL, NULL) : NULL;
        }
    }
    return NULL;
}

static const char *source_of(Dwfl_Module *module, uint64_t pc, int *number)
{
    Dwfl_Line *line = dwfl_module_getsrc(module, pc);
    return line ? dwfl_lineinfo(line, NULL, number, NULL, NULL, NULL)
                : source_by_units(module, pc, number);
}

static void say_frame(struct trace *trace, Dwfl *dwfl, uint64_t pc, bool is_call)
{
    uint64_t inside = is_call ? pc - 1 : pc;
    const char *verb = trace->frames == 0 ? "at" : "called from";
    Dwfl_Module *module = dwfl ? dwfl_addrmodule(dwfl, inside) : NULL;
    GElf_Off offset = 0;
    GElf_Sym symbol;
    const char *function =
        module ? dwfl_module_addrinfo(module, inside, &offset, &symbol, NULL, NULL, NULL) : NULL;
    int line_number = 0;
    const char *file = module ? source_of(module, inside, &line_number) : NULL;
    trace->frames++;
    if (function && file) {
        say(trace, "       %s 0x%" PRIx64 " in %s, %s:%d", verb, pc, function, file, line_number);
    } else if (function) {
        say(trace, "       %s 0x%" PRIx64 " in %s+0x%" PRIx64, verb, pc, function,
            (uint64_t)offset + (is_call ? 1 : 0));
    } else {
        say(trace, "       %s 0x%" PRIx64, verb, pc);
    }
}

static void say_repeats(struct trace *trace)
{
    if (trace->repeats > 0) {
        say(trace, "       and %u time%s more from there", trace->repeats,
            trace->repeats == 1 ? "" : "s");
        trace->repeats = 0;
    }
}

static int visit_frame(Dwfl_Frame *frame, void *argument)
{
    struct trace *trace = argument;
    Dwarf_Addr pc;
    bool is_activation;
    /* The start of a program is called by nobody: its return address is not in it. */
    if (!dwfl_frame_pc(frame, &pc, &is_activation) || pc == 0) {
        return DWARF_CB_ABORT;
    }
    Dwfl *dwfl = dwfl_thread_dwfl(dwfl_frame_thread(frame));
    if (trace->frames > 0 && !dwfl_addrmodule(dwfl, pc)) {
        return DWARF_CB_ABORT;
    }
    trace->walked++;
    if (trace->frames > 0 && pc == trace->last_pc && trace->walked < FRAMES_WALKED_MAX) {
        trace->repeats++;
        return DWARF_CB_OK;
    }
    say_repeats(trace);
    if (trace->frames == FRAMES_TOLD_MAX || trace->walked == FRAMES_WALKED_MAX) {
        say(trace, "       and more");
        return DWARF_CB_ABORT;
    }
    bool is_call = !is_activation || trace->pc != trace->fault->registers->r[X86_RIP];
    say_frame(trace, dwfl, pc, is_call);
    trace->last_pc = pc;
    return DWARF_CB_OK;
}

/* Debug information is in the program, or nowhere: there is nothing to search the host for. */
static int no_debuginfo(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr base,
                        const char *file, const char *link, GElf_Word crc, char **found)
{
    (void)module, (void)userdata, (void)name, (void)base;
    (void)file, (void)link, (void)crc, (void)found;
    return -1;
}

static int no_elf(Dwfl_Module *module, void **userdata, const char *name, Dwarf_Addr base,
                  char **file, Elf **elf)
{
    (void)module, (void)userdata, (void)name, (void)base, (void)file, (void)elf;
    return -1;
}

static Dwfl *open_program(const char *path)
{
    static const Dwfl_Callbacks callbacks = {
        .find_elf = no_elf,
        .find_debuginfo = no_debuginfo,
        .section_address = dwfl_offline_section_address,
    };
    Dwfl *dwfl = dwfl_begin(&callbacks);
    if (!dwfl) {
        return NULL;
    }
    dwfl_report_begin(dwfl);
    Dwfl_Module *module = dwfl_report_elf(dwfl, path, path, -1, 0, false);
    dwfl_report_end(dwfl, NULL, NULL);
    if (!module) {
        dwfl_end(dwfl);
        return NULL;
    }
    return dwfl;
}

/* A jump to nowhere: the frame that it came from is on top of the stack, as after a call. */
static void step_back_from_nowhere(struct trace *trace, Dwfl *dwfl)
{
    uint64_t caller;
    if (dwfl_addrmodule(dwfl, trace->pc) ||
        !read_word(dwfl, trace->sp, (Dwarf_Word *)&caller, trace) ||
        !dwfl_addrmodule(dwfl, caller)) {
        return;
    }
    say_frame(trace, NULL, trace->pc, false);
    trace->pc = caller;
    trace->sp += sizeof(caller);
}

static void say_frames(struct trace *trace, const struct program *program)
{
    static const Dwfl_Thread_Callbacks thread_callbacks = {
        .next_thread = one_thread,
        .memory_read = read_word,
        .set_initial_registers = set_registers,
    };
    Dwfl *dwfl = program ? open_program(program->path) : NULL;
    if (!dwfl) {
        say_frame(trace, NULL, trace->pc, false);
        return;
    }
    step_back_from_nowhere(trace, dwfl);
    unsigned before = trace->frames;
    if (dwfl_attach_state(dwfl, NULL, getpid(), &thread_callbacks, trace)) {
        dwfl_getthread_frames(dwfl, getpid(), visit_frame, trace);
        say_repeats(trace);
    }
    if (trace->frames == before) {
        say_frame(trace, dwfl, trace->pc, before > 0);
    }
    dwfl_end(dwfl);
}

void backtrace_fault(struct backtrace *backtrace, const struct kernel_fault *fault,
                     void (*line)(void *context, const char *text), void *context)
{
    struct trace trace = {
        .backtrace = backtrace,
        .fault = fault,
        .pc = fault->registers->r[X86_RIP],
        .sp = fault->registers->r[X86_RSP],
        .line = line,
        .context = context,
    };
    uint64_t stack_bottom;
    say_what(&trace);
    if (find_overflowed_stack(&trace, &stack_bottom)) {
        say(&trace,
            "       its stack overflowed: rsp is 0x%" PRIx64 ", and the stack ends at 0x%" PRIx64,
            fault->registers->r[X86_RSP], stack_bottom);
    }
    say_frames(&trace, find_program(backtrace, fault->name));
}
