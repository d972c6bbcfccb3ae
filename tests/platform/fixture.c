/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "tests/platform/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void fixture_open(struct fixture *f, struct fixture_options options)
{
    memset(f, 0, sizeof(*f));
    f->ram_fd = memfd_create("test-ram", MFD_CLOEXEC);
    EXPECT_TRUE(f->ram_fd >= 0);
    EXPECT_EQ(0, ftruncate(f->ram_fd, RAM_BYTES));
    f->ram = mmap(NULL, RAM_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, f->ram_fd, 0);
    EXPECT_TRUE(f->ram != MAP_FAILED);

    struct platform_options open = {.ram_fd = f->ram_fd,
                                    .ram_bytes = RAM_BYTES,
                                    .rewrite = options.rewrite,
                                    .writes = options.writes,
                                    .trap_tsc = options.trap_tsc,
                                    .trap_cpuid = options.trap_cpuid,
                                    .cpu = -1};
    if (platform_open(&open, &f->platform, &f->error) != 0) {
        fprintf(stderr, "%s\n", f->error.text);
        fail();
    }
    f->thread = (struct platform_thread){
        .tcb = TCB_A, .vspace = VSPACE_A, .name = "guest", .registers = &f->registers};
    f->registers.r[X86_RFLAGS] = 0x202;
}

void fixture_close(struct fixture *f)
{
    platform_close(f->platform);
    munmap(f->ram, RAM_BYTES);
    close(f->ram_fd);
}

void fixture_code(struct fixture *f, const void *code, size_t bytes)
{
    memcpy(f->ram + CODE_FRAME, code, bytes);
    platform_map(f->platform, f->thread.vspace, CODE, CODE_FRAME, 0x1000, false);
    f->registers.r[X86_RIP] = CODE;
}

enum run_result fixture_run(struct fixture *f)
{
    enum run_result result;
    do {
        result = platform_run(f->platform, &f->thread, RUN_FOREVER, &f->error);
    } while (result == RUN_KICKED);
    if (result == RUN_LOST) {
        fprintf(stderr, "# lost: %s\n", f->error.text);
    }
    return result;
}

/* Children as Linux lists them; `first` gets one of them. */
static unsigned children(int *first)
{
    char name[64];
    snprintf(name, sizeof(name), "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(name, "re");
    EXPECT_TRUE(file != NULL);
    unsigned count = 0;
    int pid;
    while (fscanf(file, "%d", &pid) == 1) {
        *first = pid;
        count++;
    }
    fclose(file);
    return count;
}

unsigned fixture_children(void)
{
    int ignored;
    return children(&ignored);
}

int fixture_only_child(void)
{
    int pid = 0;
    EXPECT_EQ(1, children(&pid));
    return pid;
}
