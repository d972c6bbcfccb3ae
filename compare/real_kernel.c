/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* The real kernel, in QEMU. */
#include "compare/child.h"
#include "compare/list.h"
#include "compare/subjects.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define QEMU "qemu-system-x86_64"
/* Has all that a kernel of Microkit's configuration asks for; one that asks for less boots on it, too. */
#define QEMU_CPU "qemu64,+fsgsbase,+pdpe1gb,+xsaveopt,+xsave"

static const char about[] = "QEMU emulates the machine, instruction by instruction. Its times say "
                            "how fast QEMU is, and nothing "
                            "of seL4 on silicon, which takes well below a microsecond for a round "
                            "trip. What holds there as here "
                            "is what is lost and who stops. Its clock is the emulated machine's.";

/* A system, an image of which boots. */
struct real_kernel {
    const char *name;
    const char *title;
    const char *option; /* the one that asked for it */
    char *sdk;          /* whose tool makes the images */
    char *kernel;
    const char *config; /* debug or release: what the kernel's programs are made for */
};

static bool runs_microkit(const struct workshop *workshop, const struct real_kernel *real,
                          char *const *arguments, const char *log)
{
    int output = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    int status = output >= 0 ? child_run(arguments, NULL, output) : -errno;
    if (output >= 0) {
        close(output);
    }
    if (status != 0) {
        char *why = status < 0 ? text_of("%s", strerror(-status)) : child_status_text(status);
        subjects_leave_out(workshop, "%s: %s could not make an image: %s; see %s", real->option,
                           arguments[0], why, log);
        free(why);
    }
    return status == 0;
}

/* Where the capDL of a part's image is, to be freed. */
static char *spec_of(const struct workshop *workshop, const struct real_kernel *real,
                     enum part_kind kind)
{
    return text_of("%s/%s-%s.json", workshop->inputs, real->name, part_name(kind));
}

/* Returns the image of a part, to be freed; or NULL, and a person has been told. */
static char *make_image(const struct workshop *workshop, const struct real_kernel *real,
                        enum part_kind kind)
{
    const char *part = part_name(kind);
    char *tool = text_of("%s/bin/microkit", real->sdk);
    char *system =
        text_of("%s/%s.system", workshop->measured, kind == PART_FAULT ? "fault" : "ipc");
    char *iterations = text_of("%s/%s", workshop->inputs, kind == PART_START ? "none" : "all");
    char *image = text_of("%s/%s-%s.img", workshop->inputs, real->name, part);
    char *report = text_of("%s/%s-%s.txt", workshop->inputs, real->name, part);
    char *log = text_of("%s/%s-%s.log", workshop->inputs, real->name, part);
    char *spec = spec_of(workshop, real, kind);
    char *programs = text_of("%s/%s", workshop->measured, real->config);
    char *arguments[] = {tool,
                         system,
                         "--search-path",
                         iterations,
                         programs,
                         "--board",
                         "x86_64_generic",
                         "--config",
                         (char *)real->config,
                         "-o",
                         image,
                         "-r",
                         report,
                         "--capdl-json",
                         spec,
                         NULL};
    if (!runs_microkit(workshop, real, arguments, log)) {
        free(image);
        image = NULL;
    }
    free(tool);
    free(system);
    free(iterations);
    free(programs);
    free(report);
    free(log);
    free(spec);
    return image;
}

static void add_part(const struct real_kernel *real, struct subject *subject, enum part_kind kind,
                     char *image)
{
    subject_add_part(subject, kind, text_of(QEMU), text_of("-accel"), text_of("tcg"),
                     text_of("-cpu"), text_of(QEMU_CPU), text_of("-m"), text_of("512M"),
                     text_of("-display"), text_of("none"), text_of("-monitor"), text_of("none"),
                     text_of("-serial"), text_of("stdio"), text_of("-no-reboot"),
                     text_of("-kernel"), text_of("%s", real->kernel), text_of("-initrd"), image,
                     NULL);
}

/* Nobody sees from outside what the kernel has given to whom. Its capDL says it. */
static void add_memory(const struct workshop *workshop, const struct real_kernel *real,
                       struct subject *subject)
{
    subject_add_part(subject, PART_MEMORY, text_of("%s", workshop->plan->quoll), text_of("check"),
                     text_of("--footprint"), text_of("--search-path"),
                     text_of("%s/%s", workshop->measured, real->config),
                     spec_of(workshop, real, PART_IPC), NULL);
}

/* Both the kernel and QEMU have to be there. */
static bool can_boot(const struct workshop *workshop, const struct real_kernel *real)
{
    if (access(real->kernel, R_OK) != 0) {
        subjects_leave_out(workshop, "%s: cannot read %s: %s", real->option, real->kernel,
                           strerror(errno));
        return false;
    }
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    int status = child_run((char *[]){QEMU, "--version", NULL}, NULL, null);
    close(null);
    if (status != 0) {
        subjects_leave_out(workshop, "%s: there is no " QEMU "; Debian has it as qemu-system-x86",
                           real->option);
    }
    return status == 0;
}

/* A kernel that prints says so at the end of its boot, and takes other system calls. */
static bool prints(const char *kernel)
{
    static const char said[] = "dropped to user space";
    bool found = false;
    int fd = open(kernel, O_RDONLY | O_CLOEXEC);
    off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
    void *bytes = size > 0 ? mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    if (bytes != MAP_FAILED) {
        found = memmem(bytes, (size_t)size, said, strlen(said)) != NULL;
        munmap(bytes, (size_t)size);
    }
    if (fd >= 0) {
        close(fd);
    }
    return found;
}

static void add_real_kernel(const struct workshop *workshop, struct real_kernel *real)
{
    if (!subjects_want(workshop->plan, real->name) || !can_boot(workshop, real)) {
        return;
    }
    real->config = prints(real->kernel) ? "debug" : "release";
    struct subject *subject =
        comparison_add_subject(workshop->comparison, real->name, real->title, about);
    subject->emulated = true;
    for (enum part_kind kind = PART_START; kind <= PART_FAULT; kind++) {
        char *image = make_image(workshop, real, kind);
        if (image) {
            add_part(real, subject, kind, image);
        }
    }
    if (subject_has_part(subject, PART_IPC)) {
        add_memory(workshop, real, subject);
    }
}

void subjects_add_real_kernels(const struct workshop *workshop)
{
    const struct plan *plan = workshop->plan;
    if (plan->sel4_kernel) {
        struct real_kernel real = {
            .name = "sel4",
            .title = "seL4 in QEMU, images of Quoll's SDK",
            .option = "--sel4-kernel",
            .sdk = text_of("%s", plan->sdk),
            .kernel = text_of("%s", plan->sel4_kernel),
        };
        add_real_kernel(workshop, &real);
        free(real.sdk);
        free(real.kernel);
    }
    if (plan->microkit_sdk) {
        struct real_kernel real = {
            .name = "microkit",
            .title = "seL4 in QEMU, images of another Microkit SDK",
            .option = "--microkit-sdk",
            .sdk = text_of("%s", plan->microkit_sdk),
            .kernel =
                text_of("%s/board/x86_64_generic/release/elf/sel4_32.elf", plan->microkit_sdk),
        };
        add_real_kernel(workshop, &real);
        free(real.sdk);
        free(real.kernel);
    }
}
