#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# quoll test: what it runs, how it judges, and what it leaves: reports for people and machines, and no process.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness
junit_schema=$PWD/tests/cli/junit.rng
hello=$PWD/examples/hello_world/hello_world.system

for name in spin chatter caller fails_to_answer echo rude; do
    program $name || exit 1
done
one() { # one NAME: a system of one PD, which runs the program of that name
    echo "<system><protection_domain name=\"$1\" priority=\"100\"><program_image path=\"$1.elf\" />$2</protection_domain></system>" \
        >"$work/$1.system"
}
one spin
one chatter
one rude
one echo '<ioport id="0" addr="0x3f8" size="8" /><irq id="1" pin="4" vector="4" trigger="edge" />'
cat >"$work/stuck.system" <<'XML'
<system>
    <protection_domain name="client" priority="100"><program_image path="caller.elf" /></protection_domain>
    <protection_domain name="server" priority="200"><program_image path="fails_to_answer.elf" /></protection_domain>
    <channel><end pd="client" id="1" pp="true" /><end pd="server" id="1" /></channel>
</system>
XML

# write NAME LINE...: the test of that name.
write() {
    local name=$1
    shift
    mkdir -p "$(dirname "$work/$name")"
    printf '%s\n' "$@" >"$work/$name.test"
}

# try NAME LINE...: write it and run it.
try() {
    write "$@"
    machine test "$work/$1.test"
}

shows() { says "$1"; }
# at LINE:COLUMN TEXT: the failure of the test `it` says so.
at() { says "$work/it.test:$1: error: $2"; }

# A quoll that does not end by itself is waited for longer than its time-out: meanwhile, the others.
write stopped/it "system: ../spin.system" "timeout: 500ms" "ends: timeout"
"$quoll" test "$work/stopped" >"$work/stopped.out" 2>&1 </dev/null &
stopped=$!
child_of() { cat "/proc/$1/task/"*/children 2>/dev/null; }
has_child() { [ -n "$(child_of "$1")" ]; }
await has_child $stopped
for child in $(child_of $stopped); do kill -STOP "$child"; done

# --- What is run ---

write tree/b/two "system: $hello" "expect: hello, world"
write tree/one "system: $hello" "expect: hello, world"
write tree/.hidden/three "system: $hello" "expect: hello, world"
ln -s . "$work/tree/loop"
machine test --list "$work/tree"
verdict list_names_the_tests_of_a_folder_and_those_in_it_and_runs_none \
    cmp -s "$work/out" <(printf '%s\n' "$work/tree/b/two" "$work/tree/one")
machine test "$work/tree"
verdict a_folder_whose_tests_pass_is_a_success ended 0
verdict each_that_passes_is_told grep -qE "^PASS +[0-9.]+ s  $work/tree/one$" "$work/out"
verdict the_summary_counts_them grep -qE "^2 tests in [0-9.]+ s: 2 passed$" "$work/out"
machine test -q "$work/tree"
verdict quiet_leaves_the_summary [ "$(wc -l <"$work/out")" -eq 1 ]
machine test -v "$work/tree/one.test"
verdict verbose_shows_what_a_passing_one_printed grep -qE "^ +2 \| hello, world$" "$work/out"
machine test "$work/tree" "$work/tree/one.test" --list
verdict what_is_named_twice_is_run_once [ "$(wc -l <"$work/out")" -eq 2 ]
machine test --list --filter '*/b/*' "$work/tree"
verdict a_filter_takes_names [ "$(cat "$work/out")" = "$work/tree/b/two" ]
machine test --filter 'nothing*' "$work/tree"
verdict a_filter_that_takes_none_is_an_error ended 1
verdict and_says_of_how_many tells "quoll: of 2 tests, none has a name like 'nothing*'"
(cd "$work/tree/b" && "$quoll" test --list >"$work/out" 2>"$work/err")
verdict without_a_path_it_is_the_current_folder [ "$(cat "$work/out")" = two ]
cp examples/hello_world/hello_world.system "$work/tree/b/beside.system"
write tree/b/beside "expect: hello, world" "search-path: $PWD/examples/hello_world/build"
machine test "$work/tree/b/beside.system"
verdict a_system_stands_for_the_test_beside_it says "1 passed"
mkdir "$work/empty"
machine test "$work/empty"
verdict a_folder_without_tests_is_an_error ended 1
verdict and_what_a_test_is_is_told tells "A test is a file NAME.test, beside NAME.system"
machine test "$work/nowhere"
verdict a_folder_that_is_not_there_is_an_error ended 1
verdict and_is_named tells "quoll: cannot look for tests in $work/nowhere: No such file or directory"
machine test "$work/rude.elf"
verdict a_file_that_is_no_test_is_named tells "$work/rude.elf: it is neither a folder nor a test"

