/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Messages: sending, receiving and both.
 *
 * Each call has two forms. The plain one takes message registers 0 to 3 from the IPC buffer and
 * puts what it receives there. The one that ends in WithMRs takes four pointers instead, saves
 * going through memory, and ignores null pointers.
 *
 * `sender` receives the badge of the cap that the message came through, and may be null. With MCS
 * a receiver of calls brings the reply object that will hold the caller.
 *
 * None of them answers an error: a cap that does not work is a fault of the thread, or its message
 * is dropped. Only seL4_Call() on a kernel object has an error, in the label of what it returns.
 */
#pragma once

#include <sel4/functions.h>
#include <sel4/sel4_arch/syscalls_syscall.h>

#ifdef CONFIG_KERNEL_MCS
#define SEL4_REPLY_PARAMETER , seL4_CPtr reply
#define SEL4_REPLY           reply
#else
#define SEL4_REPLY_PARAMETER
#define SEL4_REPLY 0
#endif

/* Message registers 0 to 3. */
struct sel4_mrs {
    seL4_Word r0, r1, r2, r3;
};

LIBSEL4_INLINE_FUNC struct sel4_mrs sel4_mrs_from_buffer(void)
{
    struct sel4_mrs mrs = {seL4_GetMR(0), seL4_GetMR(1), seL4_GetMR(2), seL4_GetMR(3)};
    return mrs;
}

LIBSEL4_INLINE_FUNC void sel4_mrs_to_buffer(struct sel4_mrs mrs)
{
    seL4_SetMR(0, mrs.r0);
    seL4_SetMR(1, mrs.r1);
    seL4_SetMR(2, mrs.r2);
    seL4_SetMR(3, mrs.r3);
}

/* Those registers that there are pointers for and that the message is long enough to have. */
LIBSEL4_INLINE_FUNC struct sel4_mrs sel4_mrs_from(seL4_MessageInfo_t info, const seL4_Word *mr0,
                                                  const seL4_Word *mr1, const seL4_Word *mr2,
                                                  const seL4_Word *mr3)
{
    seL4_Word length = seL4_MessageInfo_get_length(info);
    struct sel4_mrs mrs = {
        mr0 != seL4_Null && length > 0 ? *mr0 : 0,
        mr1 != seL4_Null && length > 1 ? *mr1 : 0,
        mr2 != seL4_Null && length > 2 ? *mr2 : 0,
        mr3 != seL4_Null && length > 3 ? *mr3 : 0,
    };
    return mrs;
}

LIBSEL4_INLINE_FUNC void sel4_mrs_to(struct sel4_mrs mrs, seL4_Word *mr0, seL4_Word *mr1,
                                     seL4_Word *mr2, seL4_Word *mr3)
{
    if (mr0 != seL4_Null) {
        *mr0 = mrs.r0;
    }
    if (mr1 != seL4_Null) {
        *mr1 = mrs.r1;
    }
    if (mr2 != seL4_Null) {
        *mr2 = mrs.r2;
    }
    if (mr3 != seL4_Null) {
        *mr3 = mrs.r3;
    }
}

/* The three ways into the kernel, in terms of the types above. */

