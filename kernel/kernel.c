/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The host's door to the two products: a kernel's configuration says which of them it is. */
#include "kernel/product.h"

static const struct kernel_product *product_for(const struct kernel_config *config)
{
    return config->mcs ? &kernel_mcs : &kernel_classic;
}

size_t kernel_size(void)
{
    return kernel_mcs.size(); /* of struct kernel, which is the same for both */
}

paddr kernel_image_base(const struct kernel_boot *boot)
{
    return product_for(&boot->config)->image_base(boot);
}

const char *kernel_boot(struct kernel *kernel, const struct kernel_boot *boot)
{
    return product_for(&boot->config)->boot(kernel, boot);
}

struct kernel_next kernel_enter(struct kernel *kernel, unsigned core,
                                const struct kernel_event *event)
{
    return product_for(&kernel->config)->enter(kernel, core, event);
}

bool kernel_translate(struct kernel *kernel, paddr vspace, uint64_t vaddr,
                      struct kernel_mapping *mapping)
{
    return product_for(&kernel->config)->translate(kernel, vspace, vaddr, mapping);
}

bool kernel_writes(struct kernel *kernel, paddr page)
{
    return product_for(&kernel->config)->writes(kernel, page);
}

void kernel_set_register(struct kernel *kernel, paddr tcb, enum x86_register which, uint64_t value)
{
    product_for(&kernel->config)->set_register(kernel, tcb, which, value);
}

void kernel_each_thread(struct kernel *kernel,
                        bool (*visit)(void *context, const struct kernel_thread *thread),
                        void *context)
{
    product_for(&kernel->config)->each_thread(kernel, visit, context);
}

bool kernel_timer_pending(const struct kernel *kernel)
{
    return product_for(&kernel->config)->timer_pending(kernel);
}

void kernel_stats(const struct kernel *kernel, struct kernel_stats *stats)
{
    product_for(&kernel->config)->stats(kernel, stats);
}
