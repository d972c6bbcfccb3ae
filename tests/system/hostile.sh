#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# Hostile guests: what tests/system/hostile/ says about each of its attacks, with system calls
# rewritten and without.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness

attacks=$(grep -oE '^ *A\([a-z_]+' tests/system/hostile/attacks.h | sed 's/.*(//')

# survived NAME: its one line says that nothing was damaged and that the attack did take place.
survived() {
    grep -qE "^attack $1: canaries intact, [1-9][0-9]* victim calls beside .*[0-9]\)$" \
        "$work/out"
}

# Processes of a session: the machine has one of its own, and what it starts stays in it.
processes_of() {
    cat /proc/[0-9]*/stat 2>/dev/null | sed 's/.*) //' | awk -v session="$1" '$4 == session' | wc -l
}

# hostile SUFFIX OPTION...
hostile() {
    local suffix=$1
    shift
    setsid "$quoll" boot -q --timeout 140 "$@" build/hostile/hostile.elf \
        >"$work/out" 2>"$work/err" </dev/null &
    pid=$!
    wait "$pid"
    status=$?
    local left
    left=$(processes_of "$pid")
    for attack in $attacks; do
        verdict "${attack}_harms_nobody$suffix" survived "$attack"
    done
    verdict "the_machine_halts_as_it_should$suffix" ended 0
    verdict "no_process_is_left$suffix" [ "$left" -eq 0 ]
}

hostile ""
hostile _without_rewriting --no-rewrite
