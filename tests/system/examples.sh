#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# The example systems print what they should, each protection domain in a process of its own.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness

# in_order LINE...: these lines stand in the output, in this order, perhaps with others between.
in_order() {
    local line number last=0
    for line in "$@"; do
        number=$(grep -nxF -- "$line" "$work/out" | cut -d: -f1 | awk -v l=$last '$1 > l' | head -n 1)
        [ -n "$number" ] || { echo "# missing: $line"; return 1; }
        last=$number
    done
}

machine boot examples/roottask_hello/build/hello.elf
verdict a_root_task_prints_and_halts ended 0
verdict a_root_task_says_hello says "hello from a root task"
verdict a_halt_is_told tells "quoll: halted"

machine run examples/hello_world/hello_world.system
verdict hello_world_comes_to_rest ended 0
verdict hello_world_says_hello in_order "MON|INFO: Microkit Monitor started!" "hello, world"
verdict rest_is_told tells "quoll: idle"

machine run examples/ipc_demo/ipc_demo.system
verdict ipc_demo_comes_to_rest ended 0
verdict ipc_demo_answers_every_call in_order "client: the shared page sums to 131328" \
    "client: 1000 calls answered correctly"
verdict ipc_demo_reaches_the_logger says "logger: the client is done; notifications from the server: 4"

machine run --no-rewrite examples/ipc_demo/ipc_demo.system
verdict ipc_demo_works_without_rewriting says "client: 1000 calls answered correctly"

machine run examples/fault_tolerance/fault_tolerance.system
verdict fault_tolerance_comes_to_rest ended 0
verdict the_monitor_reports_each_fault in_order "MON|ERROR: faulting PD: crasher" \
    "MON|ERROR: faulting PD: overflower" "MON|ERROR: faulting PD: jumper" \
    "MON|ERROR: faulting PD: illegal" "MON|ERROR: faulting PD: spy"
verdict the_others_carry_on_after_the_last_fault in_order "MON|ERROR: faulting PD: spy" \
    "client: answers so far: 600" "client: answers so far: 800" "client: done"
verdict a_fault_has_a_backtrace_with_function_and_line \
    grep -qE "^kernel: +at 0x[0-9a-f]+ in notified, .*/crasher.c:[0-9]+$" "$work/err"
verdict a_jump_to_nowhere_is_traced_to_its_caller \
    grep -qE "^kernel: +called from 0x[0-9a-f]+ in main, .*libmicrokit/main.c:" "$work/err"
verdict an_overflowed_stack_is_called_that tells "its stack overflowed"
verdict what_happened_is_said_in_words tells "'illegal' executed an illegal instruction"

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
