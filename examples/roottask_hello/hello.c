/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* A root task without Microkit: says what the kernel gave it, and halts. */

#include <roottask.h>

static void say(const char *what, seL4_Word number)
{
    console_puts(what);
    console_put_decimal(number);
    console_puts("\n");
}

static seL4_Word slots(seL4_SlotRegion region)
{
    return region.end - region.start;
}

static seL4_Word ram_bytes(const seL4_BootInfo *bootinfo)
{
    seL4_Word bytes = 0;
    for (seL4_Word i = 0; i < slots(bootinfo->untyped); i++) {
        if (!bootinfo->untypedList[i].isDevice) {
            bytes += 1ul << bootinfo->untypedList[i].sizeBits;
        }
    }
    return bytes;
}

int main(seL4_BootInfo *bootinfo)
{
    console_puts("hello from a root task\n");
    say("cores: ", bootinfo->numNodes);
    say("slots in the root CNode: ", 1ul << bootinfo->initThreadCNodeSizeBits);
    say("frames of this image: ", slots(bootinfo->userImageFrames));
    say("untyped caps: ", slots(bootinfo->untyped));
    say("MiB of RAM to make objects of: ", ram_bytes(bootinfo) >> 20);
    return 0; /* start-up code halts the machine */
}
