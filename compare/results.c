/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* What a run leaves. */
#include "compare/results.h"

#include "compare/list.h"
#include "compare/output.h"

#include <stdlib.h>
#include <string.h>

static bool write_section(const struct section *section, const char *folder)
{
    char *name = strcmp(section->name, "latency") == 0 ? text_of("results.csv")
                                                       : text_of("%s.csv", section->name);
    struct output output = output_open(folder, name);
    free(name);
    if (output.stream) {
        fputs("iteration,latency_ns,timestamp\n", output.stream);
        for (size_t i = 0; i < section->samples.count; i++) {
            fprintf(output.stream, "%zu,%llu,%llu\n", i + 1,
                    (unsigned long long)section->samples.items[i].latency_ns,
                    (unsigned long long)section->samples.items[i].timestamp_ns);
        }
    }
    return output_close(&output);
}

bool results_write(const struct recording *recording, const char *folder)
{
    for (size_t i = 0; i < recording->sections.count; i++) {
        const struct section *section = &recording->sections.items[i];
        /* What a section of the same name has left is not written over. */
        bool first = recording_find(recording, section->name) == section;
        if (section->samples.count > 0 && first && !write_section(section, folder)) {
            return false;
        }
    }
    return true;
}
