/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Messages on their way: message registers, the IPC buffer, caps.
 *
 * The IPC buffer is guest memory, which its owner and others may write at any time: each word is
 * read once.
 */
#pragma once

#include "abi/message.h"
#include "kernel/call.h"

struct message_info {
    uint64_t label;
    unsigned unwrapped; /* bit per cap that arrived as a badge */
    unsigned extra;
    unsigned length;
};

struct message_info message_info_read(uint64_t word); /* length is cut to the maximum */
uint64_t message_info_word(struct message_info info);

/* The IPC buffer of a thread, for writing or only reading; NULL when it has none that can be. */
enum buffer_access { BUFFER_READ, BUFFER_WRITE };
struct abi_ipc_buffer *message_buffer(struct kernel *k, struct tcb *tcb, enum buffer_access access);

/* The thread's IPC buffer is new: the host has to know which page the kernel will write to. */
void message_announce_buffer(struct kernel *k, struct tcb *tcb);

/* Message register `i`: a register, or a word of the buffer; 0 or nothing without a buffer. */
uint64_t message_get(const struct tcb *tcb, const struct abi_ipc_buffer *buffer, unsigned i);
/* Returns the number of words there are room for so far: i + 1, or 4 without a buffer. */
unsigned message_set(struct tcb *tcb, struct abi_ipc_buffer *buffer, unsigned i, uint64_t word);

/* Where the extra caps of a message lie in the sender's CSpace. */
struct message_caps {
    struct slot *slots[MESSAGE_EXTRA_CAPS_MAX];
    unsigned count;
    /* One of them was not found, so count is 0. failure.kind is seL4_NoFailure otherwise. */
    struct lookup_failure failure;
    cptr missing;
};
struct message_caps message_find_caps(struct kernel *k, struct tcb *sender,
                                      const struct abi_ipc_buffer *buffer,
                                      struct message_info info);

/* What a transfer may carry. */
struct transfer {
    uint64_t badge;
    bool can_grant;            /* caps may go along */
    struct endpoint *endpoint; /* caps to this one are unwrapped; NULL for none */
};

/* A message, or the fault that stopped the sender, from one thread to another. */
void message_transfer(struct kernel *k, struct tcb *sender, struct tcb *receiver,
                      struct transfer transfer);
