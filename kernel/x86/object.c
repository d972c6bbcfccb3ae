/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What is to be done for each type of object that only x86 has. */
#include "kernel/object.h"

#include "kernel/x86/asid.h"
#include "kernel/x86/frame.h"
#include "kernel/x86/ioport.h"
#include "kernel/x86/iospace.h"
#include "kernel/x86/paging.h"
#include "kernel/x86/table.h"
#include "kernel/x86/x86.h"

unsigned x86_object_size_bits(enum object_type type)
{
    switch (type) {
    case seL4_X86_LargePageObject:
        return seL4_LargePageBits;
    case seL4_X64_HugePageObject:
        return seL4_HugePageBits;
    default: /* Small frames and all tables. */
        return seL4_PageBits;
    }
}

bool x86_is_frame_type(enum object_type type)
{
    switch (type) {
    case seL4_X86_4K:
    case seL4_X86_LargePageObject:
    case seL4_X64_HugePageObject:
        return true;
    default:
        return false;
    }
}

static struct cap frame_cap(enum frame_size size, paddr base, bool is_device)
{
    return (struct cap){.frame = {.type = CAP_FRAME,
                                  .object_16 = base >> 4,
                                  .size = size,
                                  .is_device = is_device,
                                  .rights = FRAME_READ_WRITE}};
}

static struct cap table_cap(enum cap_type type, paddr base)
{
    return (struct cap){.table = {.type = type, .object_16 = base >> 4}};
}

/* Nothing to initialise: empty tables are all zeros. */
struct cap x86_object_create(struct kernel *k, enum object_type type, paddr base, bool is_device)
{
    (void)k;
    switch (type) {
    case seL4_X86_4K:
        return frame_cap(FRAME_4K, base, is_device);
    case seL4_X86_LargePageObject:
        return frame_cap(FRAME_2M, base, is_device);
    case seL4_X64_HugePageObject:
        return frame_cap(FRAME_1G, base, is_device);
    case seL4_X86_PageTableObject:
        return table_cap(CAP_PAGE_TABLE, base);
    case seL4_X86_PageDirectoryObject:
        return table_cap(CAP_PAGE_DIRECTORY, base);
    case seL4_X86_PDPTObject:
        return table_cap(CAP_PDPT, base);
    case seL4_X64_PML4Object:
        return table_cap(CAP_PML4, base);
    case seL4_X86_IOPageTableObject:
        return table_cap(CAP_IO_PAGE_TABLE, base);
    default: /* No configuration numbers the types for virtual machines. */
        ASSERT(!"an object of a type that the configuration lacks");
        return cap_null();
    }
}

struct cap x86_derive(struct cap cap, seL4_Error *error)
{
    switch (cap_type(cap)) {
    case CAP_FRAME:
        cap.frame.is_mapped = false;
        cap.frame.asid = ASID_NONE;
        return cap;
    case CAP_PAGE_TABLE:
    case CAP_PAGE_DIRECTORY:
    case CAP_PDPT:
    case CAP_PML4:
    case CAP_IO_PAGE_TABLE:
        if (!cap.table.is_mapped) {
            *error = seL4_IllegalOperation;
            return cap_null();
        }
        return cap;
    case CAP_IO_PORT_CONTROL:
        return cap_null();
    default:
        return cap;
    }
}

struct cap x86_mask_rights(struct cap cap, uint64_t rights)
{
    if (cap_is(cap, CAP_FRAME)) {
        cap.frame.rights = frame_mask_rights((enum frame_rights)cap.frame.rights, rights);
    }
    return cap;
}

static bool frame_holds(struct cap outer, struct cap inner)
{
    paddr outer_first = cap_object(outer);
    paddr outer_last = outer_first + paging_entry_bytes((enum paging_level)outer.frame.size) - 1;
    paddr inner_first = cap_object(inner);
    paddr inner_last = inner_first + paging_entry_bytes((enum paging_level)inner.frame.size) - 1;
    return outer_first <= inner_first && inner_last <= outer_last;
}

bool x86_same_region(struct cap a, struct cap b)
{
    switch (cap_type(a)) {
    case CAP_FRAME:
        return cap_is(b, CAP_FRAME) && frame_holds(a, b);
    case CAP_IO_PORT_CONTROL:
        return cap_is(b, CAP_IO_PORT_CONTROL) || cap_is(b, CAP_IO_PORT);
    case CAP_IO_PORT:
        return cap_is(b, CAP_IO_PORT) && a.io_port.first == b.io_port.first &&
               a.io_port.last == b.io_port.last;
    default:
        return a.type == b.type && a.object_16 == b.object_16;
    }
}

bool x86_same(struct cap a, struct cap b)
{
    if (cap_is(a, CAP_IO_PORT_CONTROL) && cap_is(b, CAP_IO_PORT)) {
        return false;
    }
    if (cap_is(a, CAP_FRAME) && cap_is(b, CAP_FRAME)) {
        return a.object_16 == b.object_16 && a.frame.size == b.frame.size &&
               a.frame.is_device == b.frame.is_device;
    }
    return x86_same_region(a, b);
}

static void finalise_last(struct kernel *k, struct cap cap, struct cap *cleanup)
{
    switch (cap_type(cap)) {
    case CAP_PAGE_TABLE:
    case CAP_PAGE_DIRECTORY:
    case CAP_PDPT:
        if (cap.table.is_mapped) {
            table_unmap(k, cap);
        }
        break;
    case CAP_PML4:
        if (cap.table.is_mapped) {
            asid_delete(k, (unsigned)cap.table.asid, cap_object(cap));
        }
        break;
    case CAP_ASID_POOL:
        asid_delete_pool(k, (unsigned)cap.asid_pool.asid_base, cap_object(cap));
        break;
    case CAP_IO_PORT:
        *cleanup = cap;
        break;
    default:
        break;
    }
}

struct cap x86_finalise(struct kernel *k, struct cap cap, bool is_final, struct cap *cleanup)
{
    /* Each cap to a frame has a mapping of its own. */
    if (cap_is(cap, CAP_FRAME) && cap.frame.is_mapped) {
        frame_unmap(k, cap);
    } else if (is_final) {
        finalise_last(k, cap, cleanup);
    }
    return cap_null();
}

void x86_clean_up(struct kernel *k, struct cap cleanup)
{
    if (cap_is(cleanup, CAP_IO_PORT)) {
        io_port_release(k, cleanup.io_port.first, cleanup.io_port.last);
    }
}

/* I/O spaces are handed out for an IOMMU's devices, and there is no IOMMU. */
struct cap x86_set_data(struct cap cap, uint64_t data, enum badge_mode mode)
{
    (void)cap;
    (void)data;
    (void)mode;
    return cap_null();
}

enum answer decode_x86(struct call *call)
{
    switch (cap_type(call->cap)) {
    case CAP_FRAME:
        return decode_frame(call);
    case CAP_PAGE_TABLE:
    case CAP_PAGE_DIRECTORY:
    case CAP_PDPT:
        return decode_table(call);
    case CAP_PML4:
        return answer_unknown_label(call);
    case CAP_ASID_CONTROL:
        return decode_asid_control(call);
    case CAP_ASID_POOL:
        return decode_asid_pool(call);
    case CAP_IO_PORT_CONTROL:
        return decode_io_port_control(call);
    case CAP_IO_PORT:
        return decode_io_port(call);
    case CAP_IO_SPACE:
        return decode_io_space(call);
    case CAP_IO_PAGE_TABLE:
        return decode_io_page_table(call);
    default:
        return answer_invalid_cap(call, 0, WHY("nothing can be invoked on this cap"));
    }
}
