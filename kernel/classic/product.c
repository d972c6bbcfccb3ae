/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The classic kernel: its table and its numbers. No object is its own: reply caps name TCBs. */
#include "kernel/product.h"

#include "abi/syscalls.h"

const struct kernel_product kernel_classic = KERNEL_PRODUCT;

const struct product_numbers product_numbers = {
    .mcs = false,
    .last_syscall = SYSCALLS_CLASSIC_LAST,
    .notification_bits = NOTIFICATION_BITS_CLASSIC,
};

unsigned product_object_size_bits(enum object_type type, uint64_t user_size)
{
    (void)type;
    (void)user_size;
    ASSERT(!"an object of a type that this kernel lacks");
    return 0;
}

struct cap product_object_create(enum object_type type, paddr base, uint64_t user_size)
{
    (void)type;
    (void)base;
    (void)user_size;
    ASSERT(!"an object of a type that this kernel lacks");
    return cap_null();
}

/* A reply can be given once, so the right to give it is never doubled: it can only be moved. */
struct cap product_derive(struct cap cap)
{
    (void)cap;
    return cap_null();
}

void product_finalise(struct kernel *k, struct cap cap)
{
    (void)k;
    (void)cap;
}
