#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# What start-up code promises a root task, seen by root tasks on Quoll.
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
board=build/sdk/board/x86_64_generic/debug
n=0
verdict() { # verdict STATUS NAME: the details are in $work/log
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else
        echo "not ok $n - $2"
        cat "$work/log"
    fi
}
boot() { # boot PROGRAM: builds and boots tests/sdk/roottask/PROGRAM.c, and keeps what it prints
    gcc -O1 -g -ffreestanding -nostdlib -fno-pie -fno-stack-protector -Wall -Werror \
        -I$board/include -c -o "$work/$1.o" "tests/sdk/roottask/$1.c" &&
        ld -L$board/lib -o "$work/$1.elf" "$work/$1.o" -lroottask -Troottask.ld &&
        timeout 20 build/quoll boot "$work/$1.elf" >"$work/log" 2>&1 </dev/null
}

boot start
cat >"$work/expected" <<'END'
constructed 1
initialised thread-local 42
zeroed thread-local 0
misalignment of thread-local 0
misalignment of frame 0
ipc buffer is the bootinfo's 1
0xdeadbeef
18446744073709551615
assert failed: initialised == 43 tests/sdk/roottask/start.c:N main
END
head -9 "$work/log" | sed "s|start.c:[0-9]*|start.c:N|" | diff "$work/expected" - >/dev/null
verdict $? start_up_sets_all_that_a_program_needs

boot overflow
grep -q '^room for 100 frames$' "$work/log" && ! grep -q '^overflowed' "$work/log"
verdict $? a_stack_overflow_is_a_fault_and_not_somebodys_data
