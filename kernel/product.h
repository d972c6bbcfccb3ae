/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The two products: seL4 with mixed-criticality scheduling (MCS), and the classic seL4.
 *
 * Both are made of the files in kernel/ and kernel/x86/. What they do not share is in kernel/mcs/
 * and kernel/classic/, under the same names where both answer the same question: a header in
 * kernel/ declares the question and says that each product has its own answer. Shared files include
 * nothing from the two folders.
 *
 * Each product is linked on its own, and only its table stays visible. kernel.c is the host's door
 * to both.
 */
#pragma once

#include "kernel/call.h"

/* The functions of kernel.h that look at what a kernel does. */
struct kernel_product {
    size_t (*size)(void);
    paddr (*image_base)(const struct kernel_boot *boot);
    const char *(*boot)(struct kernel *kernel, const struct kernel_boot *boot);
    struct kernel_next (*enter)(struct kernel *kernel, unsigned core,
                                const struct kernel_event *event);
    bool (*translate)(struct kernel *kernel, paddr vspace, uint64_t vaddr,
                      struct kernel_mapping *mapping);
    bool (*writes)(struct kernel *kernel, paddr page);
    void (*set_register)(struct kernel *kernel, paddr tcb, enum x86_register which, uint64_t value);
    void (*each_thread)(struct kernel *kernel,
                        bool (*visit)(void *context, const struct kernel_thread *thread),
                        void *context);
    bool (*timer_pending)(const struct kernel *kernel);
    void (*stats)(const struct kernel *kernel, struct kernel_stats *stats);
};

/* What a product's table is made of. */
#define KERNEL_PRODUCT                                                                             \
    {                                                                                              \
        .size = kernel_size, .image_base = kernel_image_base, .boot = kernel_boot,                 \
        .enter = kernel_enter, .translate = kernel_translate, .writes = kernel_writes,             \
        .set_register = kernel_set_register, .each_thread = kernel_each_thread,                    \
        .timer_pending = kernel_timer_pending, .stats = kernel_stats,                              \
    }

extern const struct kernel_product kernel_mcs;
extern const struct kernel_product kernel_classic;

/* What follows is each product's own, in its product.c: what its name says without a noun of its
 * own. */

struct product_numbers {
    bool mcs;                   /* the configurations that this product is for */
    int64_t last_syscall;       /* of the API; debug calls and others follow */
    unsigned notification_bits; /* log2 bytes */
    uint64_t initial_sc_bytes;  /* the initial thread's scheduling context; 0: none */
};
extern const struct product_numbers product_numbers;

/* The types of objects that one product has alone, see object.h. */
unsigned product_object_size_bits(enum object_type type, uint64_t user_size);
struct cap product_object_create(enum object_type type, paddr base, uint64_t user_size);

/* A cap of another type than those of shared objects: what a copy of it is, or a null cap. */
struct cap product_derive(struct cap cap);

/* The last cap to such an object goes. */
void product_finalise(struct kernel *k, struct cap cap);