# What root may read, somebody else may not.
mkdir -p "$work/copy" "$work/locked/folder"
cp "$quoll" "$work/copy"
write locked/unreadable "system: $hello" "expect: x"
chmod 000 "$work/locked/unreadable.test" "$work/locked/folder"
person=()
[ "$(id -u)" -ne 0 ] || person=(setpriv --reuid 65534 --regid 65534 --clear-groups)
"${person[@]}" "$work/copy/quoll" test "$work/locked" >"$work/out" 2>"$work/err" </dev/null
status=$?
verdict a_folder_that_cannot_be_read_is_an_error [ "$status" -eq 1 ]
verdict and_told_why tells "cannot look for tests in $work/locked/folder: Permission denied"
"${person[@]}" "$work/copy/quoll" test "$work/locked/unreadable.test" >"$work/out" 2>"$work/err" </dev/null
status=$?
verdict a_file_that_cannot_be_read_is_broken says "unreadable.test: error: cannot read it: Permission denied"
chmod 755 "$work/locked/folder"
write folder.test/inner "system: $hello" "expect: hello, world"
machine test "$work/folder.test"
verdict a_folder_with_a_test_s_name_is_a_folder says "1 passed"
(ulimit -n 8 && exec "$quoll" test "$work/tree/one.test") >"$work/out" 2>"$work/err" </dev/null
status=$?
verdict a_host_that_lets_none_start_is_to_blame ended 5
verdict and_says_what_it_lacks tells "quoll: cannot start a test: Too many open files"

# --- How it is judged ---

