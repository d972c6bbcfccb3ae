#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# quoll baseline prints the lines of the measuring protocol, whatever it is asked for, and leaves nothing.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness

measure() { # measure ARGUMENTS
    machine baseline "$@"
}

count() { grep -c "^measure $1 " "$work/out"; }            # count KIND
value() { sed -n "s/^measure count $1 //p" "$work/out"; }   # value WHAT

# Each line is one of the protocol, and stands in a section that ends.
lines_parse() {
    awk '
        function number(text) { return text ~ /^[0-9]+$/ }
        $1 != "measure" { bad = 1 }
        $2 == "begin" { good = NF == 4 && section == "" && number($4); section = $3 }
        $2 == "end" { good = NF == 3 && $3 == section; section = "" }
        $2 == "sample" { good = NF == 4 && number($3) && number($4) }
        $2 == "throughput" { good = NF == 5 && number($3) && number($4) && number($5) }
        $2 == "event" || $2 == "count" { good = NF == 4 && number($4) }
        $2 == "part" { good = NF == 5 && number($4) && number($5) }
        $2 == "silence" {
            good = number($4) && $4 > 0 && (NF == 5 && $5 == "never" ||
                (NF == 6 || NF == 7 && $7 == "restarted") && number($5) && number($6) && $6 <= $5)
        }
        $2 == "memory" { good = NF == 6 && number($4) && number($5) && number($6) }
        $2 == "idle" { good = NF == 4 && number($3) && number($4) }
        !good || ($2 != "end" && section == "") { bad = 1; print "# wrong line " NR ": " $0 }
        { good = 0 }
        END { exit bad || section != "" || NR == 0 }' "$work/out"
}

sections() { [ "$(sed -n 's/^measure end //p' "$work/out" | paste -sd' ')" = "$1" ]; }

timestamps_rise() {
    awk '$2 == "sample" { if ($4 <= last || $3 > $4) exit 1; last = $4 } END { exit last == 0 }' "$work/out"
}

# The events come as told, and none before the one that it follows from.
events_are() {
    [ "$(awk '$2 == "event" { print $3 }' "$work/out" | paste -sd' ')" = "$1" ] &&
        awk '$2 == "event" { if ($4 < last) exit 1; last = $4 }' "$work/out"
}

# No process runs one of the programs, and no shared memory has kept its name.
nothing_is_left() {
    ! find /proc -maxdepth 2 -name exe -printf '%l\n' 2>/dev/null | grep -q "^$PWD/build/linux_baseline/" &&
        ! compgen -G "/dev/shm/quoll-baseline-*" >/dev/null
}

measure --iterations 20
verdict all_of_it_is_measured_without_a_word sections "startup latency throughput memory idle fault"
verdict every_line_is_one_of_the_protocol lines_parse
verdict it_ends_well ended 0
verdict no_person_no_summary [ ! -s "$work/err" ]

measure latency --iterations 37
verdict so_many_iterations_so_many_samples [ "$(count sample)" -eq 37 ]
verdict samples_stand_in_the_order_of_their_time timestamps_rise
verdict every_answer_is_right [ "$(value requests) $(value wrong)" = "37 0" ]

measure startup --iterations 3
verdict so_many_starts_so_many_samples [ "$(count sample)" -eq 3 ]
verdict starts_stand_in_the_order_of_their_time timestamps_rise

measure throughput --iterations 5
verdict throughput_is_of_eight_sizes \
    [ "$(awk '$2 == "throughput" && $4 == 5 && $5 > 0 { print $3 }' "$work/out" | paste -sd' ')" = "8 64 256 960 1024 4096 16384 65536" ]
measure throughput --iterations 5 --size 2K
verdict throughput_is_of_the_size_that_is_asked_for \
    [ "$(awk '$2 == "throughput" { print $3, $4 }' "$work/out")" = "2048 5" ]

measure memory --iterations 5
verdict memory_is_told_of_each_program \
    [ "$(awk '$2 == "memory" && $4 > 0 && $5 > 0 && $6 > 0 { print $3 }' "$work/out" | paste -sd' ')" = "logger server client" ]
measure idle --iterations 5
verdict programs_at_rest_take_less_cpu_time_than_there_is \
    awk '$2 == "idle" { exit !($3 >= 1000000000 && $4 < $3) }' "$work/out"

five="crash reported restarted crash reported restarted crash reported restarted crash reported restarted crash reported stopped"
for n in 1 50; do
    measure fault --iterations $n
    verdict "each_crash_beside_${n}_requests_is_reported_and_the_crasher_started_again" events_are "$five"
    verdict "no_request_of_${n}_is_lost" [ "$(value requests) $(value answered) $(value lost)" = "$n $n 0" ]
done

lives() { awk '$2 == "silence" { f[$3] = f[$3] (NF == 7 ? "r" : $5 == "never" ? "n" : "+") } END { for (p in f) print p, f[p] }' \
    "$work/out" | sort | paste -sd' '; }
for n in 1 50; do
    measure fault --iterations $n
    verdict "beside_${n}_requests_each_part_but_the_crasher_is_alive_after_each_crash" \
        [ "$(lives)" = "client +++++ crasher rrrrn logger +++++ server +++++ supervisor +++++" ]
done

