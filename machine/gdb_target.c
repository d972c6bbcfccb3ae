/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What gdb sees of a machine. */
#include "machine/gdb_target.h"

#include "machine/gdb_packet.h"
#include "machine/guest.h"
#include "machine/parts.h"

#include <stdio.h>
#include <string.h>

/* --- Threads --- */

struct search {
    paddr tcb; /* 0: the first one */
    struct kernel_thread *found;
    bool done;
};

static bool visit(void *context, const struct kernel_thread *thread)
{
    struct search *search = context;
    if (search->tcb != 0 && thread->tcb != search->tcb) {
        return true;
    }
    *search->found = *thread;
    search->done = true;
    return false;
}

bool gdb_target_thread(struct machine *machine, paddr tcb, struct kernel_thread *thread)
{
    struct search search = {.tcb = tcb, .found = thread};
    if (tcb != 0) {
        kernel_each_thread(machine->kernel, visit, &search);
    }
    return search.done;
}

paddr gdb_target_any(struct machine *machine)
{
    struct kernel_thread thread;
    struct search search = {.found = &thread};
    kernel_each_thread(machine->kernel, visit, &search);
    return search.done ? thread.tcb : 0;
}

static const char *state_of(const struct kernel_thread *thread)
{
    switch (thread->wait) {
    case WAIT_NONE:
        return thread->has_time ? "runs, or could" : "has no time of its own";
    case WAIT_STOPPED:
        return "stopped";
    case WAIT_RECEIVE:
        return "waits to receive";
    case WAIT_SEND:
        return "waits to send";
    case WAIT_REPLY:
        return "waits for a reply";
    case WAIT_FAULT:
        return "has faulted";
    }
    return "";
}

size_t gdb_target_describe(const struct kernel_thread *thread, char *text, size_t size)
{
    const char *name = thread->name && thread->name[0] != '\0' ? thread->name : "(unnamed)";
    int length =
        snprintf(text, size, "%s: %s, priority %u", name, state_of(thread), thread->priority);
    return length < 0 ? 0 : (size_t)length < size ? (size_t)length : size - 1;
}

/* --- Registers --- */

/* A register as gdb numbers them, by their order here. */
enum source {
    SOURCE_NONE,     /* not available */
    SOURCE_REGISTER, /* `value` is an x86_register */
    SOURCE_CONSTANT, /* what Linux has in it for every program */
};

static const struct described {
    const char *name;
    const char *type;
    unsigned bits;
    enum source source;
    unsigned value;
    const char *feature; /* that starts here, or NULL */
} described[] = {
#define GENERAL(name, which, type)                                                                 \
    {                                                                                              \
#name, type, 64, SOURCE_REGISTER, which, NULL                                              \
    }
#define SELECTOR(name, value)                                                                      \
    {                                                                                              \
#name, "int32", 32, SOURCE_CONSTANT, value, NULL                                           \
    }
#define MISSING(name, type, bits)                                                                  \
    {                                                                                              \
#name, type, bits, SOURCE_NONE, 0, NULL                                                    \
    }
    {"rax", "int64", 64, SOURCE_REGISTER, X86_RAX, "org.gnu.gdb.i386.core"},
    GENERAL(rbx, X86_RBX, "int64"),
    GENERAL(rcx, X86_RCX, "int64"),
    GENERAL(rdx, X86_RDX, "int64"),
    GENERAL(rsi, X86_RSI, "int64"),
    GENERAL(rdi, X86_RDI, "int64"),
    GENERAL(rbp, X86_RBP, "data_ptr"),
    GENERAL(rsp, X86_RSP, "data_ptr"),
    GENERAL(r8, X86_R8, "int64"),
    GENERAL(r9, X86_R9, "int64"),
    GENERAL(r10, X86_R10, "int64"),
    GENERAL(r11, X86_R11, "int64"),
    GENERAL(r12, X86_R12, "int64"),
    GENERAL(r13, X86_R13, "int64"),
    GENERAL(r14, X86_R14, "int64"),
    GENERAL(r15, X86_R15, "int64"),
    GENERAL(rip, X86_RIP, "code_ptr"),
    {"eflags", "int32", 32, SOURCE_REGISTER, X86_RFLAGS, NULL},
    SELECTOR(cs, 0x33),
    SELECTOR(ss, 0x2b),
    SELECTOR(ds, 0),
    SELECTOR(es, 0),
    SELECTOR(fs, 0),
    SELECTOR(gs, 0),
    MISSING(st0, "i387_ext", 80),
    MISSING(st1, "i387_ext", 80),
    MISSING(st2, "i387_ext", 80),
    MISSING(st3, "i387_ext", 80),
    MISSING(st4, "i387_ext", 80),
    MISSING(st5, "i387_ext", 80),
    MISSING(st6, "i387_ext", 80),
    MISSING(st7, "i387_ext", 80),
    MISSING(fctrl, "int", 32),
    MISSING(fstat, "int", 32),
    MISSING(ftag, "int", 32),
    MISSING(fiseg, "int", 32),
    MISSING(fioff, "int", 32),
    MISSING(foseg, "int", 32),
    MISSING(fooff, "int", 32),
    MISSING(fop, "int", 32),
    {"xmm0", "uint128", 128, SOURCE_NONE, 0, "org.gnu.gdb.i386.sse"},
    MISSING(xmm1, "uint128", 128),
    MISSING(xmm2, "uint128", 128),
    MISSING(xmm3, "uint128", 128),
    MISSING(xmm4, "uint128", 128),
    MISSING(xmm5, "uint128", 128),
    MISSING(xmm6, "uint128", 128),
    MISSING(xmm7, "uint128", 128),
    MISSING(xmm8, "uint128", 128),
    MISSING(xmm9, "uint128", 128),
    MISSING(xmm10, "uint128", 128),
    MISSING(xmm11, "uint128", 128),
    MISSING(xmm12, "uint128", 128),
    MISSING(xmm13, "uint128", 128),
    MISSING(xmm14, "uint128", 128),
    MISSING(xmm15, "uint128", 128),
    MISSING(mxcsr, "int32", 32),
    {"fs_base", "int64", 64, SOURCE_REGISTER, X86_FS_BASE, "org.gnu.gdb.i386.segments"},
    GENERAL(gs_base, X86_GS_BASE, "int64"),
#undef GENERAL
#undef SELECTOR
#undef MISSING
};
#define DESCRIBED (sizeof(described) / sizeof(described[0]))

