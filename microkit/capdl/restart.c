/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "microkit/capdl/restart.h"

#include <inttypes.h>

#include "microkit/capdl/vspace.h"
#include "microkit/restart.h"
#include "microkit/spec.h"

/* What a parent that restarts its children clean sees of them, in this order. See restart.h. */
enum restart_part { RESTART_FILLED, RESTART_EMPTY, RESTART_COPY, RESTART_PARTS };

struct view {
    uint32_t parent; /* VSpaces */
    uint32_t child;
    const char *parent_name;
    const char *child_name;
    uint64_t next; /* where the next page is seen */
};

static void see_page(struct capdl *capdl, struct view *view, uint64_t vaddr, enum restart_part part)
{
    uint32_t frame = capdl_frame_at(capdl, view->child, vaddr);
    uint8_t rights = SPEC_READ | SPEC_WRITE;
    if (part == RESTART_COPY) {
        const char *name =
            capdl_name(capdl, "frame_quoll_restart_%s_0x%" PRIx64, view->child_name, vaddr);
        frame = capdl_add_frame(capdl, name, &capdl_object(capdl, frame)->fills[0]);
        rights = SPEC_READ;
    }
    if (!capdl->lost) {
        capdl_map_frame(capdl, view->parent, view->parent_name, view->next,
                        capdl_frame_cap(frame, rights, false, true));
        view->next += PAGE_SMALL;
    }
}

static void see_part(struct capdl *capdl, struct view *view, const struct elf *program,
                     enum restart_part part)
{
    for (size_t i = 0; i < program->segment_count; i++) {
        const struct elf_segment *segment = &program->segments[i];
        if (!(segment->flags & ELF_WRITE)) {
            continue;
        }
        uint64_t vaddr = elf_segment_start(segment);
        for (; vaddr < elf_segment_end(segment) && !capdl->lost; vaddr += PAGE_SMALL) {
            if (elf_page_is_filled(segment, vaddr) == (part != RESTART_EMPTY)) {
                see_page(capdl, view, vaddr, part);
            }
        }
    }
}

static void see_children(struct capdl *capdl, const struct system *system,
                         const struct programs *programs, const uint32_t *vspaces, size_t parent)
{
    struct view view = {
        .parent = vspaces[parent],
        .parent_name = system->pds[parent].name,
        .next = RESTART_BASE,
    };
    for (size_t i = 0; i < system->pd_count; i++) {
        if (system->pds[i].parent == &system->pds[parent]) {
            view.child = vspaces[i];
            view.child_name = system->pds[i].name;
            for (int part = RESTART_FILLED; part < RESTART_PARTS; part++) {
                see_part(capdl, &view, &programs->pds[i], (enum restart_part)part);
            }
        }
    }
}

void capdl_map_restarts(struct capdl *capdl, const struct system *system,
                        const struct programs *programs, const uint32_t *vspaces)
{
    for (size_t i = 0; i < system->pd_count && !capdl->lost; i++) {
        if (restart_calls(&programs->pds[i])) {
            see_children(capdl, system, programs, vspaces, i);
        }
    }
}
