/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Systems that were built for another configuration. */
#include "kernel/mismatch.h"

#include "abi/syscalls.h"
#include "kernel/call_names.h"
#include "kernel/config_tables.h"
#include "kernel/say.h"

/* --- What numbers mean in a configuration --- */

/* The object that each invocation is for. Those that are missing are for objects that never exist. */
static const uint8_t invoked[INVOCATION_COUNT] = {
    [UntypedRetype] = CAP_UNTYPED,
    [TCBReadRegisters] = CAP_TCB,
    [TCBWriteRegisters] = CAP_TCB,
    [TCBCopyRegisters] = CAP_TCB,
    [TCBConfigure] = CAP_TCB,
    [TCBSetPriority] = CAP_TCB,
    [TCBSetMCPriority] = CAP_TCB,
    [TCBSetSchedParams] = CAP_TCB,
    [TCBSetTimeoutEndpoint] = CAP_TCB,
    [TCBSetIPCBuffer] = CAP_TCB,
    [TCBSetSpace] = CAP_TCB,
    [TCBSuspend] = CAP_TCB,
    [TCBResume] = CAP_TCB,
    [TCBBindNotification] = CAP_TCB,
    [TCBUnbindNotification] = CAP_TCB,
    [TCBSetBreakpoint] = CAP_TCB,
    [TCBGetBreakpoint] = CAP_TCB,
    [TCBUnsetBreakpoint] = CAP_TCB,
    [TCBConfigureSingleStepping] = CAP_TCB,
    [TCBSetTLSBase] = CAP_TCB,
    [TCBSetFlags] = CAP_TCB,
    [CNodeRevoke] = CAP_CNODE,
    [CNodeDelete] = CAP_CNODE,
    [CNodeCancelBadgedSends] = CAP_CNODE,
    [CNodeCopy] = CAP_CNODE,
    [CNodeMint] = CAP_CNODE,
    [CNodeMove] = CAP_CNODE,
    [CNodeMutate] = CAP_CNODE,
    [CNodeRotate] = CAP_CNODE,
    [CNodeSaveCaller] = CAP_CNODE,
    [IRQIssueIRQHandler] = CAP_IRQ_CONTROL,
    [IRQAckIRQ] = CAP_IRQ_HANDLER,
    [IRQSetIRQHandler] = CAP_IRQ_HANDLER,
    [IRQClearIRQHandler] = CAP_IRQ_HANDLER,
    [DomainSetSet] = CAP_DOMAIN,
    [DomainScheduleConfigure] = CAP_DOMAIN,
    [DomainScheduleSetStart] = CAP_DOMAIN,
    [SchedControlConfigureFlags] = CAP_SCHED_CONTROL,
    [SchedContextBind] = CAP_SCHED_CONTEXT,
    [SchedContextUnbind] = CAP_SCHED_CONTEXT,
    [SchedContextUnbindObject] = CAP_SCHED_CONTEXT,
    [SchedContextConsumed] = CAP_SCHED_CONTEXT,
    [SchedContextYieldTo] = CAP_SCHED_CONTEXT,
    [X86PDPTMap] = CAP_PDPT,
    [X86PDPTUnmap] = CAP_PDPT,
    [X86PageDirectoryMap] = CAP_PAGE_DIRECTORY,
    [X86PageDirectoryUnmap] = CAP_PAGE_DIRECTORY,
    [X86PageTableMap] = CAP_PAGE_TABLE,
    [X86PageTableUnmap] = CAP_PAGE_TABLE,
    [X86IOPageTableMap] = CAP_IO_PAGE_TABLE,
    [X86IOPageTableUnmap] = CAP_IO_PAGE_TABLE,
    [X86PageMap] = CAP_FRAME,
    [X86PageUnmap] = CAP_FRAME,
    [X86PageMapIO] = CAP_FRAME,
    [X86PageGetAddress] = CAP_FRAME,
    [X86ASIDControlMakePool] = CAP_ASID_CONTROL,
    [X86ASIDPoolAssign] = CAP_ASID_POOL,
    [X86IOPortControlIssue] = CAP_IO_PORT_CONTROL,
    [X86IOPortIn8] = CAP_IO_PORT,
    [X86IOPortIn16] = CAP_IO_PORT,
    [X86IOPortIn32] = CAP_IO_PORT,
    [X86IOPortOut8] = CAP_IO_PORT,
    [X86IOPortOut16] = CAP_IO_PORT,
    [X86IOPortOut32] = CAP_IO_PORT,
    [X86IRQIssueIRQHandlerIOAPIC] = CAP_IRQ_CONTROL,
    [X86IRQIssueIRQHandlerMSI] = CAP_IRQ_CONTROL,
};

