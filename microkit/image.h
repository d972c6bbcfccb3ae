/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * From a checked system to an image: one ELF root task that boots on seL4. It is the initialiser
 * with the system's spec and the programs' pages appended; microkit/spec.h tells how it is laid
 * out. The same inputs make the same bytes.
 */
#pragma once

#include "microkit/model.h"
#include "microkit/spec.h"

struct capdl;

/* A program that is in memory, and the name it has in messages. */
struct program_bytes {
    const char *name;
    const void *data;
    size_t size;
};

/* The two that are in every image. They have to be built for the kernel's configuration. */
struct sdk_programs {
    struct program_bytes initialiser;
    struct program_bytes monitor;
};

/* Those of the SDK's configurations, carried inside this program. */
extern const struct sdk_programs sdk_debug;
extern const struct sdk_programs sdk_release;

struct image_request {
    const struct system *system;      /* checked */
    const struct search_path *search; /* where program images are */
    struct sdk_programs programs;     /* sdk_debug, sdk_release, or those of another SDK */
    struct capdl *capdl; /* NULL, or takes the system in capDL if an image is made of it,
                                       * and then refers to the system; capdl_free is due */
};

struct image {
    uint8_t *data; /* the file */
    size_t size;
    const struct spec *spec; /* inside `data` */
    uint64_t memory_size;    /* bytes that the root task takes once it is loaded */
};

/*
 * Build an image. Returns true, and then image_free is due; or false with an error in `found`: a
 * program is missing or malformed, a symbol cannot be patched, a map overlaps a program, the system
 * needs what this kind of image cannot have, or there is no memory.
 */
bool image_build(struct image *image, const struct image_request *request,
                 struct diagnostics *found);

/*
 * Build an image of capDL that was read. Programs are looked for along the search path, as PD.elf
 * where the capDL does not say, and get what libmicrokit wants to know from the caps; the monitor is
 * that of `programs`, whichever the capDL was made with, and takes that one's place in it.
 *
 * name  The capDL file's, for messages.
 */
bool image_build_capdl(struct image *image, struct capdl *capdl, const char *name,
                       const struct search_path *search, const struct sdk_programs *programs,
                       struct diagnostics *found);

void image_free(struct image *image);
