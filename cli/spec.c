/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

#include "cli/spec.h"

#include "cli/system_image.h"

#include <string.h>

bool input_is_spec(const struct input *input)
{
    const char *text = input->bytes;
    size_t at = 0;
    while (at < input->size && strchr(" \t\r\n", text[at]) != NULL && text[at] != '\0') {
        at++;
    }
    return at < input->size && text[at] == '{';
}

bool spec_open(struct spec_file *spec, const struct settings *settings, const char *path,
               const struct input *input)
{
    *spec = (struct spec_file){.image = {.data = NULL}};
    struct diagnostics *found = &spec->file.found;
    bool read = system_file_search(&spec->file, settings, path) &&
                capdl_read(&spec->capdl, path, input->bytes, input->size, found);
    spec->objects = capdl_count(&spec->capdl);
    bool built = read && image_build_capdl(&spec->image, &spec->capdl, path, &spec->file.search,
                                           sdk_for(settings), found);
    system_file_print_found(&spec->file);
    return built;
}

void spec_close(struct spec_file *spec)
{
    image_free(&spec->image);
    capdl_free(&spec->capdl);
    system_file_close(&spec->file);
}
