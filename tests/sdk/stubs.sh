#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# Every stub of libsel4 enters the kernel with the registers and the IPC buffer that it should.
# tests/sdk/stubs/calls.c is compiled to assembly, its `syscall` instructions become calls of a
# recorder, and what that prints is compared with stubs/expected. The expected text was checked
# against the same program compiled with upstream's headers (seL4 16.0.0, Microkit's debug kernel).
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
include=build/sdk/board/x86_64_generic/debug/include
stubs=tests/sdk/stubs
n=0

for compiler in gcc clang; do
    for level in -O0 -O2; do
        n=$((n + 1))
        name="${compiler}_${level#-}_stubs_pass_what_the_kernel_expects"
        if $compiler $level -mno-red-zone -I$include -I. -S -o "$work/calls.s" $stubs/calls.c &&
            sed -i 's/\<syscall$/call kernel_entry/' "$work/calls.s" &&
            $compiler -I$include -I. -o "$work/calls" "$work/calls.s" $stubs/recorder.c \
                $stubs/entry.S &&
            "$work/calls" >"$work/output" && diff $stubs/expected "$work/output" >"$work/diff"; then
            echo "ok $n - $name"
        else
            echo "not ok $n - $name"
            head -40 "$work/diff"
        fi
    done
done
