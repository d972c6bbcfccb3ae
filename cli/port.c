/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "cli/port.h"

#include "cli/input.h"
#include "cli/spec.h"
#include "cli/system.h"
#include "microkit/json.h"
#include "microkit/obstacle.h"
#include "microkit/spelling.h"

#include <stdio.h>
#include <string.h>

bool port_is_asked_for(const struct settings *settings)
{
    return settings->arch != NULL || settings->board != NULL || settings->smp;
}

/* --- For which board --- */

static bool refuse_board(const char *board)
{
    struct spelling spelling = spelling_of(board);
    for (size_t i = 0; i < target_count; i++) {
        spelling_try(&spelling, targets[i].name);
    }
    fprintf(stderr, "quoll: --board %s: Microkit has no such board\n", board);
    if (spelling.nearest) {
        fprintf(stderr, "      Did you mean %s?\n", spelling.nearest);
        return false;
    }
    fprintf(stderr, "      It has");
    for (size_t i = 0; i < target_count; i++) {
        fprintf(stderr, "%s%s%s", i % 4 == 0 && i > 0 ? "\n      " : " ", targets[i].name,
                i + 1 < target_count ? "," : ".\n");
    }
    return false;
}

static bool choose_board(const struct settings *settings, const struct target **board)
{
    enum architecture arch = ARCH_X86_64;
    if (settings->arch && !target_arch_read(settings->arch, &arch)) {
        fprintf(stderr, "quoll: --arch %s: it takes x86_64, aarch64 or riscv64\n", settings->arch);
        return false;
    }
    *board = settings->board ? target_of_board(settings->board) : target_of_arch(arch);
    if (!*board) {
        return refuse_board(settings->board);
    }
    if (settings->arch && (*board)->arch != arch) {
        fprintf(stderr,
                "quoll: --board %s is an %s board, not one of --arch %s\n      Leave out one of "
                "them.\n",
                settings->board, target_arch_name((*board)->arch), settings->arch);
        return false;
    }
    return true;
}

static bool choose_target(const struct settings *settings, struct target *target)
{
    const struct target *board;
    if (!choose_board(settings, &board)) {
        return false;
    }
    if (settings->smp && board->cores_smp == 1) {
        fprintf(stderr, "quoll: --smp: Microkit has no smp- configuration for %s\n", board->name);
        return false;
    }
    *target = settings->smp ? target_smp(board) : *board;
    return true;
}

/* --- What was found --- */

struct findings {
    const char *path;
    const struct settings *settings;
    const struct target *target;
    const struct target *likely; /* the board whose devices it has; NULL: none is known */
    bool valid;
    struct system_file file;
    struct obstacles obstacles;
};