try it "system: $hello" "expect: hello" "expect contains: wor"
verdict a_line_that_does_not_come_fails_it ended 1
verdict it_is_named_with_its_line at 2:1 "this did not come"
verdict the_line_of_the_file_is_shown shows "    2 | expect: hello"
verdict so_is_what_it_printed shows "      2 | hello, world"
verdict and_what_quoll_said shows "        | quoll: idle: every thread rests"
verdict and_the_command_that_runs_it_again shows "  Again: $quoll run --timeout 30 $hello"
again=$(sed -n 's/^  Again: //p' "$work/out")
machine ${again#"$quoll "}
verdict which_does_run_it_again says "hello, world"

try it "system: $hello" "expect: hello, world" "expect: MON|INFO: Microkit Monitor started!"
verdict lines_in_another_order_fail_it at 3:1 "this did not come"
verdict and_it_is_told_that_it_came_too_early shows "It came too early, as line 1."
try it "system: $hello" "never contains: hello"
verdict a_line_that_must_not_come_fails_it at 2:1 "this came, and must not"
try it "system: $hello" "exact: yes" "expect: hello, world"
verdict with_exact_any_other_line_fails_it shows "It was line 1: MON|INFO: Microkit Monitor started!"
try it "system: $hello" "ends: halted"
verdict another_way_of_ending_fails_it at 2:1 "it was to end halted, but it came to rest: idle"

try it "system: stuck.system" "expect: answered"
verdict a_stuck_system_fails_it shows "error: it is stuck (exit status 3)"
verdict and_who_waits_for_what_is_shown grep -qE "^ +\| +'client' waits for a reply to its call" "$work/out"
verdict and_the_backtrace_of_what_faulted grep -qE "^ +\| kernel: +at 0x[0-9a-f]+ in protected, .*fails_to_answer.c:" "$work/out"
try it "system: stuck.system" "ends: stuck"
verdict unless_it_is_to_be_stuck ended 0

try it "system: spin.system" "expect: spinning" "timeout: 300ms"
verdict a_time_out_fails_it shows "error: it still ran at the time-out (exit status 4)"
verdict and_who_was_busy_is_shown grep -qE "^ +\| +'spin' is ready \(priority 100" "$work/out"
verdict and_that_all_had_come shows "write \`ends: matched\`"
try it "system: spin.system" "expect: spinning" "ends: matched" "timeout: 20s"
verdict one_that_ends_when_all_has_come_does_so_before_its_time_out ended 0
try it "system: spin.system" "expect: spinning" "timeout: 300ms" "ends: timeout"
verdict a_time_out_may_be_meant ended 0
write it "system: spin.system" "expect: nothing"
machine test --timeout 0.3 "$work/it.test"
verdict the_command_line_s_time_out_is_for_files_without_one says "--timeout 0.3 "

try it "system: chatter.system" "timeout: 700ms" "expect: nothing"
verdict a_flood_of_output_fails_with_its_last_lines [ "$(grep -cE '^ +[0-9]+ \| ' "$work/out")" -eq 21 ]
try it "system: rude.system" "expect matches: ^<rude>" "expect: end" "expect: more"
verdict nothing_that_a_terminal_acts_upon_is_shown \
    grep -qF '| <rude> & \x00 \x1b[2J \xff ]]>' "$work/out"
verdict a_long_line_is_shown_in_part shows "xxx [... 19500 bytes more]"

try it "system: nowhere.system" "expect: x"
verdict a_system_that_is_not_there_breaks_it says "it.test:1:9: error: cannot read '$work/nowhere.system'"
echo '<system><nonsense /></system>' >"$work/wrong.system"
try it "system: wrong.system" "expect: x"
verdict a_system_that_quoll_refuses_breaks_it says "error: quoll could not start it (exit status 1)"
verdict and_quoll_s_reason_is_shown grep -qE '^ +\| .*nonsense' "$work/out"
try it "system: wrong.system" "ends: exit 1" "report contains: nonsense"
verdict unless_that_is_to_be ended 0
try it "system: $hello" "args: --nonsense" "expect: x"
verdict an_argument_that_quoll_does_not_take_breaks_it says "error: quoll does not take its arguments"
try it "system: $hello" "expcet: x"
verdict a_mistake_in_a_file_breaks_it says "it.test:2:1: error: there is no key 'expcet'"
try it "system: $hello"
verdict a_test_that_expects_nothing_is_broken says "it expects nothing, so it could not fail"
write many/bad "expcet: x"
write many/good "system: $hello" "expect: hello, world"
machine test "$work/many"
verdict the_others_run_all_the_same says "1 passed, 1 broken"
verdict and_it_is_a_failure ended 1
try it "skip: it is not done yet" "system: $hello" "expect: x"
verdict a_skipped_test_says_why grep -qE "^SKIP +$work/it: it is not done yet$" "$work/out"
verdict a_run_of_skipped_tests_alone_is_no_success ended 1
try it "needs: nowhere.elf" "system: nowhere.system" "expect: x"
verdict one_whose_needs_are_not_met_is_skipped says "it: it needs $work/nowhere.elf"

# --- Input ---

try it "system: echo.system" "expect: listening" "input: abc\\n" "expect: ABC" "input: x\\x79z\\n" "expect: XYZ"
verdict what_is_typed_upon_a_line_is_answered ended 0
try it "system: echo.system" "input: abc\\n" "expect contains: AB" "ends: idle" "time: virtual"
verdict what_is_typed_at_first_is_a_file_and_virtual_time_repeats says "1 passed"
machine test -v "$work/it.test"
verdict and_nothing_came_by_chance eval '! says "not repeatable: input"'
try it "system: echo.system" "expect: listening" "input: it's 5%%\\n" "input: \\x7f\\n" "expect: nothing"
verdict the_command_that_runs_it_again_types_it_too grep -qF "Again: printf 'it\\047s 5\\045\\045\\n\\177\\n' | " "$work/out"
try it "system: echo.system" "expect: nothing" "input: abc\\n" "timeout: 300ms"
verdict nothing_is_typed_before_its_turn eval '! says "ABC"'

# --- Again and again, and side by side ---

machine test --repeat 3 --jobs 3 "$work/tree/one.test"
verdict repeated_runs_are_told_as_one says "tree/one: 3 runs, "
verdict and_counted says "1 test, 3 runs in"
write it "system: $hello" "expect: nothing"
machine test --repeat 3 --jobs 1 "$work/it.test"
verdict failed_runs_are_counted says "it: 3 of 3 runs failed, run 1 first"
verdict and_the_first_is_shown [ "$(grep -c 'this did not come' "$work/out")" -eq 1 ]
machine test --until-fail --jobs 1 "$work/it.test"
verdict until_fail_ends_with_the_first_failure ended 1
verdict and_has_run_it_once eval '! says runs'
machine test --repeat 4 --until-fail "$work/tree/one.test" "$work/tree/b/two.test"
verdict until_fail_ends_with_the_last_repetition says "2 tests, 8 runs in"

mkdir "$work/thousands"
for i in $(seq 2000); do echo "skip: it is one of many" >"$work/thousands/$i.test"; done
write thousands/0 "system: $hello" "expect: hello, world"
machine test --jobs 8 "$work/thousands"
verdict thousands_of_tests_are_no_trouble says "2001 tests in"

# --- For machines ---

write report/good "system: $hello" "expect: hello, world"
write report/bad "system: ../rude.system" "expect: more"
write report/broken "expcet: <&>"
write report/sub/skipped "skip: \"why\" & <how>"
machine test --junit "$work/junit.xml" --json "$work/report"
cp "$work/out" "$work/results.json"
verdict with_json_what_is_for_people_goes_to_standard_error tells "1 passed, 1 failed, 1 broken, 1 skipped"
verdict junit_s_xml_is_valid eval 'xmllint --noout --relaxng "$junit_schema" "$work/junit.xml" 2>>"$work/err"'
xpath() { xmllint --xpath "string($1)" "$work/junit.xml"; }
verdict it_has_all_tests [ "$(xpath 'count(//testcase)')" -eq 4 ]
verdict it_counts_as_the_summary_does [ "$(xpath '/testsuites/@failures')$(xpath '/testsuites/@errors')$(xpath '/testsuites/@skipped')" = 111 ]
verdict a_suite_is_a_folder [ "$(xpath '//testsuite[2]/@name')" = "$work/report/sub" ]
verdict a_failure_says_what_it_was eval '[[ "$(xpath "//testcase[@name=\"bad\"]/failure/@message")" == *"bad.test:2:1: error: this did not come" ]]'
verdict and_has_the_output eval '[[ "$(xpath "//testcase[@name=\"bad\"]/system-out")" == "MON"*"<rude> & \\x00 \\x1b[2J \\xff ]]>"* ]]'
verdict json_has_the_same eval '[ "$(jq -r ".tests[].verdict" "$work/results.json" | paste -sd" ")" = "failed broken passed skipped" ]'
verdict and_the_output_of_what_failed eval 'jq -r ".tests[0].output" "$work/results.json" | grep -qF "<rude> & \\x00"'
machine test --junit /dev/full "$work/tree/one.test"
verdict a_full_disk_is_a_failure_of_the_host ended 5
verdict and_is_told tells "quoll: cannot write /dev/full: No space left on device"
machine test --junit "$work/nowhere/junit.xml" "$work/tree/one.test"
verdict a_report_that_cannot_be_written_is_told_before_any_test_runs [ "$status" -eq 5 -a ! -s "$work/out" ]
"$quoll" test "$work/tree/one.test" >/dev/full 2>"$work/err"
status=$?
verdict output_that_cannot_be_written_is_a_failure_of_the_host ended 5
(
    "$quoll" test --until-fail "$work/tree/one.test" 2>"$work/err" | head -n 0
    exit "${PIPESTATUS[0]}"
)
status=$?
verdict output_that_nobody_reads_any_more_ends_it ended 5

# --- What is refused ---

for arguments in "--jobs 0" "--jobs 5000" "--jobs x" "--repeat 0" "--time flies" "--timeout 0" "--json --junit -"; do
    machine test $arguments "$work/tree"
    [ "$status" -eq 2 ] && [ -s "$work/err" ] || break
done
verdict bad_options_are_refused ended 2

# --- Nothing is left ---

descendants() { # of a process, itself left out
    local child
    for child in $(child_of "$1"); do
        echo "$child"
        descendants "$child"
    done
}
left_of() {
    local process
    for process in "$@"; do [ -e "/proc/$process" ] && echo "$process"; done
}
# run_endlessly: tests that do not end, in the background; their processes are in $all.
run_endlessly() {
    env --default-signal=INT "$quoll" test --jobs 2 --junit "$work/junit.xml" "$work/endless" \
        >"$work/out" 2>"$work/err" </dev/null &
    pid=$!
    eight() { all=$(descendants "$pid"); [ "$(echo $all | wc -w)" -ge 8 ]; } # two quolls of three cells
    await eight
}
write endless/a "system: $hello" "expect: hello, world"
write endless/b "system: ../spin.system" "expect: nothing"
write endless/c "system: ../spin.system" "expect: nothing"
write endless/d "system: $hello" "expect: hello, world"
run_endlessly
stop INT
verdict ctrl_c_ends_it_with_130 ended 130
verdict with_a_summary_of_what_ran eval 'says "Interrupted by Interrupt" && grep -qE "^4 tests in [0-9.]+ s: 1 passed, 3 not run$" "$work/out"'
verdict and_a_report_for_machines xmllint --noout --relaxng "$junit_schema" "$work/junit.xml" 2>/dev/null
verdict and_leaves_no_process [ -n "$all" -a -z "$(left_of $all)" ]
run_endlessly
stop TERM
verdict sigterm_does_likewise [ "$status" -eq 143 -a -n "$all" -a -z "$(left_of $all)" ]
run_endlessly
stop KILL 2>/dev/null
gone() { [ -z "$(left_of $all)" ]; }
verdict when_it_is_killed_all_that_it_runs_dies_too await gone

wait $stopped
status=$?
cp "$work/stopped.out" "$work/out"
: >"$work/err"
verdict a_quoll_that_is_stopped_is_killed_after_its_time_out \
    says "error: quoll did not end at its time-out of 0.5 s, and was killed"
verdict which_is_a_failure ended 1
