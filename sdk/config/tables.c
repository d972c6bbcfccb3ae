/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Prints one of the three tables that a Microkit SDK has beside its headers, for tools that do not
 * read C: the numbers that the headers of this configuration have.
 *
 * tables NAME, where NAME is invocations_all, object_sizes or address_space_constants.
 */

#include <sel4/sel4.h>

#include <stdio.h>
#include <string.h>

struct number {
    const char *name;
    unsigned long value;
};

#define INVOCATION(name, condition) SEL4_WHEN_##condition({#name, name}, )
static const struct number invocations[] = {INVOCATIONS(INVOCATION){NULL, 0}};

static const struct number object_sizes[] = {
    {"tcb", seL4_TCBBits},
    {"endpoint", seL4_EndpointBits},
    {"notification", seL4_NotificationBits},
    {"small_page", seL4_PageBits},
    {"large_page", seL4_LargePageBits},
    {"asid_pool", seL4_ASIDPoolBits},
    {"asid_table", seL4_ASIDPoolIndexBits},
    {"slot", seL4_SlotBits},
    {"min_untyped_bits", seL4_MinUntypedBits},
    {"max_untyped_bits", seL4_MaxUntypedBits},
    {"vspace", seL4_VSpaceBits},
    {"reply", seL4_ReplyBits},
    {"vcpu", seL4_VCPUBits},
    {"page_table", seL4_PageTableBits},
    {"huge_page", seL4_HugePageBits},
    {"io_page_table", seL4_IOPageTableBits},
    {NULL, 0},
};

static const struct number address_space_constants[] = {
    {"page_table_index_bits", seL4_PageTableIndexBits},
    {"vspace_user_top", seL4_UserVSpaceTop},
    {"io_page_table_index_bits", seL4_IOPageTableIndexBits},
    {NULL, 0},
};

/* The first entry of `invocations` is not one: InvalidInvocation is there to take number 0. */
static const struct table {
    const char *name;
    const struct number *numbers;
} tables[] = {
    {"invocations_all", invocations + 1},
    {"object_sizes", object_sizes},
    {"address_space_constants", address_space_constants},
};

static void print(const struct number *numbers)
{
    const char *separator = "{";
    for (const struct number *n = numbers; n->name != NULL; n++) {
        printf("%s\"%s\": %lu", separator, n->name, n->value);
        separator = ", ";
    }
    printf("}");
}

/* The headers ask for it; nothing here enters a kernel. */
seL4_IPCBuffer *__sel4_ipc_buffer;

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < sizeof(tables) / sizeof(tables[0]); i++) {
        if (strcmp(argv[1], tables[i].name) == 0) {
            print(tables[i].numbers);
            return 0;
        }
    }
    fprintf(stderr, "tables: say which: invocations_all, object_sizes, address_space_constants\n");
    return 1;
}
