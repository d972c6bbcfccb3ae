/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Domains: who may run when, by a fixed schedule. */
#include "kernel/domain.h"

#include "kernel/sched.h"

/* Durations have 56 bits in seL4's schedule. */
#define DURATION_MAX_TICKS ((1ul << 56) - 1)

static bool is_end_marker(const struct kernel *k, uint64_t index)
{
    return k->schedule[index].duration == 0;
}

void domain_boot(struct kernel *k)
{
    k->schedule[0] = (struct domain_turn){.domain = 0, .duration = DURATION_MAX_TICKS};
    k->domain = 0;
    k->domain_time_ticks = DURATION_MAX_TICKS;
}

bool domain_has_expired(const struct kernel *k)
{
    return k->config.domains > 1 && k->domain_time_ticks == 0;
}

static bool has_ready_thread(const struct kernel *k, uint64_t domain)
{
    for (unsigned word = 0; word < PRIORITIES_MAX / 64; word++) {
        if (k->core.ready_bitmap[domain][word]) {
            return true;
        }
    }
    return false;
}

bool domain_will_wake(const struct kernel *k)
{
    for (uint64_t index = k->schedule_start; !is_end_marker(k, index); index++) {
        uint64_t domain = k->schedule[index].domain;
        if (domain != k->domain && has_ready_thread(k, domain)) {
            return true;
        }
    }
    return false;
}

bool domain_will_change(const struct kernel *k)
{
    for (uint64_t index = k->schedule_start; !is_end_marker(k, index); index++) {
        if (k->schedule[index].domain != k->domain) {
            return true;
        }
    }
    return false;
}

void domain_next(struct kernel *k)
{
    k->schedule_index++;
    if (is_end_marker(k, k->schedule_index)) {
        k->schedule_index = k->schedule_start;
    }
    k->core.reprogram = true;
    k->work_units = 0;
    k->domain = k->schedule[k->schedule_index].domain;
    k->domain_time_ticks = k->schedule[k->schedule_index].duration;
}

/* Invocations. */

static enum answer decode_set(struct call *call)
{
    if (call->length < 1) {
        return answer_truncated(call, 1, 1);
    }
    uint64_t domain = call->args[0];
    if (domain >= call->k->config.domains) {
        return answer_invalid_argument(
            call, 0, WHY("domain %u is not below %u", domain, call->k->config.domains));
    }
    if (call->extra_count < 1) {
        return answer_truncated(call, 1, 1);
    }
    struct cap cap = call->extra[0]->cap;
    if (!cap_is(cap, CAP_TCB)) {
        return answer_invalid_argument(call, 1, WHY("the cap given is no TCB's"));
    }
    sched_set_domain(call->k, tcb_at(call->k, cap_object(cap)), (uint8_t)domain);
    return ANSWER_DONE;
}

/* The last entry always is an end marker. */
static uint64_t last_index(const struct kernel *k)
{
    return k->config.domain_schedules - 1;
}

static enum answer decode_configure(struct call *call)
{
    struct kernel *k = call->k;
    if (call->length < 3) {
        return answer_truncated(call, 3, 0);
    }
    uint64_t index = call->args[0];
    uint64_t domain = call->args[1];
    uint64_t duration_ticks = call->args[2];
    if (index >= last_index(k)) {
        return answer_range(call, 0, last_index(k) - 1,
                            WHY("index %u of the schedule is not below %u", index, last_index(k)));
    }
    if (domain >= k->config.domains) {
        return answer_range(call, 0, k->config.domains - 1,
                            WHY("domain %u is not below %u", domain, k->config.domains));
    }
    if (duration_ticks > DURATION_MAX_TICKS) {
        return answer_invalid_argument(
            call, 2, WHY("a duration of %x ticks does not fit into 56 bits", duration_ticks));
    }
    if (duration_ticks == 0 && domain != 0) {
        return answer_invalid_argument(
            call, 1, WHY("an end marker has duration 0 and domain 0, not domain %u", domain));
    }
    if (duration_ticks == 0 && index == k->schedule_start) {
        return answer_invalid_argument(
            call, 2, WHY("the schedule starts at index %u, which cannot be its end", index));
    }
    k->schedule[index] = (struct domain_turn){.domain = domain, .duration = duration_ticks};
    return ANSWER_DONE;
}

/* The turn ends at once, and the next one is the first. */
static void perform_set_start(struct kernel *k, uint64_t index)
{
    k->schedule_start = index;
    k->schedule_index = last_index(k) - 1;
    k->domain_time_ticks = 0;
    sched_reschedule(k);
}

static enum answer decode_set_start(struct call *call)
{
    struct kernel *k = call->k;
    if (call->length < 1) {
        return answer_truncated(call, 1, 0);
    }
    uint64_t index = call->args[0];
    if (index > last_index(k)) {
        return answer_range(call, 0, last_index(k),
                            WHY("index %u of the schedule is above %u", index, last_index(k)));
    }
    if (is_end_marker(k, index)) {
        return answer_invalid_argument(call, 0,
                                       WHY("entry %u of the schedule is an end marker", index));
    }
    perform_set_start(k, index);
    return ANSWER_DONE;
}

enum answer decode_domain(struct call *call)
{
    switch (call->label) {
    case DomainSetSet:
        return decode_set(call);
    case DomainScheduleConfigure:
        return decode_configure(call);
    case DomainScheduleSetStart:
        return decode_set_start(call);
    default:
        return answer_unknown_label(call);
    }
}
