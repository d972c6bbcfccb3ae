/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Messages on their way: message registers, the IPC buffer, caps. */
#include "kernel/message.h"

#include "kernel/cdt.h"
#include "kernel/fault.h"
#include "kernel/lookup.h"
#include "kernel/object.h"
#include "kernel/tcb.h"

static const uint8_t message_registers[MESSAGE_REGISTERS] = {SYSCALL_MR0, SYSCALL_MR1, SYSCALL_MR2,
                                                             SYSCALL_MR3};

/* A word of guest memory. Other threads may write it meanwhile, so the compiler must not read it a
 * second time. */
static uint64_t read_word(const uint64_t *word)
{
    return *(const volatile uint64_t *)word;
}

static unsigned bits_of_word(uint64_t word, unsigned shift, unsigned bits)
{
    return (unsigned)(word >> shift) & ((1u << bits) - 1);
}

struct message_info message_info_read(uint64_t word)
{
    struct message_info info = {
        .label = word >> MESSAGE_LABEL_SHIFT,
        .unwrapped = bits_of_word(word, MESSAGE_UNWRAPPED_SHIFT, 3),
        .extra = bits_of_word(word, MESSAGE_EXTRA_CAPS_SHIFT, 2),
        .length = bits_of_word(word, 0, MESSAGE_LENGTH_BITS),
    };
    if (info.length > MESSAGE_LENGTH_MAX) {
        info.length = MESSAGE_LENGTH_MAX;
    }
    return info;
}

uint64_t message_info_word(struct message_info info)
{
    return info.label << MESSAGE_LABEL_SHIFT | (uint64_t)info.unwrapped << MESSAGE_UNWRAPPED_SHIFT |
           (uint64_t)info.extra << MESSAGE_EXTRA_CAPS_SHIFT | info.length;
}

static uint64_t frame_bytes(enum frame_size size)
{
    switch (size) {
    case FRAME_1G:
        return 1ul << seL4_HugePageBits;
    case FRAME_2M:
        return 1ul << seL4_LargePageBits;
    default:
        return 1ul << seL4_PageBits;
    }
}

struct abi_ipc_buffer *message_buffer(struct kernel *k, struct tcb *tcb, enum buffer_access access)
{
    struct cap cap = tcb_cap(tcb, TCB_IPC_BUFFER);
    if (!cap_is(cap, CAP_FRAME) || cap.frame.is_device) {
        return NULL;
    }
    enum frame_rights rights = (enum frame_rights)cap.frame.rights;
    if (rights == FRAME_KERNEL_ONLY || (rights == FRAME_READ_ONLY && access == BUFFER_WRITE)) {
        return NULL;
    }
    uint64_t offset = tcb->ipc_buffer & (frame_bytes((enum frame_size)cap.frame.size) - 1);
    return (struct abi_ipc_buffer *)(void *)(k->ram + cap_object(cap) + offset);
}

/* The page that the kernel writes a thread's messages to. False: it has none. */
static bool buffer_page(struct kernel *k, struct tcb *tcb, paddr *page)
{
    const struct abi_ipc_buffer *buffer = message_buffer(k, tcb, BUFFER_WRITE);
    if (!buffer) {
        return false;
    }
    *page = (paddr)((const uint8_t *)buffer - k->ram) & ~(paddr)(frame_bytes(FRAME_4K) - 1);
    return true;
}

void message_announce_buffer(struct kernel *k, struct tcb *tcb)
{
    paddr page;
    if (buffer_page(k, tcb, &page)) {
        k->port.writes(k->port.context, page);
    }
}

bool kernel_writes(struct kernel *kernel, paddr page)
{
    paddr written;
    for (struct tcb *tcb = tcb_at(kernel, kernel->threads.first); tcb;
         tcb = tcb_at(kernel, tcb->all.next)) {
        if (buffer_page(kernel, tcb, &written) && written == page) {
            return true;
        }
    }
    return false;
}

uint64_t message_get(const struct tcb *tcb, const struct abi_ipc_buffer *buffer, unsigned i)
{
    if (i < MESSAGE_REGISTERS) {
        return tcb->registers.r[message_registers[i]];
    }
    return buffer && i < MESSAGE_LENGTH_MAX ? read_word(&buffer->msg[i]) : 0;
}

unsigned message_set(struct tcb *tcb, struct abi_ipc_buffer *buffer, unsigned i, uint64_t word)
{
    if (i < MESSAGE_REGISTERS) {
        tcb->registers.r[message_registers[i]] = word;
        return i + 1;
    }
    if (!buffer) {
        return MESSAGE_REGISTERS;
    }
    ASSERT(i < MESSAGE_LENGTH_MAX);
    buffer->msg[i] = word;
    return i + 1;
}

