/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* System descriptions. */
#include "cli/system.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "" for a file in the current folder, else with a slash at the end. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strndup(path, slash ? (size_t)(slash - path) + 1 : 0);
}

/* Those of the command line, then build/ beside the description, its own folder, this folder. */
static bool make_search_path(struct system_file *file, const struct settings *settings,
                             const char *path)
{
    file->folder = folder_of(path);
    if (!file->folder || asprintf(&file->build_folder, "%sbuild", file->folder) < 0) {
        file->build_folder = NULL;
        fprintf(stderr, "quoll: cannot read %s: out of memory\n", path);
        return false;
    }
    size_t count = 0;
    for (; count < settings->search.count; count++) {
        file->folders[count] = settings->search.folders[count];
    }
    file->folders[count++] = file->build_folder;
    if (file->folder[0] != '\0') {
        file->folders[count++] = file->folder;
    }
    file->folders[count++] = ".";
    file->search = (struct search_path){.count = count, .folders = file->folders};
    return true;
}

bool system_file_search(struct system_file *file, const struct settings *settings, const char *path)
{
    *file = (struct system_file){.system = NULL};
    return make_search_path(file, settings, path);
}

bool system_file_read(struct system_file *file, const struct settings *settings, const char *path,
                      const struct target *target)
{
    if (!system_file_search(file, settings, path)) {
        return false;
    }
    file->system = microkit_parse(path, target, &file->search, &file->found);
    return file->system && microkit_check(file->system, &file->found);
}

bool system_file_open(struct system_file *file, const struct settings *settings, const char *path)
{
    bool valid = system_file_read(file, settings, path, &target_x86_64);
    system_file_print_found(file);
    return valid;
}

static void refuse_map(struct system_file *file, const struct protection_domain *pd,
                       const struct map *map, const struct kernel_reserved *range)
{
    diagnostic_error(&file->found,
                     "Error: map of '%s' in protection domain '%s' cannot be made on this host: "
                     "[0x%" PRIx64 "..0x%" PRIx64 ")",
                     map->region_name, pd->name, map->vaddr, map->vaddr + map->region->size);
    diagnostic_quote(&file->found, &file->system->source, map->at);
    diagnostic_advise(&file->found, "0x%" PRIx64 " to 0x%" PRIx64 " %s. Give it another vaddr.",
                      range->first, range->last, range->why);
}

static bool overlaps(const struct map *map, const struct kernel_reserved *range)
{
    return map->vaddr <= range->last && range->first < map->vaddr + map->region->size;
}

/* The first range that the map overlaps, or NULL. */
static const struct kernel_reserved *conflict(const struct map *map,
                                              const struct kernel_reserved *reserved, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (overlaps(map, &reserved[i])) {
            return &reserved[i];
        }
    }
    return NULL;
}

bool system_file_fits(struct system_file *file, const struct kernel_reserved *reserved,
                      size_t count)
{
    for (size_t p = 0; p < file->system->pd_count; p++) {
        const struct protection_domain *pd = &file->system->pds[p];
        for (size_t m = 0; m < pd->map_count; m++) {
            const struct kernel_reserved *range = conflict(&pd->maps[m], reserved, count);
            if (range) {
                refuse_map(file, pd, &pd->maps[m], range);
                system_file_print_found(file);
                return false;
            }
        }
    }
    return true;
}

void system_file_print_found(struct system_file *file)
{
    diagnostics_print(&file->found, stderr, stderr);
    diagnostics_free(&file->found);
    file->found = (struct diagnostics){.first = NULL};
}

void system_file_close(struct system_file *file)
{
    microkit_free(file->system);
    diagnostics_free(&file->found);
    free(file->folder);
    free(file->build_folder);
}
