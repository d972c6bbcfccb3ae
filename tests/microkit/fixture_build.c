/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "tests/microkit/fixture_build.h"

#include <assert.h>
#include <string.h>

struct build build_start(struct protection_domain *pds, size_t count)
{
    struct build build = {
        .system = {.target = &target_x86_64, .pds = pds, .pd_count = count},
        .initialiser = program_of_initialiser(),
        .monitor = program_of_monitor(),
        .folder = program_folder(),
    };
    struct bytes program = program_of_pd();
    program_folder_put(build.folder, "pd.elf", &program);
    bytes_free(&program);
    return build;
}

bool build_image(struct build *build)
{
    const char *folder = build->folder;
    struct search_path search = {.count = 1, .folders = &folder};
    struct image_request request = {
        .system = &build->system,
        .search = &search,
        .programs = {{"initialiser.elf", build->initialiser.data, build->initialiser.size},
                     {"monitor.elf", build->monitor.data, build->monitor.size}},
    };
    return image_build(&build->image, &request, &build->found);
}

void build_finish(struct build *build)
{
    image_free(&build->image);
    diagnostics_free(&build->found);
    bytes_free(&build->initialiser);
    bytes_free(&build->monitor);
    program_folder_remove(build->folder);
}

struct protection_domain plain_pd(const char *name)
{
    return (struct protection_domain){.name = name,
                                      .program_image = "pd.elf",
                                      .budget_us = 1000,
                                      .period_us = 1000,
                                      .stack_size = 0x2000,
                                      .fpu = true};
}

const struct spec_objects *run_of_object(const struct spec *spec, uint32_t object)
{
    assert(spec != NULL);
    const struct spec_objects *runs = spec_records(spec, spec->objects);
    for (uint32_t i = 0; i < spec->objects.count; i++) {
        if (object - runs[i].first < runs[i].count) {
            return &runs[i];
        }
    }
    return NULL;
}

const char *name_of_object(const struct spec *spec, uint32_t object)
{
    return (const char *)spec + run_of_object(spec, object)->name;
}

const struct spec_map *build_map_at(const struct build *build, const char *vspace, uint64_t vaddr)
{
    const struct spec *spec = build->image.spec;
    const struct spec_map *maps = spec_records(spec, spec->maps);
    for (uint32_t i = 0; i < spec->maps.count; i++) {
        if (strcmp(name_of_object(spec, maps[i].vspace), vspace) == 0 &&
            vaddr - maps[i].vaddr < (uint64_t)maps[i].count << maps[i].size_bits) {
            return &maps[i];
        }
    }
    return NULL;
}

const void *build_bytes_at(const struct build *build, const char *vspace, uint64_t vaddr)
{
    const struct spec_map *map = build_map_at(build, vspace, vaddr);
    if (map == NULL || !(map->flags & SPEC_MAP_IMAGE)) {
        return NULL;
    }
    return (const char *)build->image.spec + map->first * PAGE_SMALL + (vaddr - map->vaddr);
}