static size_t count_blocking(const struct obstacles *obstacles)
{
    size_t count = 0;
    for (size_t i = 0; i < obstacles->count; i++) {
        count += obstacle_blocks(&obstacles->list[i]);
    }
    return count;
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void print_heading(const struct findings *f)
{
    const struct system *system = f->file.system;
    size_t pds = system->pd_count;
    size_t channels = system->channel_count;
    size_t regions = system->region_count;
    printf("%s: %zu protection domain%s, %zu channel%s, %zu memory region%s: no errors, for %s%s\n",
           f->path, pds, plural(pds), channels, plural(channels), regions, plural(regions),
           f->target->name, f->settings->smp ? ", smp" : "");
    if (f->likely && !f->settings->board && strcmp(f->likely->name, f->target->name) != 0) {
        printf("      By their addresses its devices are those of %s.\n", f->likely->name);
    }
    printf("      Only the description was checked, not its programs.\n");
}

static void print_obstacles(const struct findings *f)
{
    for (size_t i = 0; i < f->obstacles.count; i++) {
        const struct obstacle *obstacle = &f->obstacles.list[i];
        printf("%s:%u:%u: %s%s: %s\n", f->path, obstacle->at.line, obstacle->at.column,
               obstacle_blocks(obstacle) ? "" : "note: ", obstacle->what, obstacle->instead);
    }
}

/* "Device drivers: 'console' (console.elf), of a serial port; …" */
static void print_drivers(const struct findings *f)
{
    for (size_t i = 0; i < f->obstacles.driver_count; i++) {
        const struct driver *driver = &f->obstacles.drivers[i];
        printf("%s '%s' (%s), of %s", i == 0 ? "Device drivers:" : ";", driver->pd->name,
               driver->pd->program_image, device_kind_title(driver->device));
    }
    if (f->obstacles.driver_count > 0) {
        printf("\n");
    }
}

static void print_text(struct findings *f)
{
    system_file_print_found(&f->file);
    if (!f->valid) {
        return;
    }
    size_t blocking = count_blocking(&f->obstacles);
    if (!f->settings->quiet) {
        print_heading(f);
        if (blocking == 0) {
            printf("Nothing stands in the way of x86_64_generic.\n");
        } else {
            printf("In the way of x86_64_generic, docs/porting.md tells how to go about it:\n");
        }
    }
    print_obstacles(f);
    if (!f->settings->quiet) {
        print_drivers(f);
    }
}

/* --- JSON --- */

static void set_text(json_object *object, const char *key, const char *text)
{
    json_object_object_add(object, key, text ? json_object_new_string(text) : NULL);
}

static void set_count(json_object *object, const char *key, size_t count)
{
    json_object_object_add(object, key, json_object_new_uint64(count));
}

static json_object *json_of_diagnostics(const struct diagnostics *found, enum severity severity)
{
    json_object *list = json_object_new_array();
    for (const struct diagnostic *d = found->first; d; d = d->next) {
        if (d->severity == severity) {
            json_object_array_add(list, json_object_new_string(d->text));
        }
    }
    return list;
}

static json_object *json_of_obstacles(const struct obstacles *obstacles)
{
    json_object *list = json_object_new_array();
    for (size_t i = 0; i < obstacles->count; i++) {
        const struct obstacle *obstacle = &obstacles->list[i];
        json_object *item = json_object_new_object();
        set_count(item, "line", obstacle->at.line);
        set_count(item, "column", obstacle->at.column);
        set_text(item, "kind", obstacle_kind_name(obstacle->kind));
        set_text(item, "device", device_kind_word(obstacle->device));
        json_object_object_add(item, "blocks", json_object_new_boolean(obstacle_blocks(obstacle)));
        set_text(item, "what", obstacle->what);
        set_text(item, "instead", obstacle->instead);
        json_object_array_add(list, item);
    }
    return list;
}

static json_object *json_of_drivers(const struct obstacles *obstacles)
{
    json_object *list = json_object_new_array();
    for (size_t i = 0; i < obstacles->driver_count; i++) {
        const struct driver *driver = &obstacles->drivers[i];
        json_object *item = json_object_new_object();
        set_text(item, "protection_domain", driver->pd->name);
        set_text(item, "program_image", driver->pd->program_image);
        set_text(item, "device", device_kind_word(driver->device));
        json_object_array_add(list, item);
    }
    return list;
}

static void print_json(const struct findings *f)
{
    const struct system *system = f->valid ? f->file.system : NULL;
    json_object *root = json_object_new_object();
    set_text(root, "file", f->path);
    set_text(root, "arch", target_arch_name(f->target->arch));
    set_text(root, "board", f->target->name);
    set_text(root, "likely_board", f->likely ? f->likely->name : NULL);
    json_object_object_add(root, "valid", json_object_new_boolean(f->valid));
    set_count(root, "protection_domains", system ? system->pd_count : 0);
    set_count(root, "channels", system ? system->channel_count : 0);
    set_count(root, "memory_regions", system ? system->region_count : 0);
    json_object_object_add(root, "errors", json_of_diagnostics(&f->file.found, SEVERITY_ERROR));
    json_object_object_add(root, "warnings", json_of_diagnostics(&f->file.found, SEVERITY_WARNING));
    json_object_object_add(root, "obstacles", json_of_obstacles(&f->obstacles));
    json_object_object_add(root, "drivers", json_of_drivers(&f->obstacles));
    puts(json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
                                                  JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(root);
}

/* --- The check --- */

static bool find_obstacles(struct findings *f)
{
    const struct hardware *hardware = f->target->hardware;
    f->likely = f->settings->board ? f->target : obstacles_guess_board(f->file.system);
    if (f->likely) {
        hardware = f->likely->hardware;
    }
    if (!obstacles_find(f->file.system, hardware, &f->obstacles)) {
        fprintf(stderr, "quoll: cannot check %s: out of memory\n", f->path);
        return false;
    }
    return true;
}

static enum exit_status report(struct findings *f)
{
    if (f->settings->json) {
        print_json(f);
    } else {
        print_text(f);
    }
    return f->valid ? EXIT_OK : EXIT_INPUT;
}

/* How well a description suits another target; nobody is told why not. */
enum suit { SUIT_WRONG, SUIT_RIGHT, SUIT_DEVICES /* right, and so are addresses of devices */ };

static enum suit suit_of(const struct settings *settings, const char *path,
                         const struct target *target)
{
    struct system_file file;
    enum suit suit = SUIT_WRONG;
    if (system_file_read(&file, settings, path, target)) {
        suit = obstacles_guess_board(file.system) ? SUIT_DEVICES : SUIT_RIGHT;
    }
    system_file_close(&file);
    return suit;
}

void port_suggest(const struct settings *settings, const char *path)
{
    static const enum architecture others[] = {ARCH_AARCH64, ARCH_RISCV64};
    const struct target *best = NULL;
    enum suit best_suit = SUIT_WRONG;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        enum suit suit = suit_of(settings, path, target_of_arch(others[i]));
        if (suit > best_suit) {
            best = target_of_arch(others[i]);
            best_suit = suit;
        }
    }
    if (best) {
        fprintf(stderr,
                "quoll: for %s it is right. What has to change for x86_64_generic:\n"
                "      quoll check --arch %s %s\n",
                best->name, target_arch_name(best->arch), path);
    }
}

static void suggest_smp(const struct settings *settings, const char *path,
                        const struct target *target)
{
    struct target smp = target_smp(target);
    if (!settings->json && target->cores < smp.cores &&
        suit_of(settings, path, &smp) != SUIT_WRONG) {
        fprintf(stderr, "quoll: for an smp- configuration of %s it is right: add --smp\n",
                target->name);
    }
}

static bool is_description(const char *path)
{
    struct input input;
    if (!input_open(&input, path)) {
        return false;
    }
    bool other = input_is_spec(&input) || input_is_elf(&input);
    input_close(&input);
    if (other) {
        fprintf(stderr,
                "quoll: %s is no system description, and --arch, --board and --smp are for these\n"
                "      Give it the .system file that it was made from.\n",
                path);
    }
    return !other;
}

enum exit_status port_check(const struct settings *settings, const char *path)
{
    struct target target;
    if (!choose_target(settings, &target)) {
        return EXIT_USAGE;
    }
    if (!is_description(path)) {
        return EXIT_INPUT;
    }
    struct findings f = {.path = path, .settings = settings, .target = &target};
    f.valid = system_file_read(&f.file, settings, path, &target);
    enum exit_status status = !f.valid || find_obstacles(&f) ? report(&f) : EXIT_HOST;
    if (!f.valid) {
        suggest_smp(settings, path, &target);
    }
    system_file_close(&f.file);
    return status;
}
