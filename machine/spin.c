/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * Virtual time and guests that do nothing that lets it pass: a loop that waits for memory to change
 * would never end, as the end of its budget would never come. Such a guest gets SPIN_NS of CPU time,
 * which is more than honest work takes between two entries, and then time goes on to the next event
 * (loop.c). How far the guest got until then is the host's doing: the run cannot be repeated.
 *
 * A guest that goes on like that gets no more CPU time than virtual time passes: whole periods of it
 * take no longer than in real time, and what it counts meanwhile stays in bounds.
 */
#include "machine/parts.h"

#include <stdarg.h>
#include <stdio.h>

#define SPIN_AGAIN_NS_MIN 100000u

/* Its place in the list, or SPINNERS_MAX. */
static unsigned find_spinner(const struct chance *chance, paddr tcb)
{
    unsigned i = 0;
    while (i < SPINNERS_MAX && chance->spinners[i] != tcb) {
        i++;
    }
    return i;
}

void spin_note(struct machine *machine, paddr tcb)
{
    struct chance *chance = &machine->chance;
    chance->spun_ns = 0;
    if (find_spinner(chance, tcb) == SPINNERS_MAX) {
        chance->spinners[chance->spinner_next++ % SPINNERS_MAX] = tcb;
    }
}

void spin_forget(struct machine *machine, paddr tcb)
{
    unsigned i = find_spinner(&machine->chance, tcb);
    if (i < SPINNERS_MAX) {
        machine->chance.spinners[i] = 0;
    }
}

void spin_add(struct machine *machine, uint64_t cpu_ns)
{
    struct chance *chance = &machine->chance;
    uint64_t now_ns = clock_ns(&machine->clock);
    if (chance->since_ns != now_ns) {
        chance->since_ns = now_ns;
        chance->spun_ns = 0;
    }
    chance->spun_ns += cpu_ns;
}

uint64_t spin_left_ns(struct machine *machine, paddr tcb, uint64_t wake_ns)
{
    const struct chance *chance = &machine->chance;
    uint64_t now_ns = clock_ns(&machine->clock);
    uint64_t all_ns = SPIN_NS;
    if (find_spinner(chance, tcb) < SPINNERS_MAX && wake_ns - now_ns < SPIN_NS) {
        all_ns = wake_ns - now_ns > SPIN_AGAIN_NS_MIN ? wake_ns - now_ns : SPIN_AGAIN_NS_MIN;
    }
    uint64_t spun_ns = chance->since_ns == now_ns ? chance->spun_ns : 0;
    return spun_ns < all_ns ? all_ns - spun_ns : 0;
}

void chance_note(struct machine *machine, const char *format, ...)
{
    struct chance *chance = &machine->chance;
    if (machine->clock.is_virtual && chance->why[0] == '\0') {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(chance->why, sizeof(chance->why), format, arguments);
        va_end(arguments);
    }
}
