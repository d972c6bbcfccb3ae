/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Root tasks that ask the kernel questions and print its answers, so that two kernels can be
 * compared.
 */
#pragma once

#include <roottask.h>

#define ROOT   seL4_CapInitThreadCNode
#define VSPACE seL4_CapInitThreadVSpace
#define DEPTH  seL4_WordBits

static seL4_BootInfo *bootinfo;
static seL4_CPtr next_slot;

/* Invoke, and print the call, its error and the message registers that go with that. */
#define TRY(call) answer(#call, (call))

static inline void answer(const char *call, seL4_Word error)
{
    /* How many words of the message say more. */
    static const unsigned char words[seL4_NumErrors] = {
        [seL4_InvalidArgument] = 1, [seL4_InvalidCapability] = 1, [seL4_RangeError] = 2,
        [seL4_FailedLookup] = 3,    [seL4_NotEnoughMemory] = 1,
    };
    seL4_Word registers[3] = {seL4_GetMR(0), seL4_GetMR(1), seL4_GetMR(2)};
    /* Of an invalid root the type is all there is. */
    unsigned count = error == seL4_FailedLookup && registers[1] == seL4_InvalidRoot ? 2
                     : error < seL4_NumErrors                                       ? words[error]
                                                                                    : 0;
    console_puts(call);
    console_puts(" = ");
    console_put_decimal(error);
    for (unsigned i = 0; i < count; i++) {
        console_puts(i ? " " : ": ");
        console_put_hex(registers[i]);
    }
    console_puts("\n");
}

static inline void say(const char *what, seL4_Word number)
{
    console_puts(what);
    console_puts(" ");
    console_put_hex(number);
    console_puts("\n");
}

static inline seL4_CPtr new_slot(void)
{
    return next_slot++;
}

enum memory { RAM, DEVICE };

/* A new object from the first untyped of that size or more which has room. */
static inline seL4_CPtr new_object_in(enum memory memory, seL4_Word type, seL4_Word bits,
                                      seL4_Word untyped_bits)
{
    seL4_CPtr slot = new_slot();
    for (seL4_CPtr untyped = bootinfo->untyped.start; untyped < bootinfo->untyped.end; untyped++) {
        const seL4_UntypedDesc *desc = &bootinfo->untypedList[untyped - bootinfo->untyped.start];
        if (desc->isDevice == (memory == DEVICE) && desc->sizeBits >= untyped_bits &&
            seL4_Untyped_Retype(untyped, type, bits, ROOT, 0, 0, slot, 1) == seL4_NoError) {
            return slot;
        }
    }
    console_puts("no memory for an object\n");
    return slot;
}

static inline seL4_CPtr new_object(seL4_Word type, seL4_Word bits)
{
    return new_object_in(RAM, type, bits, 22);
}

static inline seL4_Error copy(seL4_CPtr target, seL4_CPtr source)
{
    return seL4_CNode_Copy(ROOT, target, DEPTH, ROOT, source, DEPTH, seL4_AllRights);
}

static inline seL4_Error delete_cap(seL4_CPtr slot)
{
    return seL4_CNode_Delete(ROOT, slot, DEPTH);
}

static void ask(void);

int main(seL4_BootInfo *info)
{
    bootinfo = info;
    next_slot = info->empty.start;
    console_puts("BEGIN\n");
    ask();
    console_puts("END\n");
    return 0;
}
