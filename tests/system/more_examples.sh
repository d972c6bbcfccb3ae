#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# The examples with drivers, queues, many parts or another language print what they should.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness

machine run examples/ring_buffer/ring_buffer.system
verdict a_ring_buffer_carries_a_thousand_numbers_in_order \
    says "consumer: 1000 numbers, sum 500500, out of order 0, rounds 16"
verdict the_ring_buffer_comes_to_rest ended 0

machine run examples/sixty_two_channels/build/sixty_two_channels.system
verdict sixty_two_channels_are_heard_in_order says "spokes: heard of channels 0 to 61, in order"
verdict sixty_two_channels_answer says "hub: all 62 channels answered"
verdict a_sixty_third_channel_is_refused says "hub microkit_notify: invalid channel given '62'"

machine run examples/sixty_three_pds/build/sixty_three_pds.system
verdict a_call_goes_through_sixty_three_pds_and_back says "pd1: links in the chain: 63"
verdict sixty_three_pds_come_to_rest ended 0

sed 's/^last=63$/last=64/' examples/sixty_three_pds/generate | sh >"$work/64.system"
machine run --search-path examples/sixty_three_pds/build "$work/64.system"
verdict a_sixty_fourth_pd_is_refused tells "too many protection domains (64) defined. Maximum is 63."

machine run examples/timer_driver/timer_driver.system
verdict a_timer_driver_becomes_passive says "MON|INFO: PD 'driver' is now passive!"
verdict a_passive_timer_driver_wakes_each_client_and_none_too_early \
    [ "$(grep -cxE "(quick|slow): woke up 5 times, too early 0" "$work/out")" -eq 2 ]
verdict the_timer_driver_comes_to_rest ended 0

# serial INPUT: what the serial port's example makes of it.
serial() {
    timeout --signal=KILL 30 "$quoll" run examples/serial_driver/serial_driver.system \
        <"$1" >"$work/out" 2>"$work/err"
    status=$?
}

# client NAME LINE...: all that this client sent besides its greeting, in this order.
client() {
    local name=$1
    shift
    cmp -s <(printf "$name> %s\n" "$@") <(grep "^$name>" "$work/out")
}

printf 'hello\nworld\n\tfor you\nand more\n\tback\n' >"$work/typed"
serial "$work/typed"
verdict a_serial_client_echoes_what_is_typed client client_0 hello world back
verdict a_tab_switches_to_the_other_serial_client client client_1 "for you" "and more"
verdict a_serial_client_asks_who_has_the_focus says "client_1 waits for its turn"
verdict the_serial_driver_comes_to_rest_when_input_ends ended 0

seq 1 3000 >"$work/typed"
serial <(cat "$work/typed")
verdict a_serial_client_loses_nothing_when_queues_are_full client client_0 $(seq 1 3000)

machine boot examples/roottask_threads/build/threads.elf
verdict a_root_task_makes_a_thread_by_hand says "the thread in our VSpace sees 0xaaaa"
verdict a_root_task_makes_a_vspace_by_hand says "the thread in its own VSpace sees 0xbbbb"
verdict a_thread_writes_where_its_vspace_lets_it says "the thread in our VSpace wrote into the image: 0x2"
verdict a_fault_in_a_vspace_made_by_hand_reaches_its_maker \
    says "the fault's address is that of \`written\`"
verdict making_threads_ends_with_a_halt ended 0

# language FOLDER: build that example with its own Makefile and run it.
language() {
    make -s -C "examples/$1" programs "MICROKIT_SDK=$PWD/build/sdk" "BUILD_DIR=$work/$1" \
        >"$work/build.log" 2>&1 || { sed 's/^/# /' "$work/build.log"; return 1; }
    machine run --search-path "$work/$1" "examples/$1/$1.system"
}

verdict a_pd_in_cpp_builds language cpp
verdict a_pd_in_cpp_calls_another says "client in C++: the squares up to 10 sum to 385"

if ! echo '#![no_std]' | rustc --crate-type rlib -o "$work/probe.rlib" - 2>"$work/probe.log"; then
    skip a_pd_in_rust_builds "no rustc with a core library for this machine: apt-get install rustc"
    skip a_pd_in_rust_calls_and_notifies_another "as above"
else
    verdict a_pd_in_rust_builds language rust
    verdict a_pd_in_rust_calls_and_notifies_another eval \
        'says "client in Rust: the squares up to 10 sum to 385" && says "server in Rust: notified"'
fi
