/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A root task that makes a second thread, then a VSpace with a third thread in it, all by hand: what
 * Microkit's initialiser does for each protection domain of a system description.
 *
 * Everything is an object made of untyped memory by seL4_Untyped_Retype(), which puts a cap to it
 * into an empty slot. Caps are what the calls below name. For the kernel of Microkit's SDK (MCS).
 */

#include <roottask.h>
#include <stddef.h>

#define ROOT   seL4_CapInitThreadCNode
#define VSPACE seL4_CapInitThreadVSpace
#define SELF   seL4_CapInitThreadTCB

#define PAGE        4096ul
#define IMAGE       0x400000ul   /* where roottask.ld puts this program, stack first */
#define AREA        0x10000000ul /* addresses that the image does not use */
#define STACK       (AREA + PAGE)
#define PRIORITY    255 /* ours, too */
#define BUDGET_US   1000
#define SAME_SPACE  1 /* badges: who speaks */
#define OTHER_SPACE 2

static const seL4_BootInfo *info;
static seL4_CPtr next_slot;

/* Nothing here can go wrong on a machine with some memory, so a refusal ends the program. */
static void must(seL4_Error error, const char *what)
{
    if (error != seL4_NoError) {
        console_puts("cannot ");
        console_puts(what);
        console_puts(": error ");
        console_put_decimal(error);
        console_puts("\n");
        seL4_DebugHalt();
    }
}

static void say(const char *what, seL4_Word number)
{
    console_puts(what);
    console_put_hex(number);
    console_puts("\n");
}

/* Takes it from the first untyped that still has room. size_bits is for types that have sizes. */
static seL4_CPtr make(seL4_Word type, seL4_Word size_bits)
{
    seL4_Error error = seL4_NotEnoughMemory;
    seL4_Word count = info->untyped.end - info->untyped.start;
    for (seL4_Word i = 0; error != seL4_NoError && i < count; i++) {
        if (!info->untypedList[i].isDevice) {
            error = seL4_Untyped_Retype(info->untyped.start + i, type, size_bits, ROOT, 0, 0,
                                        next_slot, 1);
        }
    }
    must(error, "make an object");
    return next_slot++;
}

/* A second cap to the same object: with fewer rights, or with a badge that receivers see. */
static seL4_CPtr mint(seL4_CPtr cap, seL4_CapRights_t rights, seL4_Word badge)
{
    must(seL4_CNode_Mint(ROOT, next_slot, seL4_WordBits, ROOT, cap, seL4_WordBits, rights, badge),
         "copy a cap");
    return next_slot++;
}

/* x86-64 has four levels: below the VSpace itself come three, each for the next smaller part of the
 * address. The two upper ones cover 1 GiB, which is enough for all addresses here. */
static void make_upper_tables(seL4_CPtr vspace)
{
    must(seL4_X86_PDPT_Map(make(seL4_X86_PDPTObject, 0), vspace, IMAGE,
                           seL4_X86_Default_VMAttributes),
         "map a PDPT");
    must(seL4_X86_PageDirectory_Map(make(seL4_X86_PageDirectoryObject, 0), vspace, IMAGE,
                                    seL4_X86_Default_VMAttributes),
         "map a page directory");
}

/* The lowest one covers 2 MiB. */
static void make_page_table(seL4_CPtr vspace, seL4_Word address)
{
    must(seL4_X86_PageTable_Map(make(seL4_X86_PageTableObject, 0), vspace, address,
                                seL4_X86_Default_VMAttributes),
         "map a page table");
}

static void map(seL4_CPtr frame, seL4_CPtr vspace, seL4_Word address, seL4_CapRights_t rights)
{
    must(seL4_X86_Page_Map(frame, vspace, address, rights, seL4_X86_Default_VMAttributes),
         "map a page");
}

/*
 * A VSpace has an address space identifier before anything is mapped into it. This one sees our image
 * at the same addresses, so that functions and constants work, but may not write there. A frame cap
 * remembers where it is mapped: each mapping needs a cap of its own.
 */
static seL4_CPtr make_vspace(void)
{
    seL4_CPtr vspace = make(seL4_X64_PML4Object, 0);
    must(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, vspace), "assign an ASID");
    make_upper_tables(vspace);
    make_page_table(vspace, IMAGE);
    make_page_table(vspace, AREA);
    seL4_Word count = info->userImageFrames.end - info->userImageFrames.start;
    for (seL4_Word i = 0; i < count; i++) {
        map(mint(info->userImageFrames.start + i, seL4_CanRead, 0), vspace, IMAGE + i * PAGE,
            seL4_CanRead);
    }
    return vspace;
}

