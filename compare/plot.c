/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Plots, by gnuplot. */
#include "compare/plot.h"

#include "compare/child.h"
#include "compare/list.h"
#include "compare/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Okabe and Ito's colours, which people tell apart who see few. */
const char *plot_colour(size_t subject)
{
    static const char *const colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                          "#e69f00", "#56b4e9", "#444444"};
    return colours[subject % (sizeof(colours) / sizeof(colours[0]))];
}

static const char head[] = "# gnuplot %s.gp makes %s.svg and %s.png.\n"
                           "set encoding utf8\n"
                           "set border 3 lc rgb '#888888'\n"
                           "set tics nomirror textcolor rgb '#333333'\n"
                           "set grid lc rgb '#dddddd' lt 1\n"
                           "set style fill transparent solid 0.25 noborder\n";

/* The terminals differ in what a unit is: fonts and lines of the PNG are half as large again. */
static void print_script(FILE *stream, const char *name, const struct sketch *sketch,
                         const char *setup, const char *draw)
{
    fprintf(stream, head, name, name, name);
    fprintf(stream, "%s\n", setup);
    fprintf(stream,
            "set terminal svg size %u,%u dynamic font 'sans-serif,13' background '#ffffff' "
            "noenhanced\nset output '%s.svg'\n%sset output\n\n",
            sketch->width, sketch->height, name, draw);
    fprintf(stream,
            "set terminal pngcairo size %u,%u font 'sans-serif,19' linewidth 1.5 noenhanced\n"
            "set output '%s.png'\n%sset output\n",
            sketch->width * 3 / 2, sketch->height * 3 / 2, name, draw);
}

/* Returns PLOT_DRAWN when the script is written and is to be run. */
static enum plot_result write_script(const struct plot *plot, const struct comparison *comparison,
                                     const char *folder)
{
    struct sketch sketch = {.comparison = comparison, .width = 900, .height = 420};
    char *setup = NULL;
    char *draw = NULL;
    size_t setup_size;
    size_t draw_size;
    sketch.setup = open_memstream(&setup, &setup_size);
    sketch.draw = open_memstream(&draw, &draw_size);
    bool any = sketch.setup && sketch.draw && plot->sketch(&sketch);
    bool made = sketch.setup && fclose(sketch.setup) == 0;
    made = sketch.draw && fclose(sketch.draw) == 0 && made;
    enum plot_result result = any && made ? PLOT_DRAWN : PLOT_EMPTY;
    if (result == PLOT_DRAWN) {
        char *name = text_of("%s.gp", plot->name);
        struct output output = output_open(folder, name);
        if (output.stream) {
            print_script(output.stream, plot->name, &sketch, setup, draw);
        }
        result = output_close(&output) ? PLOT_DRAWN : PLOT_FAILED;
        free(name);
    }
    free(setup);
    free(draw);
    return result;
}

/* What gnuplot says goes to NAME.txt, which is only left when it failed. */
static enum plot_result run_gnuplot(const struct plot *plot, const char *folder)
{
    char *script = text_of("%s.gp", plot->name);
    char *said = text_of("%s/%s.txt", folder, plot->name);
    int output = open(said, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    int status =
        output >= 0 ? child_run((char *[]){"gnuplot", script, NULL}, folder, output) : -errno;
    enum plot_result result = PLOT_DRAWN;
    if (status == -ENOENT) {
        result = PLOT_NO_GNUPLOT;
        unlink(said);
    } else if (status < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "quoll: gnuplot could not draw %s/%s\n      What it said is in %s.\n",
                folder, script, said);
        result = PLOT_FAILED;
    } else {
        unlink(said);
    }
    if (output >= 0) {
        close(output);
    }
    free(script);
    free(said);
    return result;
}

enum plot_result plot_draw(const struct plot *plot, const struct comparison *comparison)
{
    if (!output_make_folder(comparison->folder, "plots")) {
        return PLOT_FAILED;
    }
    char *folder = text_of("%s/plots", comparison->folder);
    enum plot_result result = write_script(plot, comparison, folder);
    if (result == PLOT_DRAWN) {
        result = run_gnuplot(plot, folder);
    }
    free(folder);
    return result;
}