LIBSEL4_INLINE_FUNC void sel4_send(seL4_Syscall_ID number, seL4_CPtr dest, seL4_MessageInfo_t info,
                                   struct sel4_mrs mrs)
{
    x64_sys_send(number, dest, info.words[0], mrs.r0, mrs.r1, mrs.r2, mrs.r3);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t sel4_receive(seL4_Syscall_ID number, seL4_CPtr src,
                                                    seL4_Word *sender, struct sel4_mrs *mrs,
                                                    seL4_CPtr reply)
{
    seL4_MessageInfo_t info;
    seL4_Word badge;
    x64_sys_recv(number, src, &badge, &info.words[0], &mrs->r0, &mrs->r1, &mrs->r2, &mrs->r3,
                 reply);
    if (sender != seL4_Null) {
        *sender = badge;
    }
    return info;
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t sel4_send_receive(seL4_Syscall_ID number, seL4_CPtr dest,
                                                         seL4_MessageInfo_t info, seL4_Word *sender,
                                                         struct sel4_mrs *mrs, seL4_CPtr reply)
{
    seL4_Word badge;
    x64_sys_send_recv(number, dest, &badge, info.words[0], &info.words[0], &mrs->r0, &mrs->r1,
                      &mrs->r2, &mrs->r3, reply);
    if (sender != seL4_Null) {
        *sender = badge;
    }
    return info;
}

/* Send and wait until a receiver has taken the message. */
LIBSEL4_INLINE_FUNC void seL4_Send(seL4_CPtr dest, seL4_MessageInfo_t msgInfo)
{
    sel4_send(seL4_SysSend, dest, msgInfo, sel4_mrs_from_buffer());
}

LIBSEL4_INLINE_FUNC void seL4_SendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                          seL4_Word *mr0, seL4_Word *mr1, seL4_Word *mr2,
                                          seL4_Word *mr3)
{
    sel4_send(seL4_SysSend, dest, msgInfo, sel4_mrs_from(msgInfo, mr0, mr1, mr2, mr3));
}

/* Send if a receiver waits; otherwise the message is dropped. */
LIBSEL4_INLINE_FUNC void seL4_NBSend(seL4_CPtr dest, seL4_MessageInfo_t msgInfo)
{
    sel4_send(seL4_SysNBSend, dest, msgInfo, sel4_mrs_from_buffer());
}

LIBSEL4_INLINE_FUNC void seL4_NBSendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                            seL4_Word *mr0, seL4_Word *mr1, seL4_Word *mr2,
                                            seL4_Word *mr3)
{
    sel4_send(seL4_SysNBSend, dest, msgInfo, sel4_mrs_from(msgInfo, mr0, mr1, mr2, mr3));
}

#ifndef CONFIG_KERNEL_MCS
/* Answer the caller whose message this thread received last. */
LIBSEL4_INLINE_FUNC void seL4_Reply(seL4_MessageInfo_t msgInfo)
{
    sel4_send(seL4_SysReply, 0, msgInfo, sel4_mrs_from_buffer());
}

LIBSEL4_INLINE_FUNC void seL4_ReplyWithMRs(seL4_MessageInfo_t msgInfo, seL4_Word *mr0,
                                           seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3)
{
    sel4_send(seL4_SysReply, 0, msgInfo, sel4_mrs_from(msgInfo, mr0, mr1, mr2, mr3));
}
#endif

/* Signal a notification. */
LIBSEL4_INLINE_FUNC void seL4_Signal(seL4_CPtr dest)
{
    x64_sys_send_null(seL4_SysSend, dest, seL4_MessageInfo_new(0, 0, 0, 1).words[0]);
}

