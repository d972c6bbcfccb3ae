/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The initialiser's run, in the order that microkit/spec.h tells. */
#include "microkit/initialiser/initialiser.h"

#include <stddef.h>

/* Written by the tool. */
const struct spec *initialiser_spec;

const struct spec_objects *object_run(const struct initialiser *init, uint32_t object)
{
    const struct spec_objects *runs = spec_records(init->spec, init->spec->objects);
    uint32_t low = 0;
    uint32_t high = init->spec->objects.count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (runs[middle].first <= object) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &runs[low];
}

seL4_CPtr object_slot(const struct initialiser *init, uint32_t object)
{
    return object == SPEC_NONE ? seL4_CapNull : init->first_object + object;
}

seL4_CPtr image_frame_slot(const struct initialiser *init, uint32_t page)
{
    return init->bootinfo->userImageFrames.start + init->spec->first_image_page + page;
}

seL4_CPtr next_slot(struct initialiser *init)
{
    if (init->next_slot >= init->bootinfo->empty.end) {
        console_puts(
            "INITIALISER|ERROR: the initialiser's CNode is full: the system has more objects "
            "and copies of frames than its ");
        console_put_decimal(init->bootinfo->empty.end - init->bootinfo->empty.start);
        console_puts(" free slots. Use fewer or larger pages.");
        stop();
    }
    return init->next_slot++;
}

seL4_Error mint(const struct initialiser *init, const struct spec_cap *cap, seL4_CNode cnode,
                seL4_Word slot, seL4_Uint8 depth)
{
    return seL4_CNode_Mint(cnode, slot, depth, seL4_CapInitThreadCNode,
                           object_slot(init, cap->object), seL4_WordBits,
                           (seL4_CapRights_t){{cap->rights}}, cap->badge);
}

static void fill_cnodes(const struct initialiser *init)
{
    const struct spec_slot *slot = spec_records(init->spec, init->spec->slots);
    for (uint32_t i = 0; i < init->spec->slots.count; i++, slot++) {
        uint8_t radix = object_run(init, slot->cnode)->size_bits - seL4_SlotBits;
        seL4_Error error =
            mint(init, &slot->cap, object_slot(init, slot->cnode), slot->slot, radix);
        check(init, error, "hand out a cap to", slot->cap.object);
    }
}

static struct initialiser begin(const seL4_BootInfo *bootinfo)
{
    const struct spec *spec = initialiser_spec;
    if (spec == NULL || spec->magic != SPEC_MAGIC || spec->version != SPEC_VERSION) {
        console_puts(
            "INITIALISER|ERROR: the image has no spec of this version: build the image with "
            "the tool that this initialiser came with.");
        stop();
    }
    struct initialiser init = {
        .bootinfo = bootinfo,
        .spec = spec,
        .first_object = bootinfo->empty.start,
        .next_slot = bootinfo->empty.start,
    };
    if (spec->objects_total > bootinfo->empty.end - bootinfo->empty.start) {
        init.next_slot = bootinfo->empty.end;
        next_slot(&init);
    }
    init.next_slot += spec->objects_total;
    return init;
}

int main(seL4_BootInfo *bootinfo)
{
    struct initialiser init = begin(bootinfo);
    create_objects(&init);
    issue_irqs(&init);
    issue_ioports(&init);
    assign_asids(&init);
    fill_frames(&init);
    map_tables(&init);
    map_frames(&init);
    configure_scheds(&init);
    configure_threads(&init);
    fill_cnodes(&init);
    write_domain_schedule(&init);
    start_threads(&init);
    seL4_TCB_Suspend(seL4_CapInitThreadTCB);
    return 0;
}
