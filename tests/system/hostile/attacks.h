/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * The list of attacks: A(name, threads, attempts, help).
 *
 * threads   how many the attacker has, all in its VSpace
 * attempts  how many times it has to come back from a fault before it counts as tried; 0: it
 *           counts once it has used the CPU
 * help      what the root task does meanwhile: enum help
 *
 * guest/ has a function attack_NAME for each. The honest ones are what attacks are compared with.
 */
#pragma once

/* clang-format off */
#define ATTACKS(A)                                \
    A(honest,                    1,    0, HELP_NONE)  \
    A(honest_pair,               2,    0, HELP_NONE)  \
    A(honest_crowd,             48,    0, HELP_NONE)  \
    A(stub_syscalls,             1,  600, HELP_NONE)  \
    A(stub_jumps,                1,  400, HELP_NONE)  \
    A(linux_syscalls,            1,   70, HELP_NONE)  \
    A(other_gates,               1,   12, HELP_NONE)  \
    A(compatibility_mode,        1,    6, HELP_NONE)  \
    A(forged_signal_frames,      1,    8, HELP_NONE)  \
    A(blocked_signals,           1,    2, HELP_NONE)  \
    A(doorbells,                 1,    1, HELP_NONE)  \
    A(never_waiting,             1,    0, HELP_NONE)  \
    A(stub_loop,                 1,    1, HELP_NONE)  \
    A(stub_sleep,                1,    1, HELP_NONE)  \
    A(held_frame,                1,    2, HELP_RETYPE) \
    A(held_frame_never_waiting,  2,    0, HELP_RETYPE) \
    A(scribble,                  1,    0, HELP_NONE)  \
    A(protected_writes,          1,   20, HELP_NONE)  \
    A(second_thread,             2,    0, HELP_NONE)  \
    A(second_thread_moves,       2,    0, HELP_MOVE)  \
    A(flood,                    48,   48, HELP_NONE)  \
    A(flood_of_rebels,          16,    0, HELP_NONE)  \
    A(bad_bases,                 1,   16, HELP_NONE)  \
    A(flags,                     1,   64, HELP_NONE)  \
    A(stack_in_stub,             1,   36, HELP_NONE)  \
    A(vector_state,              1,    8, HELP_NONE)  \
    A(long_copies,               1,   16, HELP_NONE)  \
    A(self_modifying,            1,    0, HELP_NONE)  \
    A(rewritten_alias,           1,    2, HELP_ALIAS) \
    A(kernel_calls,              1,   64, HELP_NONE)
/* clang-format on */

enum help {
    HELP_NONE,
    HELP_RETYPE, /* maps a frame at HELD, takes it away and makes other objects of its memory */
    HELP_MOVE,   /* moves the first thread to another VSpace and back */
    HELP_ALIAS,  /* maps the page at SITE at SITE_ALIAS as well, writable, and unmaps it */
};

enum attack {
#define A(name, threads, attempts, help) ATTACK_##name,
    ATTACKS(A)
#undef A
        ATTACK_COUNT
};