/* Wait for a message, or for a signal of the notification bound to this thread. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Recv(seL4_CPtr src,
                                                 seL4_Word *sender SEL4_REPLY_PARAMETER)
{
    struct sel4_mrs mrs;
    seL4_MessageInfo_t info = sel4_receive(seL4_SysRecv, src, sender, &mrs, SEL4_REPLY);
    sel4_mrs_to_buffer(mrs);
    return info;
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_RecvWithMRs(seL4_CPtr src, seL4_Word *sender,
                                                        seL4_Word *mr0, seL4_Word *mr1,
                                                        seL4_Word *mr2,
                                                        seL4_Word *mr3 SEL4_REPLY_PARAMETER)
{
    struct sel4_mrs mrs;
    seL4_MessageInfo_t info = sel4_receive(seL4_SysRecv, src, sender, &mrs, SEL4_REPLY);
    sel4_mrs_to(mrs, mr0, mr1, mr2, mr3);
    return info;
}

/* Receive what is there already; a badge of 0 says that there is nothing. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBRecv(seL4_CPtr src,
                                                   seL4_Word *sender SEL4_REPLY_PARAMETER)
{
    struct sel4_mrs mrs;
    seL4_MessageInfo_t info = sel4_receive(seL4_SysNBRecv, src, sender, &mrs, SEL4_REPLY);
    sel4_mrs_to_buffer(mrs);
    return info;
}

/* Send, give the receiver the right to answer, and wait for the answer. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Call(seL4_CPtr dest, seL4_MessageInfo_t msgInfo)
{
    struct sel4_mrs mrs = sel4_mrs_from_buffer();
    seL4_Word badge;
    seL4_MessageInfo_t info = sel4_send_receive(seL4_SysCall, dest, msgInfo, &badge, &mrs, 0);
    sel4_mrs_to_buffer(mrs);
    return info;
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_CallWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                        seL4_Word *mr0, seL4_Word *mr1,
                                                        seL4_Word *mr2, seL4_Word *mr3)
{
    struct sel4_mrs mrs = sel4_mrs_from(msgInfo, mr0, mr1, mr2, mr3);
    seL4_Word badge;
    seL4_MessageInfo_t info = sel4_send_receive(seL4_SysCall, dest, msgInfo, &badge, &mrs, 0);
    sel4_mrs_to(mrs, mr0, mr1, mr2, mr3);
    return info;
}

/* Answer the last caller and wait for the next message, in one entry of the kernel. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_ReplyRecv(seL4_CPtr src, seL4_MessageInfo_t msgInfo,
                                                      seL4_Word *sender SEL4_REPLY_PARAMETER)
{
    struct sel4_mrs mrs = sel4_mrs_from_buffer();
    seL4_MessageInfo_t info =
        sel4_send_receive(seL4_SysReplyRecv, src, msgInfo, sender, &mrs, SEL4_REPLY);
    sel4_mrs_to_buffer(mrs);
    return info;
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_ReplyRecvWithMRs(seL4_CPtr src,
                                                             seL4_MessageInfo_t msgInfo,
                                                             seL4_Word *sender, seL4_Word *mr0,
                                                             seL4_Word *mr1, seL4_Word *mr2,
                                                             seL4_Word *mr3 SEL4_REPLY_PARAMETER)
{
    struct sel4_mrs mrs = sel4_mrs_from(msgInfo, mr0, mr1, mr2, mr3);
    seL4_MessageInfo_t info =
        sel4_send_receive(seL4_SysReplyRecv, src, msgInfo, sender, &mrs, SEL4_REPLY);
    sel4_mrs_to(mrs, mr0, mr1, mr2, mr3);
    return info;
}

#ifdef CONFIG_KERNEL_MCS
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t sel4_nbsend_receive(seL4_Syscall_ID number, seL4_CPtr dest,
                                                           seL4_MessageInfo_t info, seL4_CPtr src,
                                                           seL4_Word *sender, struct sel4_mrs *mrs,
                                                           seL4_CPtr reply)
{
    seL4_Word badge;
    x64_sys_nbsend_recv(number, dest, src, &badge, info.words[0], &info.words[0], &mrs->r0,
                        &mrs->r1, &mrs->r2, &mrs->r3, reply);
    if (sender != seL4_Null) {
        *sender = badge;
    }
    return info;
}

/* seL4_Recv() without a reply object: for notifications, and endpoints that nobody calls. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Wait(seL4_CPtr src, seL4_Word *sender)
{
    struct sel4_mrs mrs;
    seL4_MessageInfo_t info = sel4_receive(seL4_SysWait, src, sender, &mrs, 0);
    sel4_mrs_to_buffer(mrs);
    return info;
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_WaitWithMRs(seL4_CPtr src, seL4_Word *sender,
                                                        seL4_Word *mr0, seL4_Word *mr1,
                                                        seL4_Word *mr2, seL4_Word *mr3)
{
    struct sel4_mrs mrs;
    seL4_MessageInfo_t info = sel4_receive(seL4_SysWait, src, sender, &mrs, 0);
    sel4_mrs_to(mrs, mr0, mr1, mr2, mr3);
    return info;
}

/* seL4_NBRecv() without a reply object. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBWait(seL4_CPtr src, seL4_Word *sender)
{
    struct sel4_mrs mrs;
    seL4_MessageInfo_t info = sel4_receive(seL4_SysNBWait, src, sender, &mrs, 0);
    sel4_mrs_to_buffer(mrs);
    return info;
}

/* seL4_NBSend() to `dest`, then seL4_Recv() from `src`, in one entry of the kernel. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBSendRecv(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                       seL4_CPtr src, seL4_Word *sender,
                                                       seL4_CPtr reply)
{
    struct sel4_mrs mrs = sel4_mrs_from_buffer();
    seL4_MessageInfo_t info =
        sel4_nbsend_receive(seL4_SysNBSendRecv, dest, msgInfo, src, sender, &mrs, reply);
    sel4_mrs_to_buffer(mrs);
    return info;
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBSendRecvWithMRs(
    seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_CPtr src, seL4_Word *sender, seL4_Word *mr0,
    seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3, seL4_CPtr reply)
{
    struct sel4_mrs mrs = sel4_mrs_from(msgInfo, mr0, mr1, mr2, mr3);
    seL4_MessageInfo_t info =
        sel4_nbsend_receive(seL4_SysNBSendRecv, dest, msgInfo, src, sender, &mrs, reply);
    sel4_mrs_to(mrs, mr0, mr1, mr2, mr3);
    return info;
}

/* The same with seL4_Wait(). `dest` goes where a reply cap goes: the kernel sends to that one. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBSendWait(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                       seL4_CPtr src, seL4_Word *sender)
{
    struct sel4_mrs mrs = sel4_mrs_from_buffer();
    seL4_MessageInfo_t info =
        sel4_nbsend_receive(seL4_SysNBSendWait, 0, msgInfo, src, sender, &mrs, dest);
    sel4_mrs_to_buffer(mrs);
    return info;
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_NBSendWaitWithMRs(seL4_CPtr dest,
                                                              seL4_MessageInfo_t msgInfo,
                                                              seL4_CPtr src, seL4_Word *sender,
                                                              seL4_Word *mr0, seL4_Word *mr1,
                                                              seL4_Word *mr2, seL4_Word *mr3)
{
    struct sel4_mrs mrs = sel4_mrs_from(msgInfo, mr0, mr1, mr2, mr3);
    seL4_MessageInfo_t info =
        sel4_nbsend_receive(seL4_SysNBSendWait, 0, msgInfo, src, sender, &mrs, dest);
    sel4_mrs_to(mrs, mr0, mr1, mr2, mr3);
    return info;
}

/* Look whether a notification has been signalled; a badge of 0 says no. */
LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Poll(seL4_CPtr src, seL4_Word *sender)
{
    return seL4_NBWait(src, sender);
}
#else
/* Wait until a notification is signalled. */
LIBSEL4_INLINE_FUNC void seL4_Wait(seL4_CPtr src, seL4_Word *sender)
{
    seL4_Recv(src, sender);
}

