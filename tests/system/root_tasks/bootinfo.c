/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * All that bootinfo says, but for what the size of this program decides: RAM right behind its
 * image; and for the firmware's own name in the ACPI header.
 */
#include "try.h"

#define IMAGE_END 0x1000000ul

static void say_region(const char *what, seL4_SlotRegion region)
{
    say(what, region.end - region.start);
}

static void say_untyped(const seL4_UntypedDesc *untyped)
{
    console_puts(untyped->isDevice ? "device " : "RAM ");
    console_put_hex(untyped->paddr);
    say(", bits:", untyped->sizeBits);
}

static void say_extra(const char *extra, seL4_Word length)
{
    for (seL4_Word offset = 0; offset < length;) {
        seL4_BootInfoHeader header;
        __builtin_memcpy(&header, extra + offset, sizeof(header));
        say("extra header", header.id);
        say("of bytes", header.len);
        if (header.id == SEL4_BOOTINFO_HEADER_X86_MBMMAP) {
            for (seL4_Word word = 0; word < 23; word++) {
                seL4_Word value;
                __builtin_memcpy(&value, extra + offset + sizeof(header) + 8 * word, sizeof(value));
                say("memory map:", value);
            }
        }
        offset += header.len;
    }
}

static void ask(void)
{
    say("extraLen", bootinfo->extraLen);
    say("nodeID", bootinfo->nodeID);
    say("numNodes", bootinfo->numNodes);
    say("numIOPTLevels", bootinfo->numIOPTLevels);
    say("initThreadCNodeSizeBits", bootinfo->initThreadCNodeSizeBits);
    say("initThreadDomain", bootinfo->initThreadDomain);
    say_region("sharedFrames", bootinfo->sharedFrames);
    say_region("userImagePaging", bootinfo->userImagePaging);
    say_region("ioSpaceCaps", bootinfo->ioSpaceCaps);
    say_region("extraBIPages", bootinfo->extraBIPages);
    say_region("schedcontrol", bootinfo->schedcontrol);
    say("first of schedcontrol", bootinfo->schedcontrol.start);
    say("first of userImagePaging", bootinfo->userImagePaging.start);
    say("first of extraBIPages", bootinfo->extraBIPages.start);
    say("first of userImageFrames", bootinfo->userImageFrames.start);
    for (seL4_CPtr slot = 0; slot < bootinfo->userImageFrames.start; slot++) {
        say("cap of type", seL4_DebugCapIdentify(slot));
    }
    for (seL4_Word i = 0; i < bootinfo->untyped.end - bootinfo->untyped.start; i++) {
        const seL4_UntypedDesc *untyped = &bootinfo->untypedList[i];
        if (untyped->isDevice || untyped->paddr < 0x800000 || untyped->paddr >= IMAGE_END) {
            say_untyped(untyped);
        }
    }
    say_extra((const char *)bootinfo + seL4_BootInfoFrameSize, bootinfo->extraLen);
}