const char *gdb_target_xml(void)
{
    static char xml[8192];
    size_t used = 0;
#define ADD(...) used += (size_t)snprintf(xml + used, sizeof(xml) - used, __VA_ARGS__)
    if (xml[0] != '\0') {
        return xml;
    }
    ADD("<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target version=\"1.0\">"
        "<architecture>i386:x86-64</architecture><osabi>none</osabi>");
    for (size_t i = 0; i < DESCRIBED; i++) {
        const struct described *which = &described[i];
        if (which->feature) {
            ADD("%s<feature name=\"%s\">\n", i > 0 ? "</feature>" : "", which->feature);
        }
        ADD("<reg name=\"%s\" bitsize=\"%u\" type=\"%s\" regnum=\"%zu\"/>\n", which->name,
            which->bits, which->type, i);
    }
    ADD("</feature></target>");
#undef ADD
    return xml;
}

/* A thread that is about to leave a system call has no stack pointer: seL4 clears it, and the next
 * instruction puts it back from where the program kept it. gdb is shown it as it will be. */
static uint64_t stack_pointer(struct machine *machine, const struct kernel_thread *thread)
{
    static const struct {
        uint8_t bytes[3];
        enum x86_register keeper;
    } ends[] = {
        {{0x48, 0x89, 0xdc}, X86_RBX}, /* mov %rbx,%rsp */
        {{0x4c, 0x89, 0xf4}, X86_R14}, /* mov %r14,%rsp */
    };
    const uint64_t *r = thread->registers->r;
    uint8_t bytes[3];
    if (r[X86_RSP] != 0 || gdb_target_read(machine, thread->vspace, r[X86_RIP], bytes, 3) != 3) {
        return r[X86_RSP];
    }
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (memcmp(bytes, ends[i].bytes, 3) == 0) {
            return r[ends[i].keeper];
        }
    }
    return 0;
}

static uint64_t shown(struct machine *machine, const struct kernel_thread *thread,
                      const struct described *which)
{
    if (which->source == SOURCE_CONSTANT) {
        return which->value;
    }
    return which->value == X86_RSP ? stack_pointer(machine, thread)
                                   : thread->registers->r[which->value];
}

static size_t put(struct machine *machine, const struct kernel_thread *thread,
                  const struct described *which, char *text)
{
    if (which->source == SOURCE_NONE) {
        memset(text, 'x', which->bits / 4);
        return which->bits / 4;
    }
    uint64_t value = shown(machine, thread, which);
    return gdb_hex_put(text, &value, which->bits / 8); /* least significant byte first */
}