/* What was said: a label on a cap, or a system call. */
struct said {
    bool is_label;
    uint64_t label;
    enum cap_type type;
    int64_t number;
    bool rare; /* what few systems do is to be taken into account */
};

static const char *label_name(const struct kernel_config *config, const struct said *said)
{
    enum invocation meaning = config_invocation(config, said->label);
    return meaning != InvalidInvocation && invoked[meaning] == said->type ? call_name(meaning)
                                                                          : NULL;
}

#define NUMBERED(name, number) {#name, (number)},
static const struct numbered {
    const char *name;
    int64_t number;
} mcs_calls[] = {SYSCALLS_MCS(NUMBERED)}, classic_calls[] = {SYSCALLS_CLASSIC(NUMBERED)},
  optional_calls[] = {SYSCALLS_OPTIONAL(NUMBERED, 0)}; /* relative to the last of the others */

#define SYSCALL_ENUMERATOR(name, number) OPTIONAL_##name = (number),
enum { SYSCALLS_OPTIONAL(SYSCALL_ENUMERATOR, 0) };

static bool has_optional(const struct kernel_config *config, int64_t relative)
{
    switch (relative) {
    case OPTIONAL_DebugPutChar:
    case OPTIONAL_DebugDumpScheduler:
        return config->printing;
    case OPTIONAL_DebugHalt:
    case OPTIONAL_DebugCapIdentify:
    case OPTIONAL_DebugSnapshot:
    case OPTIONAL_DebugNameThread:
        return config->debug_build;
    case OPTIONAL_X86DangerousWRMSR:
    case OPTIONAL_X86DangerousRDMSR:
        return config->dangerous_msr;
    case OPTIONAL_SetTLSBase:
        return config->set_tls_base_self;
    default:
        return config->benchmarks && relative <= OPTIONAL_BenchmarkFlushCaches &&
               relative >= OPTIONAL_BenchmarkResetAllThreadsUtilisation;
    }
}

static const char *find_number(const struct numbered *calls, size_t count, int64_t number)
{
    for (size_t i = 0; i < count; i++) {
        if (calls[i].number == number) {
            return calls[i].name;
        }
    }
    return NULL;
}

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const char *syscall_name(const struct kernel_config *config, const struct said *said)
{
    int64_t relative = said->number - (config->mcs ? SYSCALLS_MCS_LAST : SYSCALLS_CLASSIC_LAST);
    if (relative < 0) {
        return has_optional(config, relative)
                   ? find_number(optional_calls, COUNT(optional_calls), relative)
                   : NULL;
    }
    return config->mcs ? find_number(mcs_calls, COUNT(mcs_calls), said->number)
                       : find_number(classic_calls, COUNT(classic_calls), said->number);
}

/* Few systems do these, so they explain a number only when nothing else does. */
static bool is_rare(const struct kernel_config *config, const struct said *said)
{
    if (!said->is_label) {
        int64_t relative = said->number - (config->mcs ? SYSCALLS_MCS_LAST : SYSCALLS_CLASSIC_LAST);
        return relative <= OPTIONAL_BenchmarkFlushCaches && relative != OPTIONAL_SetTLSBase;
    }
    switch (config_invocation(config, said->label)) {
    case TCBSetBreakpoint:
    case TCBGetBreakpoint:
    case TCBUnsetBreakpoint:
    case TCBConfigureSingleStepping:
    case X86IOPageTableMap:
    case X86IOPageTableUnmap:
    case X86PageMapIO:
        return true;
    default:
        return false;
    }
}

/* What it means in a configuration; NULL: nothing. */
static const char *meaning(const struct kernel_config *config, const struct said *said)
{
    if (!said->rare && is_rare(config, said)) {
        return NULL;
    }
    return said->is_label ? label_name(config, said) : syscall_name(config, said);
}

/* --- What to try --- */

