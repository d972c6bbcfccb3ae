/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Only in programs that call it: the tool knows them by the table below. */

#include <quoll/restart.h>

#define CHILDREN_MAX 64

/* A child, as microkit/restart.c writes it. Zeros: there is none of this id. */
struct restart_child {
    seL4_Word entry;
    seL4_Word stack_top;
    seL4_Word window;       /* its writable pages: first those with contents, then the others */
    seL4_Word filled_bytes; /* of the first; their copy is behind all pages of the window */
    seL4_Word empty_bytes;  /* of the others */
};

/* In .data, because the tool writes it. */
struct restart_child quoll_restart_children[CHILDREN_MAX] __attribute__((section(".data")));

static void copy_bytes(void *target, const void *source, seL4_Word bytes)
{
    __asm__ volatile("rep movsb" : "+D"(target), "+S"(source), "+c"(bytes) : : "memory");
}

static void clear_bytes(void *target, seL4_Word bytes)
{
    __asm__ volatile("rep stosb" : "+D"(target), "+c"(bytes) : "a"(0) : "memory");
}

static void reset_memory(const struct restart_child *child)
{
    char *window = (char *)child->window;
    char *empty = window + child->filled_bytes;
    copy_bytes(window, empty + child->empty_bytes, child->filled_bytes);
    clear_bytes(empty, child->empty_bytes);
}

static seL4_Bool is_filled_in(void)
{
    for (microkit_child id = 0; id < CHILDREN_MAX; id++) {
        if (quoll_restart_children[id].entry != 0) {
            return seL4_True;
        }
    }
    return seL4_False;
}

static void say_why_not(microkit_child id)
{
    microkit_dbg_puts(microkit_name);
    if (is_filled_in()) {
        microkit_dbg_puts(" quoll_pd_restart_clean: invalid child given '");
        microkit_dbg_put32(id);
        microkit_dbg_puts("'\n");
    } else {
        microkit_dbg_puts(" quoll_pd_restart_clean: the image does not know of any child\n");
    }
}

seL4_Bool quoll_pd_restart_clean(microkit_child id)
{
    if (id >= CHILDREN_MAX || quoll_restart_children[id].entry == 0) {
        say_why_not(id);
        return seL4_False;
    }
    const struct restart_child *child = &quoll_restart_children[id];
    microkit_pd_stop(id);
    reset_memory(child);
    seL4_UserContext registers = {.rip = child->entry, .rsp = child->stack_top};
    seL4_Error error = seL4_TCB_WriteRegisters(BASE_TCB_CAP + id, seL4_True, 0,
                                               sizeof registers / sizeof(seL4_Word), &registers);
    if (error != seL4_NoError) {
        microkit_dbg_puts("quoll_pd_restart_clean: error writing TCB registers\n");
        microkit_internal_crash(error);
    }
    return seL4_True;
}
