#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# Virtual time: idle time takes none, two runs are the same run, and what is not is said.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness

for name in sleeper periodic stopwatch spin echo; do
    program $name || exit 1
done
cat >"$work/sleeper.system" <<'XML'
<system>
    <memory_region name="hpet" size="0x1000" phys_addr="0xfed00000" />
    <protection_domain name="sleeper" priority="100">
        <program_image path="sleeper.elf" />
        <map mr="hpet" vaddr="0x20000000" perms="rw" cached="false" />
        <irq id="1" pin="2" vector="2" trigger="edge" />
    </protection_domain>
</system>
XML
cat >"$work/periods.system" <<'XML'
<system>
    <protection_domain name="often" priority="100" budget="200" period="1000"><program_image path="periodic.elf" /></protection_domain>
    <protection_domain name="seldom" priority="100" budget="300" period="7000"><program_image path="periodic.elf" /></protection_domain>
    <protection_domain name="rest" priority="50"><program_image path="periodic.elf" /></protection_domain>
</system>
XML
cat >"$work/spin.system" <<'XML'
<system>
    <protection_domain name="spinner" priority="100" budget="1000" period="100000"><program_image path="spin.elf" /></protection_domain>
    <protection_domain name="other" priority="50"><program_image path="periodic.elf" /></protection_domain>
</system>
XML
cat >"$work/stopwatch.system" <<'XML'
<system>
    <protection_domain name="stopwatch" priority="100"><program_image path="stopwatch.elf" /></protection_domain>
</system>
XML
cat >"$work/echo.system" <<'XML'
<system>
    <protection_domain name="echo" priority="100">
        <program_image path="echo.elf" />
        <ioport id="0" addr="0x3f8" size="8" />
        <irq id="1" pin="4" vector="4" trigger="edge" />
    </protection_domain>
</system>
XML

# twice ARGUMENTS: runs a machine two times; both print the same bytes.
twice() {
    machine run --time virtual "$@"
    cp "$work/out" "$work/first"
    machine run --time virtual "$@"
    cmp -s "$work/first" "$work/out"
}

machine run --time virtual --timeout 9 --stats "$work/sleeper.system"
verdict ten_seconds_of_sleep_take_less_than_nine ended 0
verdict and_are_ten_by_the_timers_counter says "slept for 10 s"
verdict a_run_without_chance_is_called_repeatable tells ", repeatable"

verdict budgets_and_periods_end_at_the_same_words_in_every_run twice "$work/periods.system"
verdict they_do_end_within_lines grep -q "seldom.*often\|often.*seldom\|often.*rest" "$work/out"
verdict all_three_have_their_say [ "$(wc -l <"$work/out")" -eq 121 ]

machine run --time virtual --timeout 2 "$work/spin.system"
verdict a_spinning_guest_is_preempted_and_others_run says "other goes on"
verdict its_run_is_said_not_to_be_repeatable \
    tells "quoll: not repeatable: 'spinner' computed for 50 ms of CPU time without entering the kernel"
verdict the_exit_status_stays_what_it_was ended 4

verdict the_tsc_can_be_read machine run --time virtual "$work/stopwatch.system"
if tells "cannot trap rdtsc"; then
    skip the_tsc_is_the_same_in_every_run "this host cannot trap rdtsc"
    skip the_tsc_goes_up "this host cannot trap rdtsc"
else
    verdict the_tsc_is_the_same_in_every_run twice "$work/stopwatch.system"
    verdict the_tsc_goes_up [ "$(grep -cx '[0-9]*' "$work/out")" -eq 3 -a \
        "$(grep -x '[0-9]*' "$work/out")" = "$(grep -x '[0-9]*' "$work/out" | sort -un)" ]
fi

for example in hello_world ipc_demo fault_tolerance; do
    if [ $example = ipc_demo ] && tells "cannot trap rdtsc"; then
        skip "${example}_prints_the_same_bytes_twice" "this host cannot trap rdtsc, and it prints cycles"
        continue
    fi
    verdict "${example}_prints_the_same_bytes_twice" twice "examples/$example/$example.system"
done

seq 1 500 >"$work/input"
"$quoll" run --time virtual --stats "$work/echo.system" <"$work/input" >"$work/out" 2>"$work/err"
status=$?
verdict a_file_is_input_that_does_not_depend_on_the_host tells ", repeatable"
verdict all_of_it_arrives cmp -s "$work/input" <(tail -n 500 "$work/out")
seq 1 500 | "$quoll" run --time virtual "$work/echo.system" >"$work/out" 2>"$work/err"
status=$?
verdict a_pipe_is_not tells "quoll: not repeatable: input came while it ran"

machine run --time flies "$work/periods.system"
verdict another_time_is_refused ended 2
verdict and_the_two_are_named tells "It can be real or virtual."
