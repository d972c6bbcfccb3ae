/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * System call numbers. They do not depend on options other than MCS.
 * Source: seL4 16.0.0, libsel4 interfaces/syscall.xml, which counts down from -1.
 *
 * Each list is a macro that takes a macro S(name, number).
 */
#pragma once

#define SYSCALLS_MCS(S)                                                                            \
    S(Call, -1)                                                                                    \
    S(ReplyRecv, -2)                                                                               \
    S(NBSendRecv, -3)                                                                              \
    S(NBSendWait, -4)                                                                              \
    S(Send, -5)                                                                                    \
    S(NBSend, -6)                                                                                  \
    S(Recv, -7)                                                                                    \
    S(NBRecv, -8)                                                                                  \
    S(Wait, -9)                                                                                    \
    S(NBWait, -10)                                                                                 \
    S(Yield, -11)

#define SYSCALLS_CLASSIC(S)                                                                        \
    S(Call, -1)                                                                                    \
    S(ReplyRecv, -2)                                                                               \
    S(Send, -3)                                                                                    \
    S(NBSend, -4)                                                                                  \
    S(Recv, -5)                                                                                    \
    S(Reply, -6)                                                                                   \
    S(Yield, -7)                                                                                   \
    S(NBRecv, -8)

/* These follow directly in either kernel: `last` is the last number of the list above. */
#define SYSCALLS_OPTIONAL(S, last)                                                                 \
    S(DebugPutChar, last - 1)                                                                      \
    S(DebugDumpScheduler, last - 2)                                                                \
    S(DebugHalt, last - 3)                                                                         \
    S(DebugCapIdentify, last - 4)                                                                  \
    S(DebugSnapshot, last - 5)                                                                     \
    S(DebugNameThread, last - 6)                                                                   \
    S(DebugSendIPI, last - 7)                                                                      \
    S(DebugGetThreadAffinity, last - 8)                                                            \
    S(DebugRun, last - 9)                                                                          \
    S(BenchmarkFlushCaches, last - 10)                                                             \
    S(BenchmarkResetLog, last - 11)                                                                \
    S(BenchmarkFinalizeLog, last - 12)                                                             \
    S(BenchmarkSetLogBuffer, last - 13)                                                            \
    S(BenchmarkNullSyscall, last - 14)                                                             \
    S(BenchmarkGetThreadUtilisation, last - 15)                                                    \
    S(BenchmarkResetThreadUtilisation, last - 16)                                                  \
    S(BenchmarkDumpAllThreadsUtilisation, last - 17)                                               \
    S(BenchmarkResetAllThreadsUtilisation, last - 18)                                              \
    S(X86DangerousWRMSR, last - 19)                                                                \
    S(X86DangerousRDMSR, last - 20)                                                                \
    S(VMEnter, last - 21)                                                                          \
    S(SetTLSBase, last - 22)

#define SYSCALLS_MCS_LAST     (-11)
#define SYSCALLS_CLASSIC_LAST (-8)
