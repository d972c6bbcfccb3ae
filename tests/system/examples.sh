#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# The example systems do what is written beside them, each protection domain in a process of its own.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness

# language FOLDER: build the programs of an example that needs another compiler.
language() {
    make -s -C "examples/$1" programs "MICROKIT_SDK=$PWD/build/sdk" BUILD_DIR=build >"$work/out" 2>"$work/err"
}

verdict a_pd_in_cpp_builds language cpp
if echo '#![no_std]' | rustc --crate-type rlib -o "$work/probe.rlib" - 2>"$work/probe.log"; then
    verdict a_pd_in_rust_builds language rust
else
    skip a_pd_in_rust_builds "no rustc with a core library for this machine: apt-get install rustc"
fi

# What each is to do is written beside it.
timeout --signal=KILL 250 "$quoll" test --json examples >"$work/results.json" 2>"$work/out" </dev/null
status=$?
: >"$work/err"
verdict the_examples_do_what_is_written_beside_them ended 0
while IFS=$'\t' read -r name what why; do
    case $what in
    passed | failed | broken) verdict "${name##*/}_does" [ "$what" = passed ] ;;
    *) skip "${name##*/}_does" "$what: $why" ;;
    esac
done < <(jq -r '.tests[] | [.name, .verdict, .skip] | @tsv' "$work/results.json")
verdict every_example_has_a_test [ -z "$(for system in examples/*/Makefile; do
    ls "${system%/*}"/*.test >/dev/null 2>&1 || echo "$system"; done)" ]

# count_cells SYSTEM LINE COUNT: at rest the machine has so many children, and none afterwards.
count_cells() {
    start run "examples/$1/$1.system"
    await tells "Ctrl-C ends it"
    local found all
    found=$(cell_count)
    all=$(cells)
    stop INT
    verdict "${1}_has_a_process_for_each_protection_domain" [ "$found" -eq "$2" ]
    verdict "${1}_ends_with_130_on_ctrl_c" ended 130
    local left=
    for cell in $all; do
        [ -e "/proc/$cell" ] && left="$left $cell"
    done
    verdict "${1}_leaves_no_process_and_no_socket" [ -z "$left" -a ! -e "$work/serial" ]
}

# Each also has its monitor and its initialiser.
count_cells hello_world 3
count_cells ipc_demo 5
count_cells fault_tolerance 10

# clang writes no index of a program's compilation units by address.
cp -r examples/fault_tolerance/build "$work/programs"
objcopy -R .debug_aranges "$work/programs/crasher.elf"
machine run --search-path "$work/programs" examples/fault_tolerance/fault_tolerance.system
verdict a_backtrace_has_lines_without_an_index_of_the_program \
    grep -qE "^kernel: +at 0x[0-9a-f]+ in notified, .*/crasher.c:[0-9]+$" "$work/err"