# A part that really stops is told of. Crashes are seen by the crasher's having another process.
crasher() { pgrep -P "$pid" crasher; }
another_crasher() { [ -n "$(crasher)" ] && [ "$(crasher)" != "$before" ]; }
begin_faults() {
    "$quoll" baseline fault --iterations 300000 >"$work/out" 2>"$work/err" </dev/null &
    pid=$!
    await crasher >/dev/null
    before=$(crasher)
    await another_crasher
    before=$(crasher)
}
begin_faults
logger=$(pgrep -P "$pid" logger)
kill -STOP "$logger"
stopped_at=$(date +%s%N)
await another_crasher
stopped_ns=$(($(date +%s%N) - stopped_at))
kill -CONT "$logger"
wait $pid
silence() { awk -v p="$1" '$2 == "silence" && $3 == p && $5 > most { most = $5 } END { print most + 0 }' "$work/out"; }
verdict a_part_that_is_stopped_over_a_crash_is_silent_for_as_long [ "$(silence logger)" -ge $stopped_ns ]
verdict and_the_others_are_not [ "$(silence server)" -lt $stopped_ns ]
verdict and_it_comes_back test "${logger:-}" -a "$(lives)" = "client +++++ crasher rrrrn logger +++++ server +++++ supervisor +++++"
begin_faults
kill -STOP "$(pgrep -P "$pid" logger)"
wait $pid
verdict a_part_that_stays_stopped_never_comes_back grep -q "^measure silence logger 5 never$" "$work/out"
verdict and_no_other_part_stops_with_it [ "$(lives | sed 's/logger [+n]*/logger/')" = "client +++++ crasher rrrrn logger server +++++ supervisor +++++" ]

measure --iterations 0
verdict no_iterations_no_samples [ "$(count sample)" -eq 0 ]
verdict no_iterations_are_no_error ended 0
verdict no_iterations_and_every_section_all_the_same lines_parse
verdict no_iterations_and_no_crash [ "$(count event)" -eq 0 ]

measure latency --iterations 1048577
verdict too_many_iterations_are_refused ended 2
verdict too_many_iterations_are_refused_with_the_most_that_go tells "1048576"
measure latency --iterations -1
verdict a_negative_count_is_refused ended 2
measure latency --iterations 18446744073709551615
verdict an_absurd_count_is_refused ended 2
measure throughput --size 12
verdict half_a_word_is_refused tells "whole words"
measure throughput --size 128K
verdict a_message_above_the_shared_memory_is_refused ended 2
measure latency --cpu 100000
verdict a_cpu_that_is_not_there_is_an_error_of_the_host ended 5
verdict a_cpu_that_is_not_there_is_named tells "cannot run on CPU 100000"
measure lateness
verdict what_cannot_be_measured_is_refused ended 2
verdict what_can_be_measured_is_listed tells "startup, latency, throughput, memory, idle, fault"

for what in startup latency throughput memory idle fault; do
    timeout --signal=KILL 30 "$quoll" baseline $what --iterations 2 >/dev/full 2>"$work/err" </dev/null
    status=$?
    verdict "${what}_to_a_full_disk_says_so" tells "cannot write to standard output"
    verdict "${what}_to_a_full_disk_is_an_error" ended 5
done
timeout --signal=KILL 30 "$quoll" baseline latency --iterations 20000 2>"$work/err" </dev/null | head -1 >"$work/out"
status=${PIPESTATUS[0]}
verdict a_reader_that_leaves_ends_it ended 5
verdict after_all_that_nothing_is_left nothing_is_left

# Without the programs, one clear word.
mkdir "$work/bin" && cp "$quoll" "$work/bin"
"$work/bin/quoll" baseline >"$work/out" 2>"$work/err"
status=$?
verdict missing_programs_are_an_error ended 5
verdict missing_programs_are_said_to_be_missing tells "the baseline's programs are not beside this program"

# At any moment, once the shell's ignoring of Ctrl-C for those in the background is undone.
has_started() { readlink "/proc/$pid/exe" | grep -q "^$PWD/build/"; }
late= left=
for signal in TERM INT KILL; do
    for ms in 0 3 20 100 400; do
        env --default-signal=INT "$quoll" baseline fault --iterations 1000000 >"$work/out" 2>"$work/err" </dev/null &
        pid=$!
        await has_started
        sleep "$(printf '0.%03d' $ms)"
        kill -$signal $pid
        wait $pid 2>/dev/null
        status=$?
        case $signal in TERM) expected=143 ;; INT) expected=130 ;; KILL) expected=137 ;; esac
        [ $status -eq $expected ] || late="$late $signal after $ms ms: $status;"
        await nothing_is_left || left="$left $signal after $ms ms;"
    done
done
verdict a_signal_ends_it_at_any_moment [ -z "$late" ]
verdict a_signal_at_any_moment_leaves_nothing [ -z "$left" ]
[ -z "$late$left" ] || echo "# $late $left"

# Somebody ends the server: the client does not wait for ever.
"$quoll" baseline latency --iterations 1000000 >"$work/out" 2>"$work/err" </dev/null &
pid=$!
server() { pgrep -P "$pid" server >"$work/server"; }
await server
kill -KILL "$(cat "$work/server")"
wait $pid
status=$?
verdict a_lost_server_is_an_error ended 5
verdict a_lost_server_is_named tells "the server was ended by signal 9"
verdict a_lost_server_takes_the_others_along nothing_is_left
