/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What is to be done for each type of object. */
#include "kernel/object.h"

#include "abi/message.h"
#include "kernel/cdt.h"
#include "kernel/endpoint.h"
#include "kernel/irq.h"
#include "kernel/notification.h"
#include "kernel/product.h"
#include "kernel/tcb.h"
#include "kernel/x86/x86.h"

static unsigned tcb_bits(const struct kernel *k)
{
    return k->config.xsave_bytes >= 832 ? TCB_BITS_LARGE_XSAVE : TCB_BITS;
}

unsigned object_size_bits(const struct kernel *k, enum object_type type, uint64_t user_size)
{
    switch (type) {
    case seL4_UntypedObject:
        return (unsigned)user_size;
    case seL4_CapTableObject:
        return (unsigned)user_size + seL4_SlotBits;
    case seL4_TCBObject:
        return tcb_bits(k);
    case seL4_EndpointObject:
        return seL4_EndpointBits;
    case seL4_NotificationObject:
        return product_numbers.notification_bits;
    case seL4_SchedContextObject:
    case seL4_ReplyObject:
        return product_object_size_bits(type, user_size);
    default:
        return x86_object_size_bits(type);
    }
}

struct cap object_create(struct kernel *k, enum object_type type, paddr base, uint64_t user_size,
                         bool is_device)
{
    uint64_t base_16 = base >> 4;
    switch (type) {
    case seL4_UntypedObject:
        return (struct cap){.untyped = {.type = CAP_UNTYPED,
                                        .object_16 = base_16,
                                        .size_bits = user_size & 63,
                                        .is_device = is_device}};
    case seL4_TCBObject:
        tcb_create(k, tcb_at(k, base));
        return (struct cap){.type = CAP_TCB, .object_16 = base_16};
    case seL4_EndpointObject:
        return (struct cap){.endpoint = {.type = CAP_ENDPOINT,
                                         .object_16 = base_16,
                                         .can_send = true,
                                         .can_receive = true,
                                         .can_grant = true,
                                         .can_grant_reply = true}};
    case seL4_NotificationObject:
        return (struct cap){.notification = {.type = CAP_NOTIFICATION,
                                             .object_16 = base_16,
                                             .can_send = true,
                                             .can_receive = true}};
    case seL4_CapTableObject:
        return (struct cap){
            .cnode = {.type = CAP_CNODE, .object_16 = base_16, .radix = user_size & 63}};
    case seL4_SchedContextObject:
    case seL4_ReplyObject:
        return product_object_create(type, base, user_size);
    default:
        return x86_object_create(k, type, base, is_device);
    }
}

/* The types that kernel/x86/ owns have odd numbers. */
static bool is_x86(struct cap cap)
{
    return cap.type & 1;
}

struct derived object_derive(struct kernel *k, struct slot *slot, struct cap cap)
{
    struct derived derived = {.cap = cap, .error = seL4_NoError};
    if (is_x86(cap)) {
        derived.cap = x86_derive(cap, &derived.error);
        return derived;
    }
    switch (cap_type(cap)) {
    case CAP_ZOMBIE:
    case CAP_IRQ_CONTROL:
        derived.cap = cap_null();
        break;
    case CAP_REPLY:
        derived.cap = product_derive(cap);
        break;
    case CAP_UNTYPED:
        if (cdt_has_children(k, slot)) {
            derived.cap = cap_null();
            derived.error = seL4_RevokeFirst;
        }
        break;
    default:
        break;
    }
    return derived;
}

bool object_is_revocable(struct cap derived, struct cap source)
{
    switch (cap_type(derived)) {
    case CAP_ENDPOINT:
        return derived.endpoint.badge != source.endpoint.badge;
    case CAP_NOTIFICATION:
        return derived.notification.badge != source.notification.badge;
    case CAP_IRQ_HANDLER:
        return cap_is(source, CAP_IRQ_CONTROL);
    case CAP_IO_PORT:
        return cap_is(source, CAP_IO_PORT_CONTROL);
    case CAP_UNTYPED:
        return true;
    default:
        return false;
    }
}

struct cap object_mask_rights(struct cap cap, uint64_t rights)
{
    bool write = rights & RIGHT_WRITE;
    bool read = rights & RIGHT_READ;
    bool grant = rights & RIGHT_GRANT;
    bool grant_reply = rights & RIGHT_GRANT_REPLY;

    if (is_x86(cap)) {
        return x86_mask_rights(cap, rights);
    }
    switch (cap_type(cap)) {
    case CAP_ENDPOINT:
        cap.endpoint.can_send &= write;
        cap.endpoint.can_receive &= read;
        cap.endpoint.can_grant &= grant;
        cap.endpoint.can_grant_reply &= grant_reply;
        break;
    case CAP_NOTIFICATION:
        cap.notification.can_send &= write;
        cap.notification.can_receive &= read;
        break;
    case CAP_REPLY:
        cap.reply.can_grant &= grant;
        break;
    default:
        break;
    }
    return cap;
}

/*
 * seL4_CNode_CapData_t
 *
 *    63                                6 5             0
 *   |  guard 58                         | guard's bits 6 |
 */
static struct cap set_guard(struct cap cap, uint64_t data)
{
    unsigned guard_bits = data & 63;
    if (guard_bits + cap.cnode.radix > 64) {
        return cap_null();
    }
    cap.cnode.guard_bits = guard_bits & 63;
    cap.cnode.guard = (data >> 6) & ((1ul << guard_bits) - 1);
    return cap;
}

