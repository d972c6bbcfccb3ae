/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The programs of a system: one for each PD, and the monitor's. They are read, and then the words
 * in them that depend on the system are written: what libmicrokit and the monitor want to know, and
 * what the description sets with setvar.
 */
#pragma once

#include "microkit/elf.h"
#include "microkit/image.h"
#include "microkit/model.h"

struct programs {
    size_t opened;   /* of `pds`, from the start */
    struct elf *pds; /* by PD number */
    struct elf monitor;
    bool monitor_opened;
};

/*
 * Read and patch them all. Returns true; or false, with one error in `found`. programs_close is due
 * in either case.
 */
bool programs_open(struct programs *programs, const struct image_request *request,
                   struct diagnostics *found);

void programs_close(struct programs *programs);