struct message_caps message_find_caps(struct kernel *k, struct tcb *sender,
                                      const struct abi_ipc_buffer *buffer, struct message_info info)
{
    struct message_caps caps = {.failure = {.kind = seL4_NoFailure}};
    for (unsigned i = 0; buffer && i < info.extra; i++) {
        cptr address = read_word(&buffer->caps_or_badges[i]);
        struct lookup lookup = lookup_slot(k, sender, address);
        if (!lookup.slot) {
            return (struct message_caps){.failure = lookup.failure, .missing = address};
        }
        caps.slots[caps.count++] = lookup.slot;
    }
    return caps;
}

/* One end of a transfer. */
struct party {
    struct tcb *tcb;
    struct abi_ipc_buffer *buffer; /* NULL: registers only */
};

/* Returns how many words there was room for on both sides. */
static unsigned copy_words(struct party sender, struct party receiver, unsigned length)
{
    if ((!sender.buffer || !receiver.buffer) && length > MESSAGE_REGISTERS) {
        length = MESSAGE_REGISTERS;
    }
    for (unsigned i = 0; i < length; i++) {
        message_set(receiver.tcb, receiver.buffer, i, message_get(sender.tcb, sender.buffer, i));
    }
    return length;
}

/* The empty slot in which the receiver wants a cap, or NULL. */
static struct slot *receive_slot(struct kernel *k, struct party receiver)
{
    const struct abi_ipc_buffer *buffer = receiver.buffer;
    struct lookup root = lookup_slot(k, receiver.tcb, read_word(&buffer->receive_cnode));
    uint64_t depth = read_word(&buffer->receive_depth);
    if (!root.slot || depth < 1 || depth > seL4_WordBits) {
        return NULL;
    }
    struct lookup target =
        lookup_target(k, root.slot->cap, read_word(&buffer->receive_index), depth);
    return target.slot && cap_is_null(target.slot->cap) ? target.slot : NULL;
}

static bool is_cap_to(struct kernel *k, struct cap cap, const struct endpoint *ep)
{
    return ep && cap_is(cap, CAP_ENDPOINT) && ep_at(k, cap_object(cap)) == ep;
}

/* Caps to the endpoint itself arrive as their badges. One other cap can be received; what follows
 * a cap that cannot be is lost. */
static void transfer_caps(struct kernel *k, const struct message_caps *caps, struct party receiver,
                          const struct endpoint *ep, struct message_info *info)
{
    info->extra = 0;
    info->unwrapped = 0;
    if (caps->count == 0 || !receiver.buffer) {
        return;
    }
    struct slot *target = receive_slot(k, receiver);
    for (unsigned i = 0; i < caps->count; i++) {
        struct slot *source = caps->slots[i];
        if (is_cap_to(k, source->cap, ep)) {
            receiver.buffer->caps_or_badges[i] = source->cap.endpoint.badge;
            info->unwrapped |= 1u << i;
        } else {
            if (!target) {
                return;
            }
            struct derived derived = object_derive(k, source, source->cap);
            if (derived.error != seL4_NoError || cap_is_null(derived.cap)) {
                return;
            }
            cdt_insert(k, derived.cap, source, target);
            target = NULL;
        }
        info->extra = i + 1;
    }
}

/* What the sender wrote. */
static struct message_info transfer_message(struct kernel *k, struct party sender,
                                            struct party receiver, struct transfer transfer)
{
    struct message_info info = message_info_read(sender.tcb->registers.r[SYSCALL_INFO]);
    struct message_caps caps = {0};
    if (transfer.can_grant) {
        caps = message_find_caps(k, sender.tcb, sender.buffer, info);
    }
    info.length = copy_words(sender, receiver, info.length);
    transfer_caps(k, &caps, receiver, transfer.endpoint, &info);
    return info;
}

void message_transfer(struct kernel *k, struct tcb *sender, struct tcb *receiver,
                      struct transfer transfer)
{
    struct party to = {receiver, message_buffer(k, receiver, BUFFER_WRITE)};
    struct message_info info = {0};
    if (sender->fault.kind == NO_FAULT) {
        struct party from = {sender, message_buffer(k, sender, BUFFER_READ)};
        info = transfer_message(k, from, to, transfer);
    } else {
        info.length = fault_message(k, sender, receiver, to.buffer, &info.label);
    }
    receiver->registers.r[SYSCALL_INFO] = message_info_word(info);
    receiver->registers.r[SYSCALL_CAP] = transfer.badge;
}