/*
 * A thread is a CSpace, a VSpace, a priority, time to run (MCS: a scheduling context) and registers.
 * It shares our CSpace, and its faults become messages to `endpoint`. It gets no IPC buffer: messages
 * of up to four words travel in registers.
 */
static void start_thread(seL4_CPtr vspace, void (*entry)(seL4_CPtr), seL4_Word stack_top,
                         seL4_CPtr endpoint)
{
    seL4_CPtr tcb = make(seL4_TCBObject, 0);
    seL4_CPtr time = make(seL4_SchedContextObject, seL4_MinSchedContextBits);
    must(seL4_SchedControl_ConfigureFlags(info->schedcontrol.start, time, BUDGET_US, BUDGET_US, 0,
                                          0, 0),
         "configure a scheduling context");
    must(seL4_TCB_Configure(tcb, ROOT, 0, vspace, 0, 0, seL4_CapNull), "configure a thread");
    must(seL4_TCB_SetSchedParams(tcb, SELF, PRIORITY, PRIORITY, time, endpoint),
         "set a thread's scheduling parameters");
    /* As after a call: the stack is aligned to 16 bytes before the return address. */
    seL4_UserContext registers = {.rip = (seL4_Word)entry, .rsp = stack_top - 8, .rdi = endpoint};
    must(seL4_TCB_WriteRegisters(tcb, seL4_True, 0, sizeof(registers) / sizeof(seL4_Word),
                                 &registers),
         "start a thread");
}

/* What both threads run: tell what they see at AREA, then write into the image. */
static seL4_Word written = 1;

static void speak(seL4_CPtr endpoint)
{
    seL4_Word seen = *(volatile seL4_Word *)AREA;
    seL4_SendWithMRs(endpoint, seL4_MessageInfo_new(0, 0, 0, 1), &seen, NULL, NULL, NULL);
    *(volatile seL4_Word *)&written = 2;
    seL4_SendWithMRs(endpoint, seL4_MessageInfo_new(0, 0, 0, 0), NULL, NULL, NULL, NULL);
    for (;;) {
        seL4_Yield();
    }
}

static const char *name(seL4_Word badge)
{
    return badge == SAME_SPACE ? "the thread in our VSpace" : "the thread in its own VSpace";
}

/* Two messages of a thread: what it sees, and whether it could write. */
static void hear(seL4_CPtr endpoint, seL4_CPtr reply)
{
    seL4_Word badge;
    seL4_Recv(endpoint, &badge, reply);
    console_puts(name(badge));
    say(" sees ", seL4_GetMR(0));

    seL4_MessageInfo_t message = seL4_Recv(endpoint, &badge, reply);
    console_puts(name(badge));
    if (seL4_MessageInfo_get_label(message) == seL4_Fault_VMFault) {
        console_puts(" may not write into the image: the kernel sends us its fault\n");
        console_puts(seL4_GetMR(seL4_VMFault_Addr) == (seL4_Word)&written
                         ? "the fault's address is that of `written`\n"
                         : "the fault's address is wrong\n");
    } else {
        say(" wrote into the image: ", written);
    }
}

int main(seL4_BootInfo *bootinfo)
{
    info = bootinfo;
    next_slot = info->empty.start;
    seL4_CPtr endpoint = make(seL4_EndpointObject, 0);
    seL4_CPtr reply = make(seL4_ReplyObject, 0);
    seL4_CPtr ours = make(seL4_X86_4K, 0);
    seL4_CPtr others = make(seL4_X86_4K, 0);
    seL4_CPtr others_stack = make(seL4_X86_4K, 0);
    seL4_CPtr our_stack = make(seL4_X86_4K, 0);

    /* The same address leads to different frames. To fill the other one it is mapped here, too. */
    make_page_table(VSPACE, AREA);
    map(ours, VSPACE, AREA, seL4_ReadWrite);
    map(our_stack, VSPACE, STACK, seL4_ReadWrite);
    map(mint(others, seL4_ReadWrite, 0), VSPACE, STACK + PAGE, seL4_ReadWrite);
    *(volatile seL4_Word *)AREA = 0xaaaa;
    *(volatile seL4_Word *)(STACK + PAGE) = 0xbbbb;

    start_thread(VSPACE, speak, STACK + PAGE, mint(endpoint, seL4_AllRights, SAME_SPACE));
    hear(endpoint, reply);

    seL4_CPtr vspace = make_vspace();
    map(others, vspace, AREA, seL4_ReadWrite);
    map(others_stack, vspace, STACK, seL4_ReadWrite);
    start_thread(vspace, speak, STACK + PAGE, mint(endpoint, seL4_AllRights, OTHER_SPACE));
    hear(endpoint, reply);
    return 0;
}
