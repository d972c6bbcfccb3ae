/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* A PD that says what its entry points are called with. */

#include <microkit.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tests/sdk/event_loop/pd.h"

extern bool microkit_passive;

static seL4_IPCBuffer buffer;

void set_up_pd(void)
{
    __sel4_ipc_buffer = &buffer;
    strcpy(microkit_name, "pd");
    microkit_irqs = 1ul << 1 | 1ul << 4;
    microkit_notifications = 1ul << 3 | 1ul << 61;
    microkit_pps = 1ul << 7;
    microkit_ioports = 1ul << 2;
    microkit_passive = true;
}

void init(void)
{
    printf("init()\n");
}

void notified(microkit_channel ch)
{
    printf("notified(%u)\n", ch);
    switch (ch) {
    case NOTIFY:
        microkit_notify(3);
        microkit_notify(61);
        break;
    case NOTIFY_DEFERRED_TWICE:
        microkit_deferred_notify(3);
        microkit_deferred_irq_ack(4);
        break;
    case USE_WRONG_IDS:
        microkit_notify(10000);
        microkit_notify(4);
        microkit_irq_ack(62);
        microkit_deferred_notify(5);
        microkit_deferred_irq_ack(5);
        printf("length %lu\n",
               microkit_msginfo_get_count(microkit_ppcall(8, microkit_msginfo_new(1, 2))));
        microkit_x86_ioport_write_16(63, 0x3f8, 0);
        printf("port %u\n", microkit_x86_ioport_read_8(1, 0x3f8));
        break;
    case PRINT_NUMBERS:
        microkit_dbg_put8(0);
        microkit_dbg_put8(255);
        microkit_dbg_put32(4294967295);
        microkit_dbg_puts("\n");
        break;
    case CALL:
        microkit_mr_set(0, 0x77);
        printf("label %lu\n",
               microkit_msginfo_get_label(microkit_ppcall(7, microkit_msginfo_new(5, 1))));
        break;
    case HANDLE_CHILDREN:
        microkit_pd_stop(2);
        microkit_pd_resume(2);
        microkit_pd_restart(2, 0x200000);
        break;
    }
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    printf("protected(%u, label %lu, count %lu)\n", ch, microkit_msginfo_get_label(msginfo),
           microkit_msginfo_get_count(msginfo));
    if (ch == CALLED_DEFERS) {
        microkit_deferred_notify(3);
    }
    microkit_mr_set(0, 0xabc);
    return microkit_msginfo_new(9, 1);
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
    printf("fault(%u, label %lu)\n", child, microkit_msginfo_get_label(msginfo));
    *reply_msginfo = microkit_msginfo_new(0, 0);
    return child == CHILD_RESUMED;
}
