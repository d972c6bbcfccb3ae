/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Entering the kernel by the `syscall` instruction.
 *
 *   rdx  number                            r10 r8 r9 r15  message registers 0 to 3
 *   rdi  cap to invoke; out: badge         r12            reply cap (MCS)
 *   rsi  message info                      r13            cap to send to, where rdi receives (MCS)
 *
 * The instruction overwrites rcx and r11, and a kernel may return any rsp: rbx keeps ours. Quoll
 * looks for exactly these three instructions, 48 89 e3 0f 05 48 89 dc: keep them together.
 */
#pragma once

#include <sel4/types.h>

#define SEL4_ENTER                                                                                 \
    "movq %%rsp, %%rbx\n\t"                                                                        \
    "syscall\n\t"                                                                                  \
    "movq %%rbx, %%rsp\n\t"
#define SEL4_ENTER_CLOBBERS "rbx", "rcx", "r11", "memory"

/* Send a message, and hear nothing. */
static inline void x64_sys_send(seL4_Word sys, seL4_Word dest, seL4_Word info, seL4_Word msg0,
                                seL4_Word msg1, seL4_Word msg2, seL4_Word msg3)
{
    register seL4_Word mr0 __asm__("r10") = msg0;
    register seL4_Word mr1 __asm__("r8") = msg1;
    register seL4_Word mr2 __asm__("r9") = msg2;
    register seL4_Word mr3 __asm__("r15") = msg3;

    __asm__ volatile(SEL4_ENTER
                     :
                     : "d"(sys), "D"(dest), "S"(info), "r"(mr0), "r"(mr1), "r"(mr2), "r"(mr3)
                     : SEL4_ENTER_CLOBBERS);
}

/* Send a message without registers. */
static inline void x64_sys_send_null(seL4_Word sys, seL4_Word dest, seL4_Word info)
{
    __asm__ volatile(SEL4_ENTER : : "d"(sys), "D"(dest), "S"(info) : SEL4_ENTER_CLOBBERS);
}

#ifndef CONFIG_KERNEL_MCS
/* Answer the caller of the last message. */
static inline void x64_sys_reply(seL4_Word sys, seL4_Word info, seL4_Word msg0, seL4_Word msg1,
                                 seL4_Word msg2, seL4_Word msg3)
{
    x64_sys_send(sys, 0, info, msg0, msg1, msg2, msg3);
}
#endif

/* Receive a message. `reply` is for MCS. */
static inline void x64_sys_recv(seL4_Word sys, seL4_Word src, seL4_Word *out_badge,
                                seL4_Word *out_info, seL4_Word *out_mr0, seL4_Word *out_mr1,
                                seL4_Word *out_mr2, seL4_Word *out_mr3, seL4_Word reply)
{
    register seL4_Word mr0 __asm__("r10");
    register seL4_Word mr1 __asm__("r8");
    register seL4_Word mr2 __asm__("r9");
    register seL4_Word mr3 __asm__("r15");
    register seL4_Word reply_register __asm__("r12") = reply;

    __asm__ volatile(SEL4_ENTER
                     : "=D"(*out_badge), "=S"(*out_info), "=r"(mr0), "=r"(mr1), "=r"(mr2), "=r"(mr3)
                     : "d"(sys), "D"(src), "r"(reply_register)
                     : SEL4_ENTER_CLOBBERS);
    *out_mr0 = mr0;
    *out_mr1 = mr1;
    *out_mr2 = mr2;
    *out_mr3 = mr3;
}

/* Send a message to `dest` and receive one: as the answer, or from `dest` after replying. */
static inline void x64_sys_send_recv(seL4_Word sys, seL4_Word dest, seL4_Word *out_dest,
                                     seL4_Word info, seL4_Word *out_info, seL4_Word *in_out_mr0,
                                     seL4_Word *in_out_mr1, seL4_Word *in_out_mr2,
                                     seL4_Word *in_out_mr3, seL4_Word reply)
{
    register seL4_Word mr0 __asm__("r10") = *in_out_mr0;
    register seL4_Word mr1 __asm__("r8") = *in_out_mr1;
    register seL4_Word mr2 __asm__("r9") = *in_out_mr2;
    register seL4_Word mr3 __asm__("r15") = *in_out_mr3;
    register seL4_Word reply_register __asm__("r12") = reply;

    __asm__ volatile(SEL4_ENTER
                     : "=S"(*out_info), "+r"(mr0), "+r"(mr1), "+r"(mr2), "+r"(mr3), "=D"(*out_dest)
                     : "d"(sys), "D"(dest), "S"(info), "r"(reply_register)
                     : SEL4_ENTER_CLOBBERS);
    *in_out_mr0 = mr0;
    *in_out_mr1 = mr1;
    *in_out_mr2 = mr2;
    *in_out_mr3 = mr3;
}

#ifdef CONFIG_KERNEL_MCS
/* Send a message to `dest` and receive one from `src`. */
static inline void x64_sys_nbsend_recv(seL4_Word sys, seL4_Word dest, seL4_Word src,
                                       seL4_Word *out_dest, seL4_Word info, seL4_Word *out_info,
                                       seL4_Word *in_out_mr0, seL4_Word *in_out_mr1,
                                       seL4_Word *in_out_mr2, seL4_Word *in_out_mr3,
                                       seL4_Word reply)
{
    register seL4_Word mr0 __asm__("r10") = *in_out_mr0;
    register seL4_Word mr1 __asm__("r8") = *in_out_mr1;
    register seL4_Word mr2 __asm__("r9") = *in_out_mr2;
    register seL4_Word mr3 __asm__("r15") = *in_out_mr3;
    register seL4_Word reply_register __asm__("r12") = reply;
    register seL4_Word dest_register __asm__("r13") = dest;

    __asm__ volatile(SEL4_ENTER
                     : "=S"(*out_info), "+r"(mr0), "+r"(mr1), "+r"(mr2), "+r"(mr3), "=D"(*out_dest)
                     : "d"(sys), "D"(src), "S"(info), "r"(reply_register), "r"(dest_register)
                     : SEL4_ENTER_CLOBBERS);
    *in_out_mr0 = mr0;
    *in_out_mr1 = mr1;
    *in_out_mr2 = mr2;
    *in_out_mr3 = mr3;
}
#endif

/* Enter the kernel with a number and nothing else. */
static inline void x64_sys_null(seL4_Word sys)
{
    __asm__ volatile(SEL4_ENTER : : "d"(sys) : "rsi", "rdi", SEL4_ENTER_CLOBBERS);
}
