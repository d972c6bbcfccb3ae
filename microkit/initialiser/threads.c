/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What runs: scheduling contexts, threads, the domain schedule. */
#include "microkit/initialiser/initialiser.h"

#include <stddef.h>

void configure_scheds(const struct initialiser *init)
{
    const struct spec_sched *sched = spec_records(init->spec, init->spec->scheds);
    for (uint32_t i = 0; i < init->spec->scheds.count; i++, sched++) {
        seL4_Error error = seL4_SchedControl_ConfigureFlags(
            init->bootinfo->schedcontrol.start + sched->core, object_slot(init, sched->object),
            sched->budget_us, sched->period_us, 0, sched->badge, 0);
        check(init, error, "configure", sched->object);
    }
}

static void place_in_domain(const struct initialiser *init, const struct spec_tcb *tcb)
{
    if (tcb->domain != SPEC_NO_DOMAIN) {
        seL4_Error error =
            seL4_DomainSet_Set(seL4_CapDomain, tcb->domain, object_slot(init, tcb->object));
        check(init, error, "set the domain of", tcb->object);
    }
}

/* The kernel stores a copy of this cap in the TCB. */
static seL4_CPtr fault_endpoint(struct initialiser *init, const struct spec_tcb *tcb)
{
    if (tcb->fault_endpoint.object == SPEC_NONE) {
        return seL4_CapNull;
    }
    seL4_CPtr slot = next_slot(init);
    seL4_Error error =
        mint(init, &tcb->fault_endpoint, seL4_CapInitThreadCNode, slot, seL4_WordBits);
    check(init, error, "mint the fault endpoint of", tcb->object);
    return slot;
}

static void name_thread(const struct initialiser *init, const struct spec_tcb *tcb)
{
#ifdef CONFIG_DEBUG_BUILD
    const char *name = (const char *)init->spec + object_run(init, tcb->object)->name;
    seL4_DebugNameThread(object_slot(init, tcb->object), name);
#else
    (void)init;
    (void)tcb;
#endif
}

static void configure_thread(struct initialiser *init, const struct spec_tcb *tcb)
{
    seL4_CPtr slot = object_slot(init, tcb->object);
    if (tcb->notification != SPEC_NONE) {
        seL4_Error error = seL4_TCB_BindNotification(slot, object_slot(init, tcb->notification));
        check(init, error, "bind a notification to", tcb->object);
    }
    place_in_domain(init, tcb);

    seL4_Error error =
        seL4_TCB_Configure(slot, object_slot(init, tcb->cspace.object), tcb->cspace.badge,
                           object_slot(init, tcb->vspace), 0, tcb->ipc_buffer,
                           object_slot(init, tcb->ipc_buffer_frame));
    check(init, error, "configure", tcb->object);

    error = seL4_TCB_SetSchedParams(slot, seL4_CapInitThreadTCB, tcb->mcp, tcb->priority,
                                    object_slot(init, tcb->sched), fault_endpoint(init, tcb));
    check(init, error, "set the scheduling parameters of", tcb->object);

    if (tcb->flags & SPEC_TCB_FPU_OFF) {
        seL4_TCB_SetFlags_t result = seL4_TCB_SetFlags(slot, 0, seL4_TCBFlag_fpuDisabled);
        check(init, (seL4_Error)result.error, "turn off the FPU of", tcb->object);
    }
    name_thread(init, tcb);
}

void configure_threads(struct initialiser *init)
{
    const struct spec_tcb *tcbs = spec_records(init->spec, init->spec->tcbs);
    for (uint32_t i = 0; i < init->spec->tcbs.count; i++) {
        configure_thread(init, &tcbs[i]);
    }
}

/* The kernel counts in ticks of the TSC; the extra bootinfo says how many make a microsecond. */
static uint64_t ticks_per_us(const struct initialiser *init)
{
    const char *at = (const char *)init->bootinfo + seL4_BootInfoFrameSize;
    const char *end = at + init->bootinfo->extraLen;
    while (at < end) {
        const seL4_BootInfoHeader *header = (const void *)at;
        if (header->id == SEL4_BOOTINFO_HEADER_X86_TSC_FREQ) {
            return *(const uint32_t *)(header + 1);
        }
        at += header->len;
    }
    console_puts(
        "INITIALISER|ERROR: the domain schedule is in microseconds, and the kernel does not "
        "say how fast the TSC is. Give durations in ticks.");
    stop();
}

void write_domain_schedule(const struct initialiser *init)
{
    const struct spec *spec = init->spec;
    const struct spec_domain *entry = spec_records(spec, spec->domains);
    for (uint32_t i = 0; i < spec->domains.count; i++, entry++) {
        uint64_t ticks = entry->duration;
        if (entry->unit == SPEC_DOMAIN_US) {
            ticks *= ticks_per_us(init);
        }
        seL4_Error error = seL4_DomainSet_ScheduleConfigure(seL4_CapDomain, spec->domain_shift + i,
                                                            (seL4_Uint8)entry->domain, ticks);
        if (error != seL4_NoError) {
            console_puts("INITIALISER|ERROR: cannot write domain schedule entry ");
            console_put_decimal(spec->domain_shift + i);
            console_puts(", error ");
            console_put_decimal(error);
            stop();
        }
    }
}

static void start_thread(const struct initialiser *init, const struct spec_tcb *tcb)
{
    seL4_UserContext registers = {.rip = tcb->ip, .rsp = tcb->sp};
    /* rip and rsp are the first two; a new thread's other registers are zero. */
    seL4_Error error = seL4_TCB_WriteRegisters(
        object_slot(init, tcb->object), tcb->flags & SPEC_TCB_START ? 1 : 0, 0, 2, &registers);
    check(init, error, "start", tcb->object);
}

void start_threads(const struct initialiser *init)
{
    const struct spec_tcb *tcbs = spec_records(init->spec, init->spec->tcbs);
    for (uint32_t i = 0; i < init->spec->tcbs.count; i++) {
        start_thread(init, &tcbs[i]);
    }
    if (init->spec->domain_start != SPEC_NONE) {
        seL4_Error error =
            seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, init->spec->domain_start);
        if (error != seL4_NoError) {
            console_puts("INITIALISER|ERROR: cannot start the domain schedule, error ");
            console_put_decimal(error);
            stop();
        }
    }
}