LIBSEL4_INLINE_FUNC seL4_MessageInfo_t seL4_Poll(seL4_CPtr src, seL4_Word *sender)
{
    return seL4_NBRecv(src, sender);
}
#endif

/* Let other threads of the same priority run. With MCS it gives up the rest of the budget. */
LIBSEL4_INLINE_FUNC void seL4_Yield(void)
{
    x64_sys_null(seL4_SysYield);
}

#ifdef CONFIG_SET_TLS_BASE_SELF
/* Set this thread's FS base. */
LIBSEL4_INLINE_FUNC void seL4_SetTLSBase(seL4_Word tls_base)
{
    x64_sys_send_null(seL4_SysSetTLSBase, tls_base, 0);
}
#endif

#ifdef CONFIG_VTX
/* Run the virtual processor bound to this thread. Answers a SEL4_VMENTER_RESULT_*. */
LIBSEL4_INLINE_FUNC seL4_Word seL4_VMEnter(seL4_Word *sender)
{
    struct sel4_mrs mrs = sel4_mrs_from_buffer();
    seL4_Word badge;
    seL4_Word fault =
        sel4_send_receive(seL4_SysVMEnter, 0, seL4_MessageInfo_new(0, 0, 0, 0), &badge, &mrs, 0)
            .words[0];
    sel4_mrs_to_buffer(mrs);
    if (!fault && sender != seL4_Null) {
        *sender = badge;
    }
    return fault;
}
#endif

#ifdef CONFIG_KERNEL_X86_DANGEROUS_MSR
LIBSEL4_INLINE_FUNC void seL4_X86DangerousWRMSR(seL4_Uint32 msr, seL4_Uint64 value)
{
    x64_sys_send(seL4_SysX86DangerousWRMSR, msr, 0, value, 0, 0, 0);
}

LIBSEL4_INLINE_FUNC seL4_Uint64 seL4_X86DangerousRDMSR(seL4_Uint32 msr)
{
    struct sel4_mrs mrs;
    sel4_receive(seL4_SysX86DangerousRDMSR, msr, (seL4_Word *)seL4_Null, &mrs, 0);
    return mrs.r0;
}
#endif
