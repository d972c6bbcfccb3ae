/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A platform with some RAM, and tiny guests in it: machine code that a test writes into a frame. No
 * kernel is around; the test is the kernel.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/x86/exceptions.h"
#include "abi/x86/registers.h"
#include "platform/platform.h"
#include "tests/test.h"

/* Where guests' code goes, in the address space and in RAM. */
#define CODE       0x400000ull
#define CODE_FRAME 0x0ull
#define DATA       0x500000ull
#define DATA_FRAME 0x10000ull
#define RAM_BYTES  0x400000ull

#define VSPACE_A 0x1000000ull
#define VSPACE_B 0x2000000ull
#define TCB_A    0x1100000ull
#define TCB_B    0x2200000ull

struct fixture {
    struct platform *platform;
    int ram_fd;
    uint8_t *ram;
    struct x86_registers registers;
    struct platform_thread thread; /* TCB_A in VSPACE_A, at CODE */
    struct platform_error error;
};

struct fixture_options {
    bool rewrite;
    bool (*writes)(void *context, paddr page);
    bool trap_tsc;
    bool trap_cpuid;
};

/* Opens a platform and maps one page of code. */
void fixture_open(struct fixture *f, struct fixture_options options);
void fixture_close(struct fixture *f);

/* Put code into the frame at CODE, and point the thread to it. */
void fixture_code(struct fixture *f, const void *code, size_t bytes);
#define CODE_IS(f, ...)                                                                            \
    fixture_code(f, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

/* Run the thread until it stops for another reason than a spurious kick. */
enum run_result fixture_run(struct fixture *f);

/* How many children this process has. */
unsigned fixture_children(void);
/* The process of the only cell; fails when there is another number of them. */
int fixture_only_child(void);

/* The thread faulted so. */
#define EXPECT_FAULT(f, vector_, error_, address_)                                                 \
    do {                                                                                           \
        EXPECT_EQ(RUN_FAULT, fixture_run(f));                                                      \
        EXPECT_EQ(vector_, (f)->thread.fault.vector);                                              \
        EXPECT_EQ(error_, (f)->thread.fault.error);                                                \
        EXPECT_EQ(address_, (f)->thread.fault.address);                                            \
    } while (0)
