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
verdict a_passive_server_works_on_its_callers_time prints "server: ready" "client: the total is 5050"
verdict the_monitor_tells_that_it_is_passive says "MON|INFO: PD 'server' is now passive!"

example cap_sharing
verdict a_scheduler_with_caps_to_others_tcbs_lets_them_take_turns prints \
    "first: step 1" "second: step 1" "first: step 2" "second: step 2" "first: step 3" \
    "second: step 3" "scheduler: enough, both stay suspended"

example domains
verdict a_domain_has_its_turn_beside_one_that_never_rests prints \
    "patient: this is my domain's time" "busy: the other domain had its turn"

example prefill
verdict prefilled_regions_hold_a_file_and_what_the_kernel_knows prints \
    "A page that nobody has written" "holds words all the same." \
    "reader: 57 bytes in a region of 4096" "reader: and the kernel knows the TSC's frequency"
