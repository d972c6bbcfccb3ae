/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Kernel configurations from the command line.
 *
 * A gen_config.json is what an upstream kernel build leaves beside its headers: one object whose
 * members are the options, numbers as strings. It changes those that make a difference here, and
 * is refused where it asks for a kernel that Quoll is not.
 */
#include "cli/config.h"

#include "cli/input.h"
#include "microkit/json.h"
#include "microkit/spelling.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Options that are copied: on or off. */
static const struct flag_option {
    const char *name;
    size_t field;
} flag_options[] = {
    {"KERNEL_MCS", offsetof(struct kernel_config, mcs)},
    {"DEBUG_BUILD", offsetof(struct kernel_config, debug_build)},
    {"PRINTING", offsetof(struct kernel_config, printing)},
    {"HARDWARE_DEBUG_API", offsetof(struct kernel_config, hardware_debug_api)},
    {"IOMMU", offsetof(struct kernel_config, iommu)},
    {"HUGE_PAGE", offsetof(struct kernel_config, huge_page)},
    {"SET_TLS_BASE_SELF", offsetof(struct kernel_config, set_tls_base_self)},
    {"FSGSBASE_INST", offsetof(struct kernel_config, fsgsbase_inst)},
    {"KERNEL_X86_DANGEROUS_MSR", offsetof(struct kernel_config, dangerous_msr)},
    {"EXPORT_PMC_USER", offsetof(struct kernel_config, export_pmc_user)},
    {"ENABLE_BENCHMARKS", offsetof(struct kernel_config, benchmarks)},
    {"BENCHMARK_TRACK_UTILISATION", offsetof(struct kernel_config, benchmark_utilisation)},
};

/* Options that are copied: numbers, and what they may be. */
static const struct number_option {
    const char *name;
    size_t field;
    uint32_t least;
    uint32_t most;
} number_options[] = {
    {"NUM_DOMAINS", offsetof(struct kernel_config, domains), 1, DOMAINS_MAX},
    {"NUM_DOMAIN_SCHEDULES", offsetof(struct kernel_config, domain_schedules), SCHEDULES_MIN,
     SCHEDULES_MAX},
    {"NUM_PRIORITIES", offsetof(struct kernel_config, priorities), 1, PRIORITIES_MAX},
    {"ROOT_CNODE_SIZE_BITS", offsetof(struct kernel_config, root_cnode_size_bits), 8, 24},
    {"MAX_NUM_BOOTINFO_UNTYPED_CAPS", offsetof(struct kernel_config, bootinfo_untypeds), 1, 230},
    {"RETYPE_FAN_OUT_LIMIT", offsetof(struct kernel_config, retype_fan_out_limit), 1, 1u << 20},
    {"RESET_CHUNK_BITS", offsetof(struct kernel_config, reset_chunk_bits), 4, 21},
    {"MAX_NUM_WORK_UNITS_PER_PREEMPTION", offsetof(struct kernel_config, work_units_per_preemption),
     1, 1u << 20},
    {"BOOT_THREAD_TIME_SLICE", offsetof(struct kernel_config, boot_time_slice_ms), 1, 10000},
    {"TIMER_TICK_MS", offsetof(struct kernel_config, timer_tick_ms), 1, 10000},
    {"TIME_SLICE", offsetof(struct kernel_config, time_slice_ticks), 1, 10000},
    {"KERNEL_WCET_SCALE", offsetof(struct kernel_config, kernel_wcet_scale), 1, 1000},
    {"MAX_NUM_IOAPIC", offsetof(struct kernel_config, ioapics_max), 1, 64},
    {"XSAVE_SIZE", offsetof(struct kernel_config, xsave_bytes), 512, 4096},
};

/* What Quoll is: another value is another kernel. */
static const struct fixed_option {
    const char *name;
    const char *value; /* "true" and "false" for flags */
} fixed_options[] = {
    {"SEL4_ARCH", "x86_64"},           {"WORD_SIZE", "64"}, {"MAX_NUM_NODES", "1"},
    {"ENABLE_SMP_SUPPORT", "false"},   {"VTX", "false"},    {"IRQ_IOAPIC", "true"},
    {"KERNEL_X86_SYSCALL", "syscall"},
};

/* A member as text, whether upstream wrote a string, a number or a flag. NULL: not there. */
static const char *member_text(const json_object *options, const char *name, char buffer[32])
{
    json_object *member = json_object_object_get(options, name);
    switch (json_object_get_type(member)) {
    case json_type_string:
        return json_object_get_string(member);
    case json_type_boolean:
        return json_object_get_boolean(member) ? "true" : "false";
    case json_type_int:
        snprintf(buffer, 32, "%lld", (long long)json_object_get_int64(member));
        return buffer;
    default:
        return NULL;
    }
}

