#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# How machines end, and what the shell is told.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness

program spin && program chatter && program caller && program fails_to_answer || exit 1
cat >"$work/spin.system" <<'XML'
<system>
    <protection_domain name="spinner" priority="100"><program_image path="spin.elf" /></protection_domain>
</system>
XML
cat >"$work/stuck.system" <<'XML'
<system>
    <protection_domain name="client" priority="100"><program_image path="caller.elf" /></protection_domain>
    <protection_domain name="server" priority="200"><program_image path="fails_to_answer.elf" /></protection_domain>
    <channel><end pd="client" id="1" pp="true" /><end pd="server" id="1" /></channel>
</system>
XML

sed 's/spin/chatter/g' "$work/spin.system" >"$work/chatter.system"

machine run --timeout 0.3 "$work/spin.system"
verdict a_system_that_never_rests_ends_by_time_out ended 4
verdict a_time_out_is_told tells "quoll: time-out: it still ran after 0.3 s"
verdict a_time_out_tells_who_was_busy tells "'spinner' is ready (priority 100"
verdict what_it_printed_before_is_not_lost says "spinning"

machine run "$work/stuck.system"
verdict a_call_that_nobody_can_answer_is_stuck ended 3
verdict the_report_names_who_waits tells "'client' waits for a reply to its call"
verdict the_call_was_made_and_never_answered [ "$(grep -c 'calling\|answered' "$work/out")" -eq 1 ]

for signal in INT TERM HUP; do
    start run "$work/spin.system"
    await test -S "$work/serial"
    sleep 0.2
    spinning=$(cells)
    stop $signal
    verdict "SIG${signal}_ends_a_spinning_system" ended $((128 + $(kill -l $signal)))
    left=
    for cell in $spinning; do
        [ -e "/proc/$cell" ] && left="$left $cell"
    done
    verdict "SIG${signal}_leaves_no_process" [ -n "$spinning" -a -z "$left" ]
done

start run "$work/spin.system"
await test -S "$work/serial"
sleep 0.2
spinning=$(cells)
stop KILL 2>/dev/null
gone() { for cell in $spinning; do [ -e "/proc/$cell" ] && return 1; done; return 0; }
await gone
verdict cells_die_with_a_killed_quoll [ -n "$spinning" -a -z "$(for c in $spinning; do ls -d "/proc/$c" 2>/dev/null; done)" ]
rm -f "$work/serial"

# The spinner's cell is the youngest: the initialiser's and the monitor's came before.
start run --exit-when-idle "$work/spin.system"
three_cells() { [ "$(cell_count)" -eq 3 ]; }
await three_cells
sleep 0.2
kill -KILL "$(cells | awk '{ print $NF }')"
wait "$pid"
status=$?
verdict a_killed_cell_is_a_fault_of_its_thread tells "'spinner' lost its address space"
verdict and_the_rest_of_the_system_goes_on_to_its_rest tells "quoll: idle"
verdict exit_when_idle_ends_it_although_a_person_could_connect ended 0

(
    "$quoll" run "$work/chatter.system" --timeout 20 2>"$work/err" </dev/null | head -n 2 >"$work/out"
    exit "${PIPESTATUS[0]}"
)
status=$?
verdict output_that_nobody_reads_any_more_ends_it ended 5
verdict and_the_reason_is_told tells "output cannot be written any more: Broken pipe"

machine run -q examples/hello_world/hello_world.system
verdict quiet_says_nothing_of_its_own [ ! -s "$work/err" ]
verdict quiet_lets_the_system_speak says "hello, world"

machine run --serial "file:$work/serial.txt" examples/hello_world/hello_world.system
verdict the_serial_port_can_go_to_a_file grep -qxF "hello, world" "$work/serial.txt"

machine run --serial null examples/hello_world/hello_world.system
verdict the_serial_port_can_go_nowhere [ ! -s "$work/out" -a "$status" -eq 0 ]

# A temporary folder that is all its own shows what is left behind.
mkdir "$work/tmp"
TMPDIR=$work/tmp machine run examples/hello_world/hello_world.system
verdict no_file_is_left_behind [ -z "$(ls -A "$work/tmp")" ]