static bool same_text(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

/* Add the configurations known by name in which it means the same as in the first of them. */
static const char *add_named(struct line *line, const struct said *said)
{
    const char *found = NULL;
    const char *name;
    for (unsigned i = 0; (name = kernel_config_name(i)) != NULL; i++) {
        const char *here = meaning(kernel_config_named(name), said);
        if (here && (!found || same_text(found, here))) {
            line_add(line, found ? " or " : "");
            line_add(line, name);
            found = here;
        }
    }
    return found;
}

/* Options that numbers depend on, by upstream's names. Those that are more often met come first. */
static const struct option {
    const char *name;
    size_t field;
} options[] = {
    {"KERNEL_MCS", offsetof(struct kernel_config, mcs)},
    {"HARDWARE_DEBUG_API", offsetof(struct kernel_config, hardware_debug_api)},
    {"IOMMU", offsetof(struct kernel_config, iommu)},
    {"SET_TLS_BASE_SELF", offsetof(struct kernel_config, set_tls_base_self)},
    {"PRINTING", offsetof(struct kernel_config, printing)},
    {"DEBUG_BUILD", offsetof(struct kernel_config, debug_build)},
    {"ENABLE_BENCHMARKS", offsetof(struct kernel_config, benchmarks)},
    {"KERNEL_X86_DANGEROUS_MSR", offsetof(struct kernel_config, dangerous_msr)},
};

static bool *option_of(struct kernel_config *config, unsigned i)
{
    return (bool *)((char *)config + options[i].field);
}

static struct kernel_config flipped(const struct kernel_config *config, unsigned flips)
{
    struct kernel_config other = *config;
    for (unsigned i = 0; i < COUNT(options); i++) {
        if (flips >> i & 1) {
            *option_of(&other, i) = !*option_of(&other, i);
        }
    }
    return other;
}

static unsigned count_bits(unsigned bits)
{
    unsigned count = 0;
    for (; bits != 0; bits &= bits - 1) {
        count++;
    }
    return count;
}

#define FLIPS_MAX 3

/* The smallest change of this configuration in which it means something; 0: there is none. */
static unsigned find_flips(const struct kernel_config *config, const struct said *said)
{
    for (unsigned count = 1; count <= FLIPS_MAX; count++) {
        for (unsigned flips = 1; flips < 1u << COUNT(options); flips++) {
            struct kernel_config other = flipped(config, flips);
            if (count_bits(flips) == count && meaning(&other, said)) {
                return flips;
            }
        }
    }
    return 0;
}

static void add_flips(struct line *line, const struct kernel_config *config, unsigned flips)
{
    struct kernel_config other = flipped(config, flips);
    const char *between = "";
    for (unsigned i = 0; i < COUNT(options); i++) {
        if (flips >> i & 1) {
            line_add(line, between);
            line_add(line, options[i].name);
            line_add(line, *option_of(&other, i) ? " on" : " off");
            between = " and ";
        }
    }
}

/* --- Telling --- */

static void add_said(struct line *line, const struct kernel *k, const struct tcb *tcb,
                     const struct said *said)
{
    line_add(line, "built for another kernel? '");
    line_add(line, tcb->name[0] != '\0' ? tcb->name : "(unnamed thread)");
    if (!said->is_label) {
        line_add(line, "' made system call -");
        line_add_decimal(line, (uint64_t)-said->number);
        line_add(line, ", which does not exist here (");
    } else {
        line_add(line, "' used label ");
        line_add_decimal(line, said->label);
        line_add(line, " on a ");
        line_add(line, cap_type_name(said->type));
        line_add(line, " cap, which has none such here (");
    }
    line_add(line, k->config.name);
    line_add(line, "). ");
}

static void add_meaning(struct line *line, const char *name)
{
    line_add(line, " it is seL4_");
    line_add(line, name);
    line_add(line, ". ");
}

/* Tell a person, if it makes sense anywhere. Returns whether it does. */
static bool tell(struct kernel *k, const struct tcb *tcb, const struct said *said)
{
    struct line names = {0};
    struct line line = {0};
    add_said(&line, k, tcb, said);
    const char *name = add_named(&names, said);
    unsigned flips = name ? 0 : find_flips(&k->config, said);
    if (name) {
        line_add(&line, "With --kernel ");
        line_add(&line, names.text);
        add_meaning(&line, name);
        line_add(&line, "Try that.");
    } else if (flips != 0) {
        struct kernel_config other = flipped(&k->config, flips);
        line_add(&line, "With ");
        add_flips(&line, &k->config, flips);
        add_meaning(&line, meaning(&other, said));
        line_add(&line, "Give the gen_config.json of its kernel: --config FILE.");
    }
    if (!name && flips == 0) {
        return false;
    }
    k->mismatch_told = true;
    k->port.report(k->port.context, line.text);
    return true;
}

static void judge(struct kernel *k, const struct tcb *tcb, struct said said)
{
    if (!tell(k, tcb, &said)) {
        said.rare = true;
        tell(k, tcb, &said);
    }
}

void mismatch_label(struct call *call)
{
    struct kernel *k = call->k;
    /* 0 is no invocation anywhere. */
    if (k->mismatch_told || k->label_judged || call->label_number == 0) {
        return;
    }
    k->label_judged = true;
    judge(
        k, call->caller,
        (struct said){.is_label = true, .label = call->label_number, .type = cap_type(call->cap)});
}

void mismatch_syscall(struct kernel *k, const struct tcb *tcb, int64_t number)
{
    if (k->mismatch_told || k->syscall_judged || number >= 0) {
        return;
    }
    k->syscall_judged = true;
    judge(k, tcb, (struct said){.number = number});
}
