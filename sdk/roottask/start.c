/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* From the kernel's register state to main(), and what comes after it. */

#include <roottask.h>

LIBSEL4_THREAD_LOCAL seL4_IPCBuffer *__sel4_ipc_buffer;
#ifdef CONFIG_KERNEL_INVOCATION_REPORT_ERROR_IPC
LIBSEL4_THREAD_LOCAL char __sel4_print_error;
#endif

/* From roottask.ld: what thread-local variables start as, and room for this thread's. */
extern const char __tdata_start[], __tdata_end[];
extern char __tls_block[];
extern const char __tls_size[]; /* the symbol's address is the size */

extern void (*const __init_array_start[])(void);
extern void (*const __init_array_end[])(void);

static seL4_BootInfo *bootinfo_of_start;

void seL4_InitBootInfo(seL4_BootInfo *bi)
{
    bootinfo_of_start = bi;
}

seL4_BootInfo *seL4_GetBootInfo(void)
{
    return bootinfo_of_start;
}

/*
 * The x86-64 psABI, "variant II": thread-local variables end where FS points, and the word there
 * is its own address.
 */
static void start_thread_locals(void)
{
    seL4_Word size = (seL4_Word)__tls_size;
    if (size == 0) {
        return;
    }
    for (const char *from = __tdata_start; from < __tdata_end; from++) {
        __tls_block[from - __tdata_start] = *from;
    }
    seL4_Word thread_pointer = (seL4_Word)__tls_block + size;
    *(seL4_Word *)thread_pointer = thread_pointer;
#ifdef CONFIG_SET_TLS_BASE_SELF
    seL4_SetTLSBase(thread_pointer);
#else
    seL4_TCB_SetTLSBase(seL4_CapInitThreadTCB, thread_pointer);
#endif
}

/* Called by crt0.S. */
void roottask_start(seL4_BootInfo *bootinfo);

void roottask_start(seL4_BootInfo *bootinfo)
{
    start_thread_locals();
    seL4_SetIPCBuffer(bootinfo->ipcBuffer);
    bootinfo_of_start = bootinfo;
    for (seL4_Word i = 0; i < (seL4_Word)(__init_array_end - __init_array_start); i++) {
        __init_array_start[i]();
    }

    main(bootinfo);

#ifdef CONFIG_DEBUG_BUILD
    seL4_DebugHalt();
#endif
    for (;;) {
        seL4_TCB_Suspend(seL4_CapInitThreadTCB);
    }
}
