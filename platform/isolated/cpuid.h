/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The instruction cpuid, where the caller answers it: options.trap_cpuid.
 *
 * Linux lets nobody trap it on most CPUs. So nothing that the cache maps can be executed, and the first fetch
 * from a page faults. Then its instructions are looked at, once from the page's start and once from
 * where the thread stands: data between them may lead one of the two astray. Where cpuid is
 * among them, the cell gets a copy of the page that has 06 a2 instead of 0f a2, which is no instruction in
 * 64-bit mode; any other page is opened as it is.
 *
 * Pages that are never executed keep their bytes, and pay nothing. Not caught is a cpuid
 * in a page that somebody else can write to, that its own code writes to, or that has a prefix.
 */
#pragma once

#include <stdbool.h>

struct cell;
struct page;
struct platform_thread;

/* Was this fault of the thread's the first fetch from a page? Then it can be executed now, or the cell is
 * lost, and the guest can go on. */
bool cpuid_fetched(struct cell *cell, const struct platform_thread *thread);

/* A copy was made for another reason, and a thread stands at this offset: as if it had been fetched. */
void cpuid_hide(struct page *page, unsigned offset);
