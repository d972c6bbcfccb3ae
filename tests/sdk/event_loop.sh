#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# libmicrokit's event loop does with each kind of event what a PD is promised. It runs as a Linux
# program on a kernel that hands out events and prints what it is told: tests/sdk/event_loop.
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
include=build/sdk/board/x86_64_generic/debug/include
loop=tests/sdk/event_loop
n=0

for compiler in gcc clang; do
    n=$((n + 1))
    for source in sdk/libmicrokit/main.c sdk/libmicrokit/dbg.c $loop/pd.c; do
        assembly=$work/$(basename $source .c).s
        $compiler -O2 -w -mno-red-zone -Dmain=pd_main -I$include -I. -S -o "$assembly" $source &&
            sed -i 's/\<syscall$/call kernel_entry/' "$assembly" || break
    done
    $compiler -I$include -I. -o "$work/pd" "$work/main.s" "$work/dbg.s" "$work/pd.s" $loop/kernel.c \
        tests/sdk/stubs/entry.S -Wl,--defsym=__init_array_start=0,--defsym=__init_array_end=0 &&
        "$work/pd" >"$work/output" && diff $loop/expected "$work/output" >"$work/diff"
    if [ $? -eq 0 ]; then
        echo "ok $n - event_loop_of_${compiler}_delivers_and_replies"
    else
        echo "not ok $n - event_loop_of_${compiler}_delivers_and_replies"
        head -80 "$work/diff"
    fi
done
