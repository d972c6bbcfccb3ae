/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * What stands in the way of a system that was made for another board when it is to run on Quoll, as
 * one for x86_64_generic: what has to go, and what to put in its place. Errors are not among it: the
 * system is right, for its own board.
 */
#pragma once

#include "microkit/hardware.h"
#include "microkit/model.h"

enum obstacle_kind {
    OBSTACLE_DEVICE,      /* a region of a device's registers */
    OBSTACLE_MEMORY,      /* a region at a fixed place in the board's memory */
    OBSTACLE_IRQ,         /* an interrupt of another architecture's */
    OBSTACLE_SMC,         /* a PD that calls the secure monitor */
    OBSTACLE_VM,          /* a virtual machine */
    OBSTACLE_PADDR,       /* a setvar of the address of a region that has none */
    OBSTACLE_ADDRESS,     /* a map higher than x86-64 allows */
    OBSTACLE_DEVICE_TREE, /* a region that is filled with one */
    OBSTACLE_IO_SPACE,    /* a device's address space */
    OBSTACLE_CORE,        /* a PD on a core that Quoll has not */
    OBSTACLE_UNCACHED,    /* uncached memory, which is no obstacle but worth a note */
};

struct obstacle {
    struct position at;
    enum obstacle_kind kind;
    enum device_kind device; /* OBSTACLE_DEVICE and _IRQ: of whose driver; else DEVICE_UNKNOWN */
    const char *what;        /* the finding, a clause */
    const char *instead;     /* what to do about it, a clause */
};

/* A PD that drives a device: it maps registers, or has an interrupt of another architecture's. */
struct driver {
    const struct protection_domain *pd;
    enum device_kind device; /* DEVICE_UNKNOWN also if there are several */
};

struct obstacles {
    size_t count;
    struct obstacle *list; /* in the order of the file */
    size_t driver_count;
    struct driver *drivers; /* likewise */
};

/*
 * Find them all. The texts and the list become part of the system.
 *
 * system    checked
 * hardware  of its board; NULL if that is not known
 *
 * Returns false if there is no memory.
 */
bool obstacles_find(const struct system *system, const struct hardware *hardware,
                    struct obstacles *obstacles);

/* "irq": a word for machines. */
const char *obstacle_kind_name(enum obstacle_kind kind);

/* "serial": likewise; NULL for DEVICE_UNKNOWN. */
const char *device_kind_word(enum device_kind kind);

/* "a serial port", for a person. */
const char *device_kind_title(enum device_kind kind);

/* False for a note: the system runs as it is. */
bool obstacle_blocks(const struct obstacle *obstacle);

/*
 * The board whose devices are at most of the addresses that the system gives its regions, among those
 * of its architecture; NULL if none of them is at a device of any board.
 */
const struct target *obstacles_guess_board(const struct system *system);
