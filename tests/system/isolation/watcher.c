/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The probe's parent. Whatever fault the probe takes, it is told of it and goes on with its next attempt.
 *
 * The watcher's priority is the lowest: when it runs and has no message, the probe waits for something
 * that will not come, and is freed.
 */
#include "tests/system/isolation/attempt.h"

#define INPUT  1
#define REPLY  4
#define CHILD  0
#define PARENT (1ul << 62) /* of a badge: it came by the fault endpoint */

#define INVALID_OPCODE 6

static seL4_UserContext start; /* where the probe goes on */

static void resume(seL4_Word ending, seL4_Word detail, seL4_Word code)
{
    start.rflags = 0x202;
    start.rax = ending;
    start.rbx = detail;
    start.rcx = code;
    seL4_TCB_WriteRegisters(BASE_TCB_CAP + CHILD, seL4_True, 0, 6, &start);
}

/* The probe executed ud2. Answers whether it has more to do. */
static seL4_Bool read_sign(void)
{
    seL4_UserContext child;
    seL4_TCB_ReadRegisters(BASE_TCB_CAP + CHILD, seL4_False, 0, sizeof(child) / sizeof(seL4_Word),
                           &child);
    if (child.rax == SIGN_START) {
        start.rip = child.rbx;
        start.rsp = child.rcx;
        resume(CAME_BACK, 0, 0);
        return seL4_True;
    }
    if (child.rax == SIGN_DONE) {
        microkit_pd_stop(CHILD);
        return seL4_False;
    }
    resume(USER_EXCEPTION, INVALID_OPCODE, 0);
    return seL4_True;
}

/* Answers whether the probe has more to do. */
static seL4_Bool pick_up(seL4_Word label)
{
    switch (label) {
    case USER_EXCEPTION:
        if (microkit_mr_get(seL4_UserException_Number) == INVALID_OPCODE) {
            return read_sign();
        }
        resume(label, microkit_mr_get(seL4_UserException_Number),
               microkit_mr_get(seL4_UserException_Code));
        return seL4_True;
    case VM_FAULT:
        resume(label, microkit_mr_get(seL4_VMFault_Addr), microkit_mr_get(seL4_VMFault_FSR));
        return seL4_True;
    case CAP_FAULT:
    case UNKNOWN_SYSCALL:
    case DEBUG_EXCEPTION:
    case TIMEOUT:
        resume(label, 0, 0);
        return seL4_True;
    default:
        resume(REACHED_THE_PARENT, label, 0);
        return seL4_True;
    }
}

void init(void)
{
    seL4_Bool more;
    do {
        seL4_Word badge;
        seL4_MessageInfo_t info = seL4_NBRecv(INPUT, &badge, REPLY);
        more = seL4_True;
        if ((badge & PARENT) != 0) {
            more = pick_up(seL4_MessageInfo_get_label(info));
        } else {
            resume(WAITS, 0, 0);
        }
    } while (more);
}

void notified(microkit_channel ch)
{
    (void)ch;
}
