#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# A system's capDL, as --capdl-json of the SDK's tool writes it, runs as the system itself does.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness

# capdl_of NAME: an example's, in $work/NAME.json
capdl_of() {
    build/sdk/bin/microkit "examples/$1/$1.system" --search-path "examples/$1/build" "examples/$1" \
        --board x86_64_generic --config debug -o "$work/$1.img" -r "$work/$1.txt" \
        --capdl-json "$work/$1.json" >"$work/said" 2>&1
}

for example in hello_world ipc_demo fault_tolerance; do
    capdl_of $example
    machine run "examples/$example/$example.system"
    grep -v "a call takes" "$work/out" >"$work/expected"
    machine run --search-path "examples/$example/build" -- "$work/$example.json"
    grep -v "a call takes" "$work/out" >"$work/actual"
    verdict "${example}_from_its_capdl_comes_to_rest" ended 0
    verdict "${example}_from_its_capdl_prints_what_it_prints" cmp "$work/expected" "$work/actual"
done
verdict a_fault_of_a_system_from_capdl_has_a_backtrace \
    grep -qE "^kernel: +at 0x[0-9a-f]+ in notified, .*/crasher.c:[0-9]+$" "$work/err"

machine check --search-path examples/ipc_demo/build -- "$work/ipc_demo.json"
verdict good_capdl_passes_the_check says "$work/ipc_demo.json: $(grep -c '^      "name"' "$work/ipc_demo.json") objects: no errors"
machine check --footprint --search-path examples/ipc_demo/build -- "$work/ipc_demo.json"
for component in client logger monitor server; do
    verdict "the_footprint_has_the_${component}s_frames_and_kernel_objects" \
        grep -qE "^measure memory $component [1-9][0-9]* [0-9]+ [1-9][0-9]*$" "$work/out"
done
verdict the_footprint_has_what_two_components_share \
    test "$(awk '$3 == "client" || $3 == "server" { print ($5 > 0) }' "$work/out" | sort -u)" = 1
verdict the_footprint_is_what_a_comparison_reads \
    test "$(sed -n '1p;$p' "$work/out" | tr '\n' ' ')" = "measure begin memory 1 measure end memory "
full=0
build/quoll check --footprint --search-path examples/ipc_demo/build "$work/ipc_demo.json" >/dev/full 2>"$work/full" || full=$?
verdict a_footprint_that_cannot_be_written_is_told \
    test "$full $(cat "$work/full")" = "5 quoll: cannot write to standard output: No space left on device"
machine check --footprint --arch aarch64 examples/ipc_demo/ipc_demo.system
verdict the_footprint_of_a_description_for_another_board_is_refused ended 2
machine check --footprint examples/ipc_demo/ipc_demo.system
verdict the_footprint_of_a_description_is_refused ended 2
verdict and_it_is_told_how_to_come_by_capdl grep -q "Have the microkit tool write some, with --capdl-json FILE" "$work/err"
machine run "$work/ipc_demo.json"
verdict a_program_of_capdl_that_is_not_found_is_named \
    tells "unable to find program image: 'client.elf'"
verdict a_system_that_cannot_be_built_ends_with_the_status_of_bad_input ended 1
machine run "$work/hello_world.json"
verdict it_is_told_why_a_file_that_capdl_does_not_name_is_looked_for \
    tells "capDL does not say which file PD 'hello' runs"
sed -i 's/"asid_slots": \[\],/"asid_slots": []/' "$work/ipc_demo.json"
machine run "$work/ipc_demo.json"
verdict capdl_that_is_no_json_is_told_with_its_line \
    tells "ipc_demo.json:$(($(grep -n '"asid_slots"' "$work/ipc_demo.json" | cut -d: -f1) + 1)):3: is no JSON"

# What Microkit's own tool writes has no member of ours.
capdl_of setvar
machine check --search-path examples/setvar/build -- "$work/setvar.json"
cp "$work/err" "$work/silent"
verdict capdl_with_variables_passes_the_check ended 0
sed 's/^  "quoll": {/  "other": {/' "$work/setvar.json" >"$work/foreign.json"
cp examples/setvar/build/helper.elf "$work/child.elf"
machine check --search-path "$work" --search-path examples/setvar/build -- "$work/foreign.json"
verdict variables_that_setvar_may_have_set_are_named_for_capdl_of_microkits_tool \
    tells "WARNING: $work/foreign.json does not say which variables of PD '"
verdict they_are_not_for_capdl_of_our_tool sh -c '! grep -q WARNING "$1"' - "$work/silent"
capdl_of hello_world
sed 's/^  "quoll": {/  "other": {/' "$work/hello_world.json" >"$work/foreign.json"
machine check --search-path examples/hello_world/build -- "$work/foreign.json"
verdict a_pd_with_nothing_to_set_is_not_warned_of sh -c '! grep -q WARNING "$1"' - "$work/err"
