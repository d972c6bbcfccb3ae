/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The initialiser: a root task that carries out a spec (microkit/spec.h) and then suspends itself.
 * It is a plain seL4 program. An error stops it with a message: a system that is half there must not
 * start.
 */
#pragma once

#include <stdint.h>

#include <roottask.h>
#include <sel4/sel4.h>

#include "microkit/spec.h"

/*
 * What every step needs.
 *
 * Slots  first_object is the slot of object 0, and the others follow it. From next_slot on, slots
 *        are free: for copies and for caps that are minted on the way.
 */
struct initialiser {
    const seL4_BootInfo *bootinfo;
    const struct spec *spec;
    seL4_CPtr first_object;
    seL4_CPtr next_slot;
};

/* The run that an object belongs to. */
const struct spec_objects *object_run(const struct initialiser *init, uint32_t object);

/* The slot of an object's first cap; seL4_CapNull for SPEC_NONE. */
seL4_CPtr object_slot(const struct initialiser *init, uint32_t object);

/* The slot of the frame that holds a page of the image, counted from where the spec starts. */
seL4_CPtr image_frame_slot(const struct initialiser *init, uint32_t page);

/* A free slot. Stops when there is none left. */
seL4_CPtr next_slot(struct initialiser *init);

/* Derive `cap` into a slot of a CNode; `depth` as seL4_CNode_Mint wants it. */
seL4_Error mint(const struct initialiser *init, const struct spec_cap *cap, seL4_CNode cnode,
                seL4_Word slot, seL4_Uint8 depth);

/* memory.c: create the objects that need memory. */
void create_objects(struct initialiser *init);

/* vspace.c: the steps of the same names in spec.h. */
void assign_asids(const struct initialiser *init);
void fill_frames(struct initialiser *init);
void map_tables(const struct initialiser *init);
void map_frames(struct initialiser *init);

/* devices.c: issue the caps to interrupts and I/O ports, and bind the interrupts. */
void issue_irqs(struct initialiser *init);
void issue_ioports(const struct initialiser *init);

/* threads.c: configure everything that runs; start it, which comes last. */
void configure_scheds(const struct initialiser *init);
void configure_threads(struct initialiser *init);
void write_domain_schedule(const struct initialiser *init);
void start_threads(const struct initialiser *init);

/* Stop with "cannot DEED 'NAME': ERROR" unless the kernel answered seL4_NoError. */
void check(const struct initialiser *init, seL4_Error error, const char *deed, uint32_t object);

/* The same with an address: "cannot DEED 'NAME' at VADDR: ERROR". */
void check_at(const struct initialiser *init, seL4_Error error, const char *deed, uint32_t object,
              uint64_t vaddr);

/* For other messages, which are printed piece by piece: an object's name, and the end. */
void report_object(const struct initialiser *init, uint32_t object);
_Noreturn void stop(void);