/* What gdb writes back unchanged is not written: see stack_pointer(). */
static bool set(struct machine *machine, const struct kernel_thread *thread,
                const struct described *which, const char *text)
{
    uint64_t value = 0;
    if (which->source == SOURCE_NONE || !gdb_hex_get(text, &value, which->bits / 8)) {
        return false;
    }
    uint64_t before = shown(machine, thread, which);
    if (which->bits < 64) {
        before &= (UINT64_C(1) << which->bits) - 1;
    }
    if (value != before && which->source == SOURCE_REGISTER) {
        kernel_set_register(machine->kernel, thread->tcb, (enum x86_register)which->value, value);
    }
    return value == before || which->source == SOURCE_REGISTER;
}

size_t gdb_target_registers(struct machine *machine, const struct kernel_thread *thread, char *text)
{
    size_t used = 0;
    for (size_t i = 0; i < DESCRIBED; i++) {
        used += put(machine, thread, &described[i], text + used);
    }
    return used;
}

bool gdb_target_set_registers(struct machine *machine, const struct kernel_thread *thread,
                              const char *text, size_t length)
{
    bool valid = true;
    for (size_t i = 0; i < DESCRIBED && valid; i++) {
        size_t digits = described[i].bits / 4;
        valid = length >= digits && (described[i].source != SOURCE_REGISTER ||
                                     set(machine, thread, &described[i], text));
        text += digits;
        length -= valid ? digits : 0;
    }
    return valid;
}

size_t gdb_target_register(struct machine *machine, const struct kernel_thread *thread,
                           uint64_t number, char *text)
{
    return number < DESCRIBED ? put(machine, thread, &described[number], text) : 0;
}

bool gdb_target_set_register(struct machine *machine, const struct kernel_thread *thread,
                             uint64_t number, const char *text, size_t length)
{
    return number < DESCRIBED && length == described[number].bits / 4 &&
           set(machine, thread, &described[number], text);
}

/* --- Memory --- */

/* How much of [vaddr, vaddr + *count) lies in the page, and where; NULL: none, or it is a device. */
static uint8_t *page_bytes(struct machine *machine, paddr vspace, uint64_t vaddr, size_t *count,
                           bool to_write)
{
    struct kernel_mapping mapping;
    if (vspace == 0 || vaddr >= X86_USER_TOP ||
        !kernel_translate(machine->kernel, vspace, vaddr, &mapping) || !mapping.readable) {
        return NULL;
    }
    uint64_t left = PAGE_BYTES - vaddr % PAGE_BYTES; /* a large page may be RAM only in part */
    *count = *count < left ? *count : (size_t)left;
    paddr first = mapping.frame + (vaddr - mapping.vaddr);
    bool allowed = to_write ? machine_is_ram(machine, first, *count)
                            : machine_is_memory(machine, first, *count);
    return allowed && first < machine->memory.bytes && *count <= machine->memory.bytes - first
               ? machine->memory.ram + first
               : NULL;
}

size_t gdb_target_read(struct machine *machine, paddr vspace, uint64_t vaddr, void *bytes,
                       size_t count)
{
    uint8_t *target = bytes;
    size_t done = 0;
    while (done < count) {
        size_t part = count - done;
        const uint8_t *source = page_bytes(machine, vspace, vaddr + done, &part, false);
        if (!source) {
            break;
        }
        memcpy(target + done, source, part);
        done += part;
    }
    return done;
}

static bool all_ram(struct machine *machine, paddr vspace, uint64_t vaddr, size_t count)
{
    for (size_t done = 0; done < count;) {
        size_t part = count - done;
        if (!page_bytes(machine, vspace, vaddr + done, &part, true)) {
            return false;
        }
        done += part;
    }
    return true;
}

bool gdb_target_write(struct machine *machine, paddr vspace, uint64_t vaddr, const void *bytes,
                      size_t count)
{
    const uint8_t *source = bytes;
    if (!all_ram(machine, vspace, vaddr, count)) {
        return false;
    }
    for (size_t done = 0; done < count;) {
        size_t part = count - done;
        uint8_t *target = page_bytes(machine, vspace, vaddr + done, &part, true);
        /* Cells that have a copy of the page, with rewritten system calls, drop it. */
        paddr first = (paddr)(target - machine->memory.ram);
        platform_writes(machine->platform, first & ~(PAGE_BYTES - 1));
        memcpy(target, source + done, part);
        done += part;
    }
    return true;
}