struct cap object_set_badge(struct cap cap, uint64_t badge, enum badge_mode mode)
{
    switch (cap_type(cap)) {
    case CAP_ENDPOINT:
        if (mode == BADGE_PRESERVE || cap.endpoint.badge != 0) {
            return cap_null();
        }
        cap.endpoint.badge = badge;
        return cap;
    case CAP_NOTIFICATION:
        if (mode == BADGE_PRESERVE || cap.notification.badge != 0) {
            return cap_null();
        }
        cap.notification.badge = badge;
        return cap;
    case CAP_CNODE:
        return set_guard(cap, badge);
    case CAP_IO_SPACE:
        return x86_set_data(cap, badge, mode);
    default:
        return cap;
    }
}

/* log2 of the bytes that a cap's object takes; for objects of one size a lower bound is enough,
 * because they lie in an untyped wholly or not at all. 0: the cap is not about memory. */
static unsigned extent_bits(struct cap cap)
{
    switch (cap_type(cap)) {
    case CAP_UNTYPED:
        return cap.untyped.size_bits;
    case CAP_CNODE:
        return cap.cnode.radix + seL4_SlotBits;
    case CAP_ZOMBIE:
        return cap.zombie.is_tcb ? TCB_BITS : cap.zombie.radix + seL4_SlotBits;
    case CAP_TCB:
        return TCB_BITS;
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
    case CAP_REPLY:
        return seL4_EndpointBits;
    case CAP_SCHED_CONTEXT:
        return cap.sched_context.size_bits;
    case CAP_FRAME:
        return seL4_PageBits + cap.frame.size * seL4_PageTableIndexBits;
    case CAP_PAGE_TABLE:
    case CAP_PAGE_DIRECTORY:
    case CAP_PDPT:
    case CAP_PML4:
    case CAP_ASID_POOL:
    case CAP_IO_PAGE_TABLE:
        return seL4_PageBits;
    default:
        return 0;
    }
}

static bool untyped_holds(struct cap untyped, struct cap cap)
{
    unsigned bits = extent_bits(cap);
    if (bits == 0) {
        return false;
    }
    paddr first = cap_object(untyped);
    paddr last = first + (1ul << untyped.untyped.size_bits) - 1;
    paddr inner_first = cap_object(cap);
    paddr inner_last = inner_first + (1ul << bits) - 1;
    return first <= inner_first && inner_last <= last;
}

bool object_same_region(struct cap a, struct cap b)
{
    if (is_x86(a)) {
        return is_x86(b) && x86_same_region(a, b);
    }
    switch (cap_type(a)) {
    case CAP_UNTYPED:
        return untyped_holds(a, b);
    case CAP_CNODE:
        return cap_is(b, CAP_CNODE) && a.object_16 == b.object_16 && a.cnode.radix == b.cnode.radix;
    case CAP_SCHED_CONTEXT:
        return cap_is(b, CAP_SCHED_CONTEXT) && a.object_16 == b.object_16 &&
               a.sched_context.size_bits == b.sched_context.size_bits;
    case CAP_ENDPOINT:
    case CAP_NOTIFICATION:
    case CAP_TCB:
    case CAP_REPLY:
        return a.type == b.type && a.object_16 == b.object_16;
    case CAP_DOMAIN:
    case CAP_SCHED_CONTROL:
        return a.type == b.type;
    case CAP_IRQ_CONTROL:
        return cap_is(b, CAP_IRQ_CONTROL) || cap_is(b, CAP_IRQ_HANDLER);
    case CAP_IRQ_HANDLER:
        return cap_is(b, CAP_IRQ_HANDLER) && a.irq_handler.irq == b.irq_handler.irq;
    default:
        return false;
    }
}

bool object_same(struct cap a, struct cap b)
{
    if (cap_is(a, CAP_UNTYPED) || cap_is(a, CAP_IRQ_CONTROL)) {
        return false;
    }
    if (is_x86(a) && is_x86(b)) {
        return x86_same(a, b);
    }
    return object_same_region(a, b);
}

static struct cap zombie(struct cap cap, bool is_tcb, unsigned radix, uint64_t slots)
{
    return (struct cap){.zombie = {.type = CAP_ZOMBIE,
                                   .object_16 = cap.object_16,
                                   .is_tcb = is_tcb,
                                   .radix = radix & 63,
                                   .slots_left = slots}};
}

struct cap object_finalise(struct kernel *k, struct cap cap, bool is_final, struct cap *cleanup)
{
    paddr object = cap_object(cap);
    *cleanup = cap_null();

    if (is_x86(cap)) {
        return x86_finalise(k, cap, is_final, cleanup);
    }
    if (cap_is(cap, CAP_ZOMBIE)) {
        return cap;
    }
    if (!is_final) {
        return cap_null();
    }
    switch (cap_type(cap)) {
    case CAP_ENDPOINT:
        ep_cancel_all(k, ep_at(k, object));
        return cap_null();
    case CAP_NOTIFICATION:
        ntfn_finalise(k, ntfn_at(k, object));
        return cap_null();
    case CAP_REPLY:
    case CAP_SCHED_CONTEXT:
        product_finalise(k, cap);
        return cap_null();
    case CAP_CNODE:
        return zombie(cap, false, cap.cnode.radix, 1ul << cap.cnode.radix);
    case CAP_TCB:
        tcb_finalise(k, tcb_at(k, object));
        return zombie(cap, true, 0, TCB_SLOTS);
    case CAP_IRQ_HANDLER:
        irq_delete_handler(k, (unsigned)cap.irq_handler.irq);
        *cleanup = cap;
        return cap_null();
    default:
        return cap_null();
    }
}

void object_clean_up(struct kernel *k, struct cap cleanup)
{
    if (cap_is(cleanup, CAP_IRQ_HANDLER)) {
        irq_release(k, (unsigned)cleanup.irq_handler.irq);
    } else if (!cap_is_null(cleanup)) {
        x86_clean_up(k, cleanup);
    }
}
