#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# The examples that show one feature of Microkit each print what they should.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness

# example NAME: run it.
example() {
    machine run "examples/$1/$1.system"
}

# prints LINE...: all that it prints besides the monitor's lines, in this order.
prints() {
    cmp -s <(printf '%s\n' "$@") <(grep -v '^MON|' "$work/out")
}

example hierarchy
verdict a_parent_restarts_its_child_and_then_stops_it prints \
    "child: start 1" "parent: the child raised an exception" \
    "child: start 2" "parent: the child raised an exception" \
    "child: start 3" "parent: the child raised an exception" \
    "parent: enough, the child stays down"
verdict a_stopped_child_lets_the_machine_rest ended 0

example passive_server
verdict a_passive_server_works_on_its_callers_time prints "server: ready" \
    "client: the total is 4501500" "client: the server worked on my time alone"
verdict the_monitor_tells_that_it_is_passive says "MON|INFO: PD 'server' is now passive!"

sed 's/ passive="true"//' examples/passive_server/passive_server.system >"$work/active.system"
machine run --search-path examples/passive_server/build "$work/active.system"
verdict a_server_that_is_not_passive_works_on_its_own_time says \
    "client: the server worked on its own time"

example cap_sharing
verdict a_parent_with_its_childrens_caps_schedules_them_round_robin prints \
    "first: step 1" "second: step 1" "third: step 1" "first: step 2" "second: step 2" \
    "scheduler: a child crashed, and is out" "third: step 2" "first: step 3" \
    "scheduler: enough, nobody has time any more"
verdict children_without_scheduling_contexts_let_the_machine_rest ended 0

example domains
verdict a_domain_has_its_turn_beside_one_that_never_rests prints \
    "patient: this is my domain's time" "busy: the other domain had its turn"

example prefill
verdict a_prefilled_region_holds_a_file prints \
    "A page that nobody has written" "holds words all the same." \
    "reader: 57 bytes in a region of 4096"

example bootinfo
verdict regions_hold_what_the_kernel_knows_and_else_zeros prints \
    "x86_tsc_freq: there" "x86_mbmmap: there" "x86_acpi_rsdp: there" \
    "x86_vbe: not here" "x86_framebuffer: not here" "fdt: not here" \
    "reader: the TSC has a frequency" "reader: there is memory from 1 MiB on" \
    "reader: the ACPI tables have a root"

example setvar
verdict the_tool_sets_variables_to_what_the_description_says prints \
    "setvar_vaddr 0x04000000" "setvar_size 0x00003000" "setvar_prefill_size 0x00000010" \
    "region_paddr 0xfed00000" "setvar_id of an ioport 0x00000007" \
    "setvar_addr of an ioport 0x000003f8" "setvar_id of an irq 0x00000005" \
    "setvar_id of a child 0x00000009" "setvar_id of a channel 0x0000001f" "set by the tool" \
    "hub: the timer at that address ticks" "hub: the port keeps what is written" \
    "child: notified on the channel" "hub: the child answered on the channel, and is stopped"

example clean_restart
verdict a_child_that_is_restarted_clean_has_fresh_variables_and_others_keep_theirs prints \
    "parent quoll_pd_restart_clean: invalid child given '3'" "parent: there is no such child" \
    "dirty: data 101, bss 1, log 1" "dirty: data 102, bss 2, log 2" \
    "dirty: data 103, bss 3, log 3" "parent: restarts a child" \
    "dirty: data 104, bss 4, log 4" "parent: stopped a child" \
    "clean: data 101, bss 1, log 5" "clean: data 102, bss 2, log 6" \
    "clean: data 103, bss 3, log 7" "parent: restarted a child, clean" \
    "clean: data 101, bss 1, log 8" "clean: data 102, bss 2, log 9" \
    "clean: data 103, bss 3, log 10" "parent: stopped a child"

build/sdk/bin/microkit examples/clean_restart/clean_restart.system \
    --search-path examples/clean_restart/build --board x86_64_generic --config debug \
    --capdl-json "$work/spec.json" -o "$work/image" -r "$work/report" >"$work/said"
machine run --search-path examples/clean_restart/build "$work/spec.json"
verdict a_spec_in_capdl_knows_no_clean_restarts says \
    "parent quoll_pd_restart_clean: the image does not know of any child"
verdict a_child_that_cannot_be_restarted_clean_is_left_alone ended 0
