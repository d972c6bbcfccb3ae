/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What the rest of the kernel asks of kernel/x86/. */
#pragma once

#include "kernel/object.h"

/* Objects: the counterparts of kernel/object.h for the types that only x86 has. */
unsigned x86_object_size_bits(enum object_type type);
bool x86_is_frame_type(enum object_type type);
struct cap x86_object_create(struct kernel *k, enum object_type type, paddr base, bool is_device);
/* *error is left alone when the cap can be copied. */
struct cap x86_derive(struct cap cap, seL4_Error *error);
struct cap x86_mask_rights(struct cap cap, uint64_t rights);
bool x86_same_region(struct cap a, struct cap b);
bool x86_same(struct cap a, struct cap b);
struct cap x86_finalise(struct kernel *k, struct cap cap, bool is_final, struct cap *cleanup);
/* After the slot has been emptied: an I/O port range is free again. */
void x86_clean_up(struct kernel *k, struct cap cleanup);
/* Of I/O spaces: which PCI device the cap is for. A null cap when that cannot be. */
struct cap x86_set_data(struct cap cap, uint64_t data, enum badge_mode mode);
enum answer decode_x86(struct call *call);

/* IRQControl's labels of x86. */
enum answer decode_x86_irq_control(struct call *call);
/* Does nothing for interrupts that cannot be masked: MSIs, and those without a handler so far. */
void x86_irq_mask(struct kernel *k, unsigned irq, bool masked);

/* The PML4 of a thread if its VSpace cap is valid, else 0. */
paddr x86_vspace_of(struct kernel *k, const struct tcb *tcb);
/* A cap that can be a thread's VSpace, as far as the cap alone tells. */
bool x86_is_vspace_root(struct cap cap);

/* A cap that can back an IPC buffer; an address that one can have. */
bool x86_ipc_buffer_frame_ok(struct cap cap);
bool x86_ipc_buffer_address_ok(uint64_t address);

/* What a guest wrote to a register, made harmless: flags, segment bases, rip. */
uint64_t x86_sanitise_register(enum x86_register which, uint64_t value);
