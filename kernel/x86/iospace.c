/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* I/O spaces, on a machine without an IOMMU. */
#include "kernel/x86/iospace.h"

/* seL4 counts the I/O space as cap 0 here, though that is the invoked one. */
static enum answer answer_no_io_space(struct call *call)
{
    return answer_invalid_cap(call, 0,
                              WHY("the cap given is no I/O space, and this machine has none: it "
                                  "has no IOMMU"));
}

enum answer decode_io_space(struct call *call)
{
    return answer_unknown_label(call);
}

enum answer decode_io_page_table(struct call *call)
{
    switch (call->label) {
    case X86IOPageTableUnmap:
        return ANSWER_DONE; /* It never is mapped, and seL4 does not mind. */
    case X86IOPageTableMap:
        if (call->length < 1 || call->extra_count < 1) {
            return answer_truncated(call, 1, 1);
        }
        return answer_no_io_space(call);
    default:
        return answer_unknown_label(call);
    }
}

enum answer decode_page_map_io(struct call *call)
{
    struct cap cap = call->cap;
    if (call->length < 2 || call->extra_count < 1) {
        return answer_truncated(call, 2, 1);
    }
    if (cap.frame.size != FRAME_4K) {
        return answer_invalid_cap(call, 0, WHY("only frames of 4 KiB are mapped for devices"));
    }
    if (cap.frame.is_mapped) {
        return answer_invalid_cap(call, 0, WHY("the frame is mapped at %x", cap.frame.vaddr));
    }
    return answer_no_io_space(call);
}
