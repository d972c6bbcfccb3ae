/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Systems in capDL: the JSON that --capdl-json of a Microkit tool writes. */
#pragma once

#include "cli/input.h"
#include "cli/system.h"
#include "microkit/capdl/capdl.h"
#include "microkit/image.h"

struct spec_file {
    struct capdl capdl; /* its programs have been found */
    uint32_t objects;   /* as read: the monitor of ours takes others */
    struct image image;
    struct system_file file; /* private: where to look for files */
};

/* Is it JSON? No system description begins as it does. */
bool input_is_spec(const struct input *input);

/*
 * Make an image of a spec with the initialiser and the monitor that quoll carries; programs are
 * looked for where those of a description are. Returns true; or false, and the person has been told.
 * Whoever opened it closes it, in either case.
 */
bool spec_open(struct spec_file *spec, const struct settings *settings, const char *path,
               const struct input *input);

void spec_close(struct spec_file *spec);
