/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* From the registers that a guest starts with to what it does. */
#include "tests/system/hostile/guest/guest.h"

void guest_main(uint64_t role, uint64_t attack, uint64_t attempt_and_thread, uint64_t prey);

static void run_attack(uint64_t attack, struct attempt attempt)
{
    switch ((enum attack)attack) {
#define A(name, threads, attempts, help)                                                           \
    case ATTACK_##name:                                                                            \
        attack_##name(attempt);                                                                    \
        break;
        ATTACKS(A)
#undef A
    case ATTACK_COUNT:
        break;
    }
}

void guest_main(uint64_t role, uint64_t attack, uint64_t attempt_and_thread, uint64_t prey)
{
    switch ((enum role)role) {
    case ROLE_CLIENT:
        client();
        break;
    case ROLE_SERVER:
        server();
        break;
    case ROLE_HOSTAGE:
        hostage();
        break;
    case ROLE_ATTACKER:
        run_attack(attack, (struct attempt){.number = attempt_and_thread >> 8,
                                            .thread = attempt_and_thread & 0xff,
                                            .prey = prey});
        break;
    }
}
