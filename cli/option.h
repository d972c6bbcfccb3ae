/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Options: one table from which they are parsed and from which the help is printed.
 *
 * Each option writes one field of struct settings.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SEARCH_FOLDERS_MAX 32

struct folders {
    size_t count;
    const char *folders[SEARCH_FOLDERS_MAX];
};

/* What the command line says to quoll test. */
struct test_settings {
    uint64_t jobs;   /* 0: nothing */
    uint64_t repeat; /* 0: nothing */
    const char *time;
    const char *filter;
    const char *junit;
    bool until_fail;
    bool list;
};

/* What the command line says to quoll compare. */
struct compare_settings {
    uint64_t rounds; /* 0: nothing */
    uint64_t silence_ns;
    const char *out;
    const char *against;
    const char *only;
    const char *sel4_kernel;
    const char *microkit_sdk;
    struct folders also; /* NAME=COMMAND */
};

/* What the command line says. */
struct settings {
    uint64_t memory_bytes;
    uint64_t timeout_ns; /* 0: none */
    const char *serial;
    const char *time;        /* real or virtual */
    const char *machine_cpu; /* name of a CPU, or host */
    const char *kernel;      /* name of a configuration */
    const char *gdb;         /* where to wait for gdb; NULL: nowhere */
    const char *gdb_until;   /* and before which thread; NULL: before all */
    const char *config;      /* path of a gen_config.json */
    const char *sdk;         /* folder of a Microkit SDK; NULL: find one */
    uint64_t iterations;     /* UINT64_MAX: not said */
    uint64_t message_bytes;  /* 0: not said */
    uint64_t cpu;            /* UINT64_MAX: not said */
    const char *arch;        /* that a description was made for; NULL: see board */
    const char *board;       /* likewise; NULL: see arch */
    bool smp;                /* a description is for an smp- configuration */
    bool footprint;          /* say what a spec's components take of memory */
    bool json;               /* what is found is for a machine to read */
    bool exit_when_idle;
    bool no_rewrite;
    bool stats;
    bool quiet;
    bool verbose;
    bool help;
    bool version;
    struct test_settings test;
    struct compare_settings compare;
    const char *const *operands; /* where there may be any number of them */
    size_t operand_count;
    struct folders search;
};

/* What holds when nothing is said. */
struct settings settings_default(void);

enum option_kind {
    OPTION_FLAG,    /* bool */
    OPTION_TEXT,    /* const char * */
    OPTION_NUMBER,  /* uint64_t, decimal */
    OPTION_SIZE,    /* uint64_t, bytes: 64M, 1G, 0x1000000 */
    OPTION_SECONDS, /* uint64_t, nanoseconds: 10, 0.5 */
    OPTION_COUNT,   /* uint64_t, above 0 */
    OPTION_FOLDER,  /* struct folders: may be given several times */
};

struct option {
    const char *name;     /* without the dashes; NULL ends a table */
    char letter;          /* 0: none */
    const char *argument; /* what help calls it; NULL: a flag */
    const char *help;     /* newlines start further lines */
    enum option_kind kind;
    size_t field; /* offset in struct settings */
};

/* Tables that commands are made of. */
extern const struct option common_options[];
extern const struct option machine_options[];
extern const struct option search_options[];
extern const struct option sdk_options[];
extern const struct option measure_options[];
extern const struct option board_options[];

/*
 * Parse arguments: options and operands in any order; all after `--` are operands.
 *
 * tables    of options, NULL after the last
 * count     in: how many arguments; out: how many operands, which are moved to the front
 *
 * Returns   true, or false when one was wrong, and a person has been told.
 */
bool options_parse(const struct option *const *tables, int *count, char **arguments,
                   struct settings *settings);

/* The part of a help text that lists options. */
void options_print(const struct option *const *tables, FILE *stream);
