/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* A system for tests to change, the image that is built of it, and what is looked for in that image. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "microkit/image.h"
#include "tests/microkit/fixture_program.h"
#include "tests/test.h"

/* A system that tests write as they like, and what it takes to build its image. */
struct build {
    struct system system;
    struct bytes initialiser;
    struct bytes monitor;
    char *folder;
    struct diagnostics found;
    struct image image;
};

/* These PDs and nothing else; their programs can be pd.elf, which is program_of_pd(). To be ended with build_finish. */
struct build build_start(struct protection_domain *pds, size_t count);
void build_finish(struct build *build);

/* Whether it could be built. If not, build->found says why. */
bool build_image(struct build *build);

/* A PD as a description has it that says nothing but its name and its program, pd.elf. */
struct protection_domain plain_pd(const char *name);

/* The run of objects that has this one, NULL for none; and its name. */
const struct spec_objects *run_of_object(const struct spec *spec, uint32_t object);
const char *name_of_object(const struct spec *spec, uint32_t object);

/* The map of a VSpace that covers an address; NULL for none. */
const struct spec_map *build_map_at(const struct build *build, const char *vspace, uint64_t vaddr);

/* What the program will find at an address; NULL if that is not in the image. */
const void *build_bytes_at(const struct build *build, const char *vspace, uint64_t vaddr);

#define EXPECT_BUILT(build) EXPECT_STR("", build_image(build) ? "" : (build)->found.first->text)

/* The build fails with an error whose first line is `message`. */
#define EXPECT_REFUSED(message, build)                                                             \
    do {                                                                                           \
        EXPECT_FALSE(build_image(build));                                                          \
        EXPECT_EQ(1, (build)->found.errors);                                                       \
        assert_memory_equal(message, (build)->found.first->text, strlen(message));                 \
        EXPECT_TRUE((build)->image.data == NULL);                                                  \
    } while (0)
