/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A kernel and a platform made of scripts, and a board whose clock is set by hand.
 *
 * The doubles stand in for kernel.h and platform.h: what a test puts into `doubles` is what they
 * answer, and what the machine asked of them is counted there.
 */
#pragma once

#include "kernel/kernel.h"
#include "machine/board.h"
#include "machine/console.h"
#include "machine/memory.h"
#include "platform/platform.h"

#define DOUBLE_STEPS     32
#define DOUBLE_PAGES     32
#define DOUBLE_FILLS_MAX 64

/* What platform_run() does next time. */
struct double_run {
    enum run_result result;
    struct platform_fault fault;
    uint64_t rip; /* 0: unchanged */
};

struct doubles {
    /* kernel_enter: the answers in order; the last one is repeated. */
    struct kernel_next next[DOUBLE_STEPS];
    struct kernel_event events[DOUBLE_STEPS]; /* what it heard */
    unsigned enters;
    void (*on_enter)(struct kernel_port *port, unsigned enter);
    struct kernel_port port;

    struct kernel_mapping pages[DOUBLE_PAGES];
    unsigned page_count;
    struct kernel_thread threads[4];
    unsigned thread_count;
    bool timer_pending;
    const char *boot_refusal;
    struct kernel_boot boot; /* what kernel_boot() was given */
    uint64_t boot_ticks;     /* what it saw on the clock */

    struct double_run runs[DOUBLE_STEPS]; /* in order; the last one is repeated */
    unsigned run_count;
    unsigned runs_done;
    bool stepped[DOUBLE_STEPS]; /* it was to be a single step */
    uint64_t stolen_ns;         /* what platform_stolen_ns() answers */
    unsigned excused;           /* platform_excuse_fault() calls */
    bool no_cpuid_traps;        /* the host cannot */
    unsigned idles;
    uint64_t run_late_ns;  /* not 0: a run that is kicked lasts until then, and so much longer */
    uint64_t idle_late_ns; /* not 0: platform_idle() sleeps until then, and so much longer */
    unsigned kicks;
    uint8_t fpu[4096] __attribute__((aligned(64))); /* of any thread */
    bool no_fpu;                                    /* it has been lost */
    unsigned maps;
    struct kernel_mapping mapped; /* the last one */
    unsigned offers;
    uint64_t unmapped; /* the last one's address */
    unsigned fills;
    uint64_t filled[DOUBLE_FILLS_MAX];
    bool filled_writable[DOUBLE_FILLS_MAX];
    paddr written_page;
};

extern struct doubles doubles;

/* Start from nothing. */
void doubles_reset(void);

/* A page of guests' memory, for kernel_translate(). */
void doubles_add_page(uint64_t vaddr, paddr frame, bool writable);

/* A board with a null console, at nanosecond 0. */
struct board_fixture {
    struct board board;
    struct clock clock;
    struct console *console;
};

void board_fixture_open(struct board_fixture *fixture);
void board_fixture_close(struct board_fixture *fixture);

/* Let the clock show that nanosecond, and devices do what is due. */
void board_fixture_advance(struct board_fixture *fixture, uint64_t now_ns);

/* Route a pin to an interrupt, edge-triggered and not masked. */
void board_fixture_route(struct board_fixture *fixture, unsigned pin, unsigned irq);
