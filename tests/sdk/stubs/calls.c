/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Makes each system call of a debug kernel with MCS, and each invocation, once. */

#include "tests/sdk/stubs/recorder.h"

#include <sel4/sel4.h>

/* An invocation that answers an error: succeeding, and refused. */
#define ERROR(call)                                                                                \
    do {                                                                                           \
        recorder_begin(#call);                                                                     \
        recorder_label = seL4_NoError;                                                             \
        recorder_result(call);                                                                     \
    } while (0)

/* One that answers a structure, which is then `result`. */
#define ANSWER(type, call)                                                                         \
    recorder_begin(#call);                                                                         \
    recorder_label = seL4_NoError;                                                                 \
    type result = call

/* A system call, with messages of four registers. */
#define CALL(call)                                                                                 \
    do {                                                                                           \
        recorder_begin(#call);                                                                     \
        for (int i = 0; i < 4; i++) {                                                              \
            seL4_SetMR(i, 0x70 + i);                                                               \
        }                                                                                          \
        badge = mr0 = mr1 = mr2 = mr3 = 0x99;                                                      \
        call;                                                                                      \
        recorder_result(badge);                                                                    \
        recorder_result(mr0);                                                                      \
        recorder_result(mr3);                                                                      \
        recorder_message();                                                                        \
    } while (0)

static seL4_UserContext registers;

static void messages(void)
{
    seL4_Word badge, mr0, mr1, mr2, mr3;
    seL4_MessageInfo_t info = seL4_MessageInfo_new(0x55, 0, 1, 4);
    seL4_MessageInfo_t short_info = seL4_MessageInfo_new(0x55, 0, 0, 1);

    recorder_label = 0x66;
    CALL(seL4_Send(0x11, info));
    CALL(seL4_SendWithMRs(0x11, info, &mr0, &mr1, &mr2, &mr3));
    CALL(seL4_NBSend(0x11, info));
    CALL(seL4_NBSendWithMRs(0x11, info, &mr0, &mr1, &mr2, &mr3));
    CALL(seL4_Signal(0x11));
    CALL(seL4_Recv(0x11, &badge, 0x12));
    CALL(seL4_RecvWithMRs(0x11, &badge, &mr0, &mr1, &mr2, &mr3, 0x12));
    CALL(seL4_NBRecv(0x11, &badge, 0x12));
    CALL(seL4_Wait(0x11, &badge));
    CALL(seL4_WaitWithMRs(0x11, &badge, &mr0, &mr1, &mr2, &mr3));
    CALL(seL4_NBWait(0x11, &badge));
    CALL(seL4_Poll(0x11, &badge));
    CALL(seL4_Call(0x11, info));
    CALL(seL4_CallWithMRs(0x11, info, &mr0, &mr1, &mr2, &mr3));
    CALL(seL4_CallWithMRs(0x11, short_info, &mr0, seL4_Null, seL4_Null, seL4_Null));
    CALL(seL4_ReplyRecv(0x11, info, &badge, 0x12));
    CALL(seL4_ReplyRecvWithMRs(0x11, info, &badge, &mr0, &mr1, &mr2, &mr3, 0x12));
    CALL(seL4_NBSendRecv(0x11, info, 0x13, &badge, 0x12));
    CALL(seL4_NBSendRecvWithMRs(0x11, info, 0x13, &badge, &mr0, &mr1, &mr2, &mr3, 0x12));
    CALL(seL4_NBSendWait(0x11, info, 0x13, &badge));
    CALL(seL4_NBSendWaitWithMRs(0x11, info, 0x13, &badge, &mr0, &mr1, &mr2, &mr3));
    CALL(seL4_Yield());
    CALL(seL4_Recv(0x11, seL4_Null, 0x12));
}

static void debugging(void)
{
    recorder_begin("debug calls");
    seL4_DebugPutChar('x');
    seL4_DebugDumpScheduler();
    seL4_DebugHalt();
    seL4_DebugSnapshot();
    recorder_result(seL4_DebugCapIdentify(0x11));
    seL4_DebugNameThread(0x11, "name");
}

/* A refused invocation leaves the reason in the IPC buffer, and one that succeeds leaves it alone. */
static void refusals(void)
{
    recorder_begin("seL4_TCB_Suspend(0x11), refused");
    recorder_label = seL4_IllegalOperation;
    recorder_result(seL4_TCB_Suspend(0x11));
    recorder_message();

    recorder_begin("seL4_X86_Page_GetAddress(0x11), refused");
    recorder_result((seL4_Word)seL4_X86_Page_GetAddress(0x11).error);
    recorder_message();

    recorder_begin("seL4_TCB_Suspend(0x11)");
    recorder_label = seL4_NoError;
    recorder_result(seL4_TCB_Suspend(0x11));
    recorder_message();
}

static void invocations(void)
{
    ERROR(seL4_X86_PDPT_Map(0x11, 0x12, 0x13, seL4_X86_WriteCombining));
    ERROR(seL4_X86_PDPT_Unmap(0x11));
    ERROR(seL4_X86_PageDirectory_Map(0x11, 0x12, 0x13, seL4_X86_WriteCombining));
    ERROR(seL4_X86_PageDirectory_Unmap(0x11));
    ERROR(seL4_X86_PageTable_Map(0x11, 0x12, 0x13, seL4_X86_WriteCombining));
    ERROR(seL4_X86_PageTable_Unmap(0x11));
    ERROR(seL4_X86_IOPageTable_Map(0x11, 0x12, 0x13));
    ERROR(seL4_X86_IOPageTable_Unmap(0x11));
    ERROR(seL4_X86_Page_Map(0x11, 0x12, 0x13, seL4_CanWrite, seL4_X86_WriteCombining));
    ERROR(seL4_X86_Page_Unmap(0x11));
    ERROR(seL4_X86_Page_MapIO(0x11, 0x12, seL4_CanWrite, 0x14));
    {
        ANSWER(seL4_X86_Page_GetAddress_t, seL4_X86_Page_GetAddress(0x11));
        recorder_result((seL4_Word)result.error);
        recorder_result((seL4_Word)result.paddr);
    }
    ERROR(seL4_X86_ASIDControl_MakePool(0x11, 0x12, 0x13, 0x14, 0x15));
    ERROR(seL4_X86_ASIDPool_Assign(0x11, 0x12));
    ERROR(seL4_X86_IOPortControl_Issue(0x11, 0x12, 0x13, 0x14, 0x15, 0x16));
    {
        ANSWER(seL4_X86_IOPort_In8_t, seL4_X86_IOPort_In8(0x11, 0x12));
        recorder_result((seL4_Word)result.error);
        recorder_result((seL4_Word)result.result);
    }
    {
        ANSWER(seL4_X86_IOPort_In16_t, seL4_X86_IOPort_In16(0x11, 0x12));
        recorder_result((seL4_Word)result.error);
        recorder_result((seL4_Word)result.result);
    }
    {
        ANSWER(seL4_X86_IOPort_In32_t, seL4_X86_IOPort_In32(0x11, 0x12));
        recorder_result((seL4_Word)result.error);
        recorder_result((seL4_Word)result.result);
    }
    ERROR(seL4_X86_IOPort_Out8(0x11, 0x12, 0x13));
    ERROR(seL4_X86_IOPort_Out16(0x11, 0x12, 0x13));
    ERROR(seL4_X86_IOPort_Out32(0x11, 0x12, 0x13));
    ERROR(seL4_IRQControl_GetIOAPIC(0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19));
    ERROR(seL4_IRQControl_GetMSI(0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19));
    ERROR(seL4_Untyped_Retype(0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18));
    ERROR(seL4_TCB_ReadRegisters(0x11, seL4_False, 0x13, 20, &registers));
    ERROR(seL4_TCB_WriteRegisters(0x11, seL4_False, 0x13, 20, &registers));
    ERROR(seL4_TCB_CopyRegisters(0x11, 0x12, seL4_True, seL4_False, seL4_True, seL4_False, 0x17));
    ERROR(seL4_TCB_Configure(0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17));
    ERROR(seL4_TCB_SetPriority(0x11, 0x12, 0x13));
    ERROR(seL4_TCB_SetMCPriority(0x11, 0x12, 0x13));
    ERROR(seL4_TCB_SetSchedParams(0x11, 0x12, 0x13, 0x14, 0x15, 0x16));
    ERROR(seL4_TCB_SetTimeoutEndpoint(0x11, 0x12));
    ERROR(seL4_TCB_SetIPCBuffer(0x11, 0x12, 0x13));
    ERROR(seL4_TCB_SetSpace(0x11, 0x12, 0x13, 0x14, 0x15, 0x16));
    ERROR(seL4_TCB_Suspend(0x11));
    ERROR(seL4_TCB_Resume(0x11));
    ERROR(seL4_TCB_BindNotification(0x11, 0x12));
    ERROR(seL4_TCB_UnbindNotification(0x11));
    ERROR(seL4_TCB_SetBreakpoint(0x11, 0x12, 0x13, 0x14, 0x15, 0x16));
    {
        ANSWER(seL4_TCB_GetBreakpoint_t, seL4_TCB_GetBreakpoint(0x11, 0x12));
        recorder_result((seL4_Word)result.error);
        recorder_result((seL4_Word)result.vaddr);
        recorder_result((seL4_Word)result.type);
        recorder_result((seL4_Word)result.size);
        recorder_result((seL4_Word)result.rw);
        recorder_result((seL4_Word)result.is_enabled);
    }
    ERROR(seL4_TCB_UnsetBreakpoint(0x11, 0x12));
    {
        ANSWER(seL4_TCB_ConfigureSingleStepping_t,
               seL4_TCB_ConfigureSingleStepping(0x11, 0x12, 0x13));
        recorder_result((seL4_Word)result.error);
        recorder_result((seL4_Word)result.bp_was_consumed);
    }
    ERROR(seL4_TCB_SetTLSBase(0x11, 0x12));
    {
        ANSWER(seL4_TCB_SetFlags_t, seL4_TCB_SetFlags(0x11, 0x12, 0x13));
        recorder_result((seL4_Word)result.error);
        recorder_result((seL4_Word)result.flags);
    }
    ERROR(seL4_CNode_Revoke(0x11, 0x12, 0x13));
    ERROR(seL4_CNode_Delete(0x11, 0x12, 0x13));
    ERROR(seL4_CNode_CancelBadgedSends(0x11, 0x12, 0x13));
    ERROR(seL4_CNode_Copy(0x11, 0x12, 0x13, 0x14, 0x15, 0x16, seL4_CanWrite));
    ERROR(seL4_CNode_Mint(0x11, 0x12, 0x13, 0x14, 0x15, 0x16, seL4_CanWrite, 0x18));
    ERROR(seL4_CNode_Move(0x11, 0x12, 0x13, 0x14, 0x15, 0x16));
    ERROR(seL4_CNode_Mutate(0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17));
    ERROR(seL4_CNode_Rotate(0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b));
    ERROR(seL4_IRQControl_Get(0x11, 0x12, 0x13, 0x14, 0x15));
    ERROR(seL4_IRQHandler_Ack(0x11));
    ERROR(seL4_IRQHandler_SetNotification(0x11, 0x12));
    ERROR(seL4_IRQHandler_Clear(0x11));
    ERROR(seL4_DomainSet_Set(0x11, 0x12, 0x13));
    ERROR(seL4_DomainSet_ScheduleConfigure(0x11, 0x12, 0x13, 0x14));
    ERROR(seL4_DomainSet_ScheduleSetStart(0x11, 0x12));
    ERROR(seL4_SchedControl_ConfigureFlags(0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17));
    ERROR(seL4_SchedContext_Bind(0x11, 0x12));
    ERROR(seL4_SchedContext_Unbind(0x11));
    ERROR(seL4_SchedContext_UnbindObject(0x11, 0x12));
    {
        ANSWER(seL4_SchedContext_Consumed_t, seL4_SchedContext_Consumed(0x11));
        recorder_result((seL4_Word)result.error);
        recorder_result((seL4_Word)result.consumed);
    }
    {
        ANSWER(seL4_SchedContext_YieldTo_t, seL4_SchedContext_YieldTo(0x11));
        recorder_result((seL4_Word)result.error);
        recorder_result((seL4_Word)result.consumed);
    }
}

int main(void)
{
    for (int i = 0; i < 20; i++) {
        ((seL4_Word *)&registers)[i] = 0x80 + (seL4_Word)i;
    }
    messages();
    debugging();
    refusals();
    invocations();
    recorder_begin("registers as read");
    for (int i = 0; i < 20; i++) {
        recorder_result(((seL4_Word *)&registers)[i]);
    }
    return 0;
}
