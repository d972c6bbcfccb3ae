/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* I/O ports. */
#include "kernel/x86/ioport.h"

#include "kernel/cdt.h"
#include "kernel/cnode.h"

static bool is_issued(const struct kernel *k, unsigned port)
{
    return k->io_ports[port / 8] & (1u << port % 8);
}

void io_port_release(struct kernel *k, unsigned first, unsigned last)
{
    for (unsigned port = first; port <= last; port++) {
        k->io_ports[port / 8] &= (uint8_t) ~(1u << port % 8);
    }
}

static void perform_issue(struct kernel *k, struct slot *control, struct slot *target,
                          unsigned first, unsigned last)
{
    for (unsigned port = first; port <= last; port++) {
        k->io_ports[port / 8] |= (uint8_t)(1u << port % 8);
    }
    struct cap cap = {
        .io_port = {.type = CAP_IO_PORT, .first = first & 0xffff, .last = last & 0xffff}};
    cdt_insert(k, cap, control, target);
}

enum answer decode_io_port_control(struct call *call)
{
    if (call->label != X86IOPortControlIssue) {
        return answer_unknown_label(call);
    }
    if (call->length < 4 || call->extra_count < 1) {
        return answer_truncated(call, 4, 1);
    }
    unsigned first = call->args[0] & 0xffff;
    unsigned last = call->args[1] & 0xffff;
    if (last < first) {
        return answer_invalid_argument(
            call, 1, WHY("the last port, %x, is below the first, %x", last, first));
    }
    for (unsigned port = first; port <= last; port++) {
        if (is_issued(call->k, port)) {
            return answer_revoke_first(call, WHY("port %x is in a range issued before", port));
        }
    }
    struct slot *target;
    enum answer answer = cnode_find(call, LOOKUP_DESTINATION, call->extra[0]->cap, call->args[2],
                                    call->args[3], &target);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    if (!cap_is_null(target->cap)) {
        return answer_delete_first(call, WHY("slot %u is not empty", call->args[2]));
    }
    perform_issue(call->k, call->slot, target, first, last);
    return ANSWER_DONE;
}

/* All ports that an access of this width touches must be the cap's. */
static enum answer require_ports(struct call *call, unsigned port, unsigned width)
{
    unsigned first = call->cap.io_port.first;
    unsigned last = call->cap.io_port.last;
    if (port < first || port + width - 1 > last) {
        return answer_illegal(call, WHY("%u bytes at port %x are not within ports %x to %x", width,
                                        port, first, last));
    }
    return ANSWER_DONE;
}

static enum answer decode_in(struct call *call, unsigned width)
{
    struct kernel *k = call->k;
    if (call->length < 1) {
        return answer_truncated(call, 1, 0);
    }
    unsigned port = call->args[0] & 0xffff;
    enum answer answer = require_ports(call, port, width);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    call_result(call, k->port.port_in(k->port.context, (uint16_t)port, width));
    return ANSWER_DONE;
}

static enum answer decode_out(struct call *call, unsigned width)
{
    struct kernel *k = call->k;
    if (call->length < 2) {
        return answer_truncated(call, 2, 0);
    }
    unsigned port = call->args[0] & 0xffff;
    enum answer answer = require_ports(call, port, width);
    if (answer != ANSWER_DONE) {
        return answer;
    }
    uint64_t value = call->args[1] & ((1ul << 8 * width) - 1);
    k->port.port_out(k->port.context, (uint16_t)port, width, (uint32_t)value);
    return ANSWER_DONE;
}

enum answer decode_io_port(struct call *call)
{
    switch (call->label) {
    case X86IOPortIn8:
        return decode_in(call, 1);
    case X86IOPortIn16:
        return decode_in(call, 2);
    case X86IOPortIn32:
        return decode_in(call, 4);
    case X86IOPortOut8:
        return decode_out(call, 1);
    case X86IOPortOut16:
        return decode_out(call, 2);
    case X86IOPortOut32:
        return decode_out(call, 4);
    default:
        return answer_unknown_label(call);
    }
}
