/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* All system calls: messages, and here the debug and benchmark calls of kernels that have them. */
#pragma once

#include <sel4/sel4_arch/syscalls.h>

/* Enter the kernel with one argument; answers the badge register. */
LIBSEL4_INLINE_FUNC seL4_Word sel4_ask(seL4_Syscall_ID number, seL4_Word argument)
{
    seL4_Word answer, info, mr0 = 0, mr1 = 0, mr2 = 0, mr3 = 0;
    x64_sys_send_recv(number, argument, &answer, 0, &info, &mr0, &mr1, &mr2, &mr3, 0);
    return answer;
}

#ifdef CONFIG_PRINTING
/* Write a character to the kernel's console. */
LIBSEL4_INLINE_FUNC void seL4_DebugPutChar(char c)
{
    sel4_ask(seL4_SysDebugPutChar, c);
}

LIBSEL4_INLINE_FUNC void seL4_DebugPutString(char *str)
{
    for (; *str != '\0'; str++) {
        seL4_DebugPutChar(*str);
    }
}

/* Print all threads and their states on the console. */
LIBSEL4_INLINE_FUNC void seL4_DebugDumpScheduler(void)
{
    sel4_ask(seL4_SysDebugDumpScheduler, 0);
}
#endif

#ifdef CONFIG_DEBUG_BUILD
/* Stop the machine. */
LIBSEL4_INLINE_FUNC void seL4_DebugHalt(void)
{
    x64_sys_null(seL4_SysDebugHalt);
}

/* Print this thread's CSpace on the console. */
LIBSEL4_INLINE_FUNC void seL4_DebugSnapshot(void)
{
    x64_sys_null(seL4_SysDebugSnapshot);
}

/* The kernel's number for the type of this cap, 0 for none. */
LIBSEL4_INLINE_FUNC seL4_Uint32 seL4_DebugCapIdentify(seL4_CPtr cap)
{
    return (seL4_Uint32)sel4_ask(seL4_SysDebugCapIdentify, cap);
}

/* Name a thread, for the kernel's own messages. A name longer than a message is cut off. */
LIBSEL4_INLINE_FUNC void seL4_DebugNameThread(seL4_CPtr tcb, const char *name)
{
    char *copy = (char *)seL4_GetIPCBuffer()->msg;
    seL4_Word i = 0;
    while (name[i] != '\0' && i < seL4_MsgMaxLength * sizeof(seL4_Word) - 1) {
        copy[i] = name[i];
        i++;
    }
    copy[i] = '\0';
    sel4_ask(seL4_SysDebugNameThread, tcb);
}

#ifdef CONFIG_ENABLE_SMP_SUPPORT
/* The core that a thread runs on. */
LIBSEL4_INLINE_FUNC seL4_Word seL4_DebugGetThreadAffinity(seL4_CPtr tcb)
{
    return sel4_ask(seL4_SysDebugGetThreadAffinity, tcb);
}
#endif
#endif

#ifdef CONFIG_DANGEROUS_CODE_INJECTION
/* Run a function of the user's inside the kernel. */
LIBSEL4_INLINE_FUNC void seL4_DebugRun(void (*userfn)(void *), void *userarg)
{
    x64_sys_send_null(seL4_SysDebugRun, (seL4_Word)userfn, (seL4_Word)userarg);
}
#endif

#ifdef CONFIG_ENABLE_BENCHMARKS
LIBSEL4_INLINE_FUNC seL4_Error seL4_BenchmarkResetLog(void)
{
    return (seL4_Error)sel4_ask(seL4_SysBenchmarkResetLog, 0);
}

/* Stop logging; answers how many entries there are. */
LIBSEL4_INLINE_FUNC seL4_Word seL4_BenchmarkFinalizeLog(void)
{
    return sel4_ask(seL4_SysBenchmarkFinalizeLog, 0);
}

/* Log into this large frame. */
LIBSEL4_INLINE_FUNC seL4_Error seL4_BenchmarkSetLogBuffer(seL4_Word frame_cptr)
{
    return (seL4_Error)sel4_ask(seL4_SysBenchmarkSetLogBuffer, frame_cptr);
}

LIBSEL4_INLINE_FUNC void seL4_BenchmarkNullSyscall(void)
{
    x64_sys_null(seL4_SysBenchmarkNullSyscall);
}

LIBSEL4_INLINE_FUNC void seL4_BenchmarkFlushCaches(void)
{
    x64_sys_null(seL4_SysBenchmarkFlushCaches);
}

#ifdef CONFIG_BENCHMARK_TRACK_UTILISATION
/* Fills the IPC buffer: benchmark_utilisation_types.h. */
LIBSEL4_INLINE_FUNC void seL4_BenchmarkGetThreadUtilisation(seL4_Word tcb_cptr)
{
    sel4_ask(seL4_SysBenchmarkGetThreadUtilisation, tcb_cptr);
}

LIBSEL4_INLINE_FUNC void seL4_BenchmarkResetThreadUtilisation(seL4_Word tcb_cptr)
{
    sel4_ask(seL4_SysBenchmarkResetThreadUtilisation, tcb_cptr);
}

#ifdef CONFIG_DEBUG_BUILD
LIBSEL4_INLINE_FUNC void seL4_BenchmarkDumpAllThreadsUtilisation(void)
{
    sel4_ask(seL4_SysBenchmarkDumpAllThreadsUtilisation, 0);
}

LIBSEL4_INLINE_FUNC void seL4_BenchmarkResetAllThreadsUtilisation(void)
{
    sel4_ask(seL4_SysBenchmarkResetAllThreadsUtilisation, 0);
}
#endif
#endif
#endif
