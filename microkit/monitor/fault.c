/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Faults in words. The texts are Microkit 2.3.0's, to the letter: people's scripts look for them. */
#include "microkit/monitor/monitor.h"

#include <stddef.h>

/* Below the stack is a page without anything: the one that an overflow hits. */
#define GUARD_SIZE 0x1000

struct fault fault_received(seL4_Word label)
{
    struct fault fault = {.label = label};
    for (size_t i = 0; i < sizeof fault.mrs / sizeof fault.mrs[0]; i++) {
        fault.mrs[i] = seL4_GetMR((int)i);
    }
    return fault;
}

void registers_print(const seL4_UserContext *registers)
{
    const struct {
        const char *name;
        seL4_Word value;
    } lines[] = {
        {"rip", registers->rip},         {"rsp", registers->rsp},
        {"rflags", registers->rflags},   {"rax", registers->rax},
        {"rbx", registers->rbx},         {"rcx", registers->rcx},
        {"rdx", registers->rdx},         {"rsi", registers->rsi},
        {"rdi", registers->rdi},         {"rbp", registers->rbp},
        {"r8", registers->r8},           {"r9", registers->r9},
        {"r10", registers->r10},         {"r11", registers->r11},
        {"r12", registers->r12},         {"r13", registers->r13},
        {"r14", registers->r14},         {"r15", registers->r15},
        {"fs_base", registers->fs_base}, {"gs_base", registers->gs_base},
    };
    print("Registers: \n");
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        print(lines[i].name);
        print(" : ");
        print_hex64(lines[i].value);
        print("\n");
    }
}

/* The page fault error code of a user's access. Intel SDM volume 3, "Page-Fault Exceptions". */
static const char *page_fault_text(seL4_Word fsr)
{
    switch (fsr) {
    case 4:
        return "read to a non-present page at ring 3";
    case 5:
        return "page-protection violation from read at ring 3";
    case 6:
        return "write to a non-present page at ring 3";
    case 7:
        return "page-protection violation from write at ring 3";
    default:
        return "invalid FSR or unimplemented decoding";
    }
}

static void vm_fault_print(const struct fault *fault, seL4_Word stack_bottom)
{
    seL4_Word address = fault->mrs[seL4_VMFault_Addr];
    seL4_Word fsr = fault->mrs[seL4_VMFault_FSR];
    print("MON|ERROR: VMFault: ip=");
    print_hex64(fault->mrs[seL4_VMFault_IP]);
    print("  fault_addr=");
    print_hex64(address);
    print("  fsr=");
    print_hex64(fsr);
    print(fault->mrs[seL4_VMFault_PrefetchFault] ? "  (instruction fault)\n" : "  (data fault)\n");
    print("MON|ERROR: description of fault: ");
    print(page_fault_text(fsr));
    print("\n");
    if (address < stack_bottom && address >= stack_bottom - GUARD_SIZE) {
        print("MON|ERROR: potential stack overflow, fault address within one page outside of stack "
              "region\n");
    }
}

static void lookup_failure_print(seL4_Word type)
{
    static const char *const names[] = {
        [seL4_NoFailure] = "seL4_NoFailure",
        [seL4_InvalidRoot] = "seL4_InvalidRoot",
        [seL4_MissingCapability] = "seL4_MissingCapability",
        [seL4_DepthMismatch] = "seL4_DepthMismatch",
        [seL4_GuardMismatch] = "seL4_GuardMismatch",
    };
    if (type < sizeof names / sizeof names[0]) {
        print(names[type]);
    } else {
        print_hex64(type);
    }
}

static void word_print(const char *name, seL4_Word value)
{
    print("  ");
    print(name);
    print("=");
    print_hex64(value);
}

static void cap_fault_print(const struct fault *fault)
{
    seL4_Word type = fault->mrs[seL4_CapFault_LookupFailureType];
    print("MON|ERROR: CapFault: ip=");
    print_hex64(fault->mrs[seL4_CapFault_IP]);
    word_print("fault_addr", fault->mrs[seL4_CapFault_Addr]);
    print("  in_recv_phase=");
    print(fault->mrs[seL4_CapFault_InRecvPhase] ? "true" : "false");
    print("  lookup_failure_type=");
    lookup_failure_print(type);
    switch (type) {
    case seL4_MissingCapability:
        word_print("bits_left", fault->mrs[seL4_CapFault_BitsLeft]);
        break;
    case seL4_DepthMismatch:
        word_print("bits_left", fault->mrs[seL4_CapFault_BitsLeft]);
        word_print("depth_bits_found", fault->mrs[seL4_CapFault_DepthMismatch_BitsFound]);
        break;
    case seL4_GuardMismatch:
        word_print("bits_left", fault->mrs[seL4_CapFault_BitsLeft]);
        word_print("guard_found", fault->mrs[seL4_CapFault_GuardMismatch_GuardFound]);
        word_print("guard_bits_found", fault->mrs[seL4_CapFault_GuardMismatch_BitsFound]);
        break;
    default:
        break;
    }
    print("\n");
}

void fault_print(const struct fault *fault, seL4_Word stack_bottom)
{
    switch (fault->label) {
    case seL4_Fault_CapFault:
        cap_fault_print(fault);
        break;
    case seL4_Fault_UserException:
        print("MON|ERROR: UserException\n");
        break;
    case seL4_Fault_VMFault:
        vm_fault_print(fault, stack_bottom);
        break;
    default:
        /* The label ends without a newline, as upstream's does. */
        print("MON|ERROR: Unknown fault\n");
        print_hex64(fault->label);
        break;
    }
}
