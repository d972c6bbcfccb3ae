#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# quoll compare, when something goes wrong: a measured program, a person, the disk; Ctrl-C.
cd "$(dirname "$0")/../.." || exit 1
. tests/compare/harness
is_gone() { [ -z "$(pgrep -f "$program 20 $1")" ]; }

# --- Programs that go wrong ---

one ends 10 --rounds 1
verdict a_program_that_ends_early_is_an_error ended 5
verdict and_it_is_told_how tells "ended before it had measured all: exit status 3"
verdict what_it_said_is_in_the_log grep -q 'err it did not work' "$made/runs/one-run-1/log.txt"
verdict and_there_is_a_report test -s "$made/report.html"
one hangs 20 --rounds 1 --silence 0.5
verdict a_program_that_hangs_is_given_up tells "said nothing for too long"
verdict and_what_it_had_measured_is_kept test "$(wc -l <"$made/runs/one-run-1/results.csv")" -eq 21
verdict and_nothing_of_it_is_left is_gone hangs
one chatters 20 --rounds 1 --silence 0.5
verdict so_is_one_that_only_chatters tells "said nothing for too long"
verdict whose_log_is_bounded [ "$(stat -c %s "$made/runs/one-run-1/log.txt")" -lt 20000000 ]
one crashes 20 --rounds 1
verdict a_crash_is_named tells "killed by Segmentation fault"
one garbles 20 --rounds 1
verdict lines_that_cannot_be_read_are_told tells "2 lines of the measuring protocol could not be read; the first is 'measure sample x y'"
verdict and_the_rest_is_measured test "$(figure one all latency_count)" = 20
one leaves-early 20 --rounds 1
verdict a_program_may_end_when_it_has_said_all ended 0

# --- Ctrl-C ---

compare_in_background() {
    rm -rf "$work/out.d"
    env --default-signal=INT "$quoll" compare 20 --rounds 3 --only one --out "$work/out.d" \
        --also "one=exec $program \"\$1\" $1" >"$work/out" 2>"$work/err" </dev/null &
    pid=$!
}
second_run_begins() { made=$(echo "$work"/out.d/*) && test -e "$made/runs/one-run-2"; }
compare_in_background rests
await second_run_begins
stop INT
verdict ctrl_c_ends_it ended 130
verdict and_what_is_there_is_summed_up test "$(figure one run-1 latency_count)" = 20
verdict and_the_report_says_so grep -q "It was interrupted" "$made/report.html"
verdict and_no_program_is_left is_gone rests
compare_in_background hangs
await test -e "$work"/out.d/*/runs/one-run-1/log.txt
sleep 0.3
stop KILL
verdict when_it_is_killed_its_programs_end_as_well await is_gone hangs

# --- What a person may get wrong ---

for wrong in 0 -1 1048577 ten 1.5 ''; do
    compare "--" "$wrong"
    [ "$status" -eq 2 ] && tells "takes a number of iterations from 1 to 1048576" && [ ! -e "$work/out.d" ] || break
done
verdict numbers_that_cannot_be_measured_are_refused ended 2
one rests 10 --rounds 0
verdict no_rounds_are_refused ended 2
for wrong in nothing =x 'a b=x' one=; do
    compare 10 --also "$wrong"
    [ "$status" -eq 1 ] && tells "It takes NAME=COMMAND" || break
done
verdict programs_without_a_name_or_a_command_are_refused ended 1
compare 10 --only one --also "one=true" --also "one=false"
verdict two_programs_of_one_name_are_refused tells "another system has that name"
verdict and_no_folder_is_left test -z "$(ls "$work/out.d")"
compare 10 --only onne --also "one=true"
verdict an_unknown_system_is_named tells "there is no system 'onne' to be measured"

# --- What is missing ---

mkdir "$work/bin"
for tool in sh bash awk cat sleep kill seq; do ln -s "$(command -v $tool)" "$work/bin/$tool"; done
PATH=$work/bin /usr/bin/timeout 60 "$quoll" compare 20 -r 1 --only one --out "$work/bare" \
    --also "one=exec $program \"\$1\" leaves-early" >"$work/out" 2>"$work/err" </dev/null
status=$?
verdict without_gnuplot_the_rest_works ended 0
verdict and_one_line_says_so test "$(grep -c "there is no gnuplot" "$work/err")" -eq 1
verdict the_scripts_are_there test -s "$work"/bare/*/plots/throughput.gp
verdict and_the_report_has_the_tables grep -q "What was run" "$work"/bare/*/report.html
PATH=$work/bin /usr/bin/timeout 100 "$quoll" compare 20 -r 1 --out "$work/no-qemu" \
    --sel4-kernel "$work/bin/sh" >"$work/out" 2>"$work/err" </dev/null
status=$?
verdict without_qemu_the_rest_works ended 0
verdict and_one_line_says_what_to_install test "$(grep -c "there is no qemu-system-x86_64; Debian has it as" "$work/err")" -eq 1
one leaves-early 10 -r 1 --sel4-kernel "$work/no-kernel"
verdict without_the_kernel_the_rest_works ended 0
compare 10 -r 1 --only one,sel4 --also "one=exec $program \"\$1\" leaves-early" --sel4-kernel "$work/no-kernel"
verdict a_kernel_that_is_not_there_is_named tells "--sel4-kernel: cannot read $work/no-kernel: No such file or directory"
cp build/quoll "$work/lonely"
MICROKIT_SDK=$PWD/build/sdk "$work/lonely" compare 10 -r 1 --out "$work/alone" --only quoll,one \
    --also "one=exec $program \"\$1\" leaves-early" >"$work/out" 2>"$work/err" </dev/null
verdict systems_that_are_not_built_are_told_of tells "the measured systems are not beside $work/lonely"

# --- Disks ---

person=()
[ "$(id -u)" -ne 0 ] || person=(setpriv --reuid 65534 --regid 65534 --clear-groups)
mkdir "$work/locked"
chmod 555 "$work/locked"
chmod a+x "$work"
cp -r build/quoll build/sdk "$work/bin"
"${person[@]}" "$work/bin/quoll" compare 10 --only one --also one=true --out "$work/locked" >"$work/out" 2>"$work/err"
status=$?
verdict a_folder_that_may_not_be_written_is_refused ended 1
verdict and_it_is_named_with_the_reason grep -q "cannot write $work/locked/.*: Permission denied" "$work/err"
touch "$work/file"
compare_to_file() { "$quoll" compare 10 --only one --also one=true --out "$work/file" >"$work/out" 2>"$work/err"; status=$?; }
compare_to_file
verdict a_file_is_no_folder tells "cannot write $work/file/"
(ulimit -f 30 && exec "$quoll" compare 5000 -r 2 --only one --out "$work/full" --also "one=exec $program \"\$1\" leaves-early") \
    >"$work/out" 2>"$work/err" </dev/null
status=$?
verdict a_disk_that_is_full_ends_it ended 5
verdict and_the_file_is_named tells "results.csv: File too large"
verdict after_the_run_that_did_not_fit test ! -e "$work"/full/*/runs/one-run-2