static bool copy_flags(const json_object *options, const char *path, struct kernel_config *config)
{
    for (size_t i = 0; i < sizeof(flag_options) / sizeof(flag_options[0]); i++) {
        const struct flag_option *option = &flag_options[i];
        json_object *member = json_object_object_get(options, option->name);
        if (!member) {
            continue;
        }
        if (!json_object_is_type(member, json_type_boolean)) {
            fprintf(stderr, "quoll: %s: %s is neither true nor false\n", path, option->name);
            return false;
        }
        *(bool *)((char *)config + option->field) = json_object_get_boolean(member);
    }
    return true;
}

static bool copy_numbers(const json_object *options, const char *path, struct kernel_config *config)
{
    for (size_t i = 0; i < sizeof(number_options) / sizeof(number_options[0]); i++) {
        const struct number_option *option = &number_options[i];
        char buffer[32];
        const char *text = member_text(options, option->name, buffer);
        if (!text) {
            continue;
        }
        char *end;
        unsigned long value = strtoul(text, &end, 0);
        if (end == text || *end != '\0' || value < option->least || value > option->most) {
            fprintf(stderr, "quoll: %s: %s is '%s'; it can be from %u to %u\n", path, option->name,
                    text, option->least, option->most);
            return false;
        }
        *(uint32_t *)((char *)config + option->field) = (uint32_t)value;
    }
    return true;
}

static bool check_fixed(const json_object *options, const char *path)
{
    for (size_t i = 0; i < sizeof(fixed_options) / sizeof(fixed_options[0]); i++) {
        const struct fixed_option *option = &fixed_options[i];
        char buffer[32];
        const char *text = member_text(options, option->name, buffer);
        if (text && strcmp(text, option->value) != 0) {
            fprintf(
                stderr,
                "quoll: %s: %s is %s, and Quoll's kernel only has %s\n"
                "      Build the system for a kernel with that, and give its gen_config.json.\n",
                path, option->name, text, option->value);
            return false;
        }
    }
    return true;
}

static bool read_options(const json_object *options, const char *path, struct kernel_config *config)
{
    if (!json_object_object_get(options, "KERNEL_MCS")) {
        fprintf(stderr,
                "quoll: %s: is no gen_config.json of seL4: it has no KERNEL_MCS\n"
                "      A kernel build has it beside gen_config.h; so has a Microkit SDK, in\n"
                "      include/kernel.\n",
                path);
        return false;
    }
    return check_fixed(options, path) && copy_flags(options, path, config) &&
           copy_numbers(options, path, config);
}

static enum exit_status read_config(const char *path, struct kernel_config *config)
{
    struct input input;
    if (!input_open(&input, path)) {
        return EXIT_INPUT;
    }
    json_object *options;
    struct json_failure failure;
    bool valid = false;
    if (json_read(input.bytes, input.size, &options, &failure)) {
        valid = read_options(options, path, config);
    } else {
        fprintf(stderr, "quoll: %s:%u:%u: is no JSON: %s\n", path, failure.at.line,
                failure.at.column, failure.why);
    }
    json_object_put(options);
    input_close(&input);
    config->name = path;
    return valid ? EXIT_OK : EXIT_INPUT;
}

static enum exit_status report_unknown_kernel(const char *name)
{
    struct spelling spelling = spelling_of(name);
    fprintf(stderr, "quoll: --kernel %s: there is no such configuration\n      There are:", name);
    for (unsigned i = 0; kernel_config_name(i); i++) {
        fprintf(stderr, " %s", kernel_config_name(i));
        spelling_try(&spelling, kernel_config_name(i));
    }
    fprintf(stderr, ".");
    if (access(name, F_OK) == 0) {
        fprintf(stderr, " To take it from the file: --config %s.", name);
    } else if (spelling.nearest) {
        fprintf(stderr, " Did you mean %s?", spelling.nearest);
    }
    fprintf(stderr, "\n");
    return EXIT_USAGE;
}

enum exit_status config_choose(const struct settings *settings, struct kernel_config *config)
{
    const struct kernel_config *named = kernel_config_named(settings->kernel);
    if (!named) {
        return report_unknown_kernel(settings->kernel);
    }
    *config = *named;
    return settings->config ? read_config(settings->config, config) : EXIT_OK;
}
