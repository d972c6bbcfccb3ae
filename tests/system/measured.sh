#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# The measured systems print every sample in the measuring protocol, on Quoll and on the real kernel, for which
# QUOLL_SEL4_KERNEL names a sel4_32.elf of Microkit's debug configuration.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness
measured=$PWD/build/measured

# measure SYSTEM ITERATIONS [CONFIG]: on Quoll.
measure() {
    local kernel=microkit
    [ "${3:-debug}" = debug ] || kernel=microkit-release
    printf '%s\n' "$2" >"$work/iterations"
    machine run --kernel $kernel --search-path "$work" --search-path "$measured/${3:-debug}" "$measured/$1.system"
    sed -i 's/\r$//' "$work/out"
}

count() { grep -c "^measure $1 " "$work/out"; }          # count KIND
value() { sed -n "s/^measure count $1 //p" "$work/out"; } # value WHAT

sections() { [ "$(sed -n 's/^measure end //p' "$work/out" | paste -sd' ')" = "$1" ]; }

frequency_is_sane() {
    awk '$2 == "begin" { n++; if ($4 < 100000000 || $4 > 10000000000) exit 1 } END { exit n == 0 }' "$work/out"
}

timestamps_rise() {
    awk '$1 == "measure" && $2 == "sample" { if ($4 <= last || $3 > $4) exit 1; last = $4 } END { exit last == 0 }' "$work/out"
}

events_are() {
    [ "$(awk '$2 == "event" { print $3 }' "$work/out" | paste -sd' ')" = "$1" ] &&
        awk '$2 == "event" { if ($4 < last) exit 1; last = $4 }' "$work/out"
}

throughput_is_of() { # throughput_is_of REQUESTS
    [ "$(awk -v n="$1" '$2 == "throughput" && $4 == n && $5 > 0 { print $3 }' "$work/out" | paste -sd' ')" = \
        "8 64 256 960 1024 4096 16384 65536" ]
}

five="crash reported restarted crash reported restarted crash reported restarted crash reported restarted crash reported stopped"

# The same for whatever ran it: verdicts_of SYSTEM WHERE ITERATIONS
verdicts_of_ipc() {
    verdict "ipc_$1_measures_startup_latency_throughput" sections "startup latency throughput"
    verdict "ipc_$1_prints_a_sample_for_each_call" [ "$(count sample)" -eq "$2" ]
    verdict "ipc_$1_prints_samples_in_the_order_of_their_time" timestamps_rise
    verdict "ipc_$1_has_no_wrong_answer" [ "$(value requests) $(value wrong)" = "$2 0" ]
    verdict "ipc_$1_starts_before_it_answers" events_are "first-init first-answer"
    verdict "ipc_$1_knows_the_frequency" frequency_is_sane
    verdict "ipc_$1_measures_eight_sizes" throughput_is_of "$2"
}
lives() { awk '$2 == "silence" { f[$3] = f[$3] (NF == 7 ? "r" : $5 == "never" ? "n" : "+") } END { for (p in f) print p, f[p] }' \
    "$work/out" | sort | paste -sd' '; }
verdicts_of_fault() {
    verdict "fault_$1_has_signs_of_life_of_all_but_the_crasher_after_each_crash" \
        [ "$(lives)" = "client +++++ crasher rrrrn logger +++++ server +++++ supervisor +++++" ]
    verdict "fault_$1_prints_a_sample_for_each_call" [ "$(count sample)" -eq "$2" ]
    verdict "fault_$1_prints_samples_in_the_order_of_their_time" timestamps_rise
    verdict "fault_$1_reports_each_crash_and_starts_the_crasher_again" events_are "$five"
    verdict "fault_$1_loses_no_request" [ "$(value requests) $(value answered) $(value lost)" = "$2 $2 0" ]
    verdict "fault_$1_ends_its_section" sections fault
}

for config in debug release; do
    measure ipc 20 $config
    verdicts_of_ipc "in_$config" 20
    measure fault 20 $config
    verdicts_of_fault "in_$config" 20
done
measure fault 1
verdicts_of_fault beside_one_call 1

# A part that really stops: with the least priority the logger does not run while the caller does.
starve() { sed '/name="logger"/s/priority="250"/priority="50"/' "$measured/fault.system" >"$work/starved.system"; }
starved() { [ "$(lives)" = "client +++++ crasher rrrrn logger nnnnn server +++++ supervisor +++++" ]; }
starve
printf '20\n' >"$work/iterations"
machine run --search-path "$work" --search-path "$measured/debug" "$work/starved.system"
verdict a_part_that_does_not_run_never_comes_back starved

measure ipc 0
verdict no_calls_no_samples [ "$(count sample)" -eq 0 ]
verdict no_calls_and_every_section_all_the_same sections "startup latency throughput"
measure fault 0
verdict no_calls_and_no_crash [ "$(count event)" -eq 0 ]
for wrong in 1048577 99999999999999999999999999 -1 many "" '5 pack' '5 packed 6'; do
    measure ipc "$wrong"
    verdict "iterations_of_'${wrong}'_are_refused" says "the file 'iterations' has to be a number from 0 to 1048576"
    verdict "iterations_of_'${wrong}'_measure_nothing" [ "$(count begin)" -eq 0 ]
done

# The lines of samples that packed ones stand for.
unpack() {
    awk '
        BEGIN { digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"; weight = 1 }
        $2 == "begin" { time = 0 }
        $1 " " $2 != "measure packed" { print; next }
        {
            for (i = 1; i <= length($3); i++) {
                value = index(digits, substr($3, i, 1)) - 1
                number += value % 32 * weight
                weight *= 32
                if (value >= 32) continue
                time += number
                first = !first
                if (first) latency = number; else printf "measure sample %d %d\n", latency, time
                number = 0
                weight = 1
            }
        }'
}

# The caller itself has told the longest time between two answers.
longest_gap_is_that_of_the_samples() {
    awk '
        $2 == "sample" { if ($4 - last > longest) longest = $4 - last; last = $4 }
        $3 == "longest-gap" { told = $4 }
        END { exit !(told > 0 && told == longest) }' "$work/out"
}

measure fault 100
verdict the_longest_gap_is_that_of_the_samples longest_gap_is_that_of_the_samples
measure fault "100 packed"
verdict packed_samples_take_few_lines [ "$(count packed) $(count sample)" = "7 0" ]
unpack <"$work/out" >"$work/plain" && mv "$work/plain" "$work/out"
verdicts_of_fault packed 100
verdict the_longest_gap_is_that_of_the_packed_samples longest_gap_is_that_of_the_samples
measure ipc "1 packed"
unpack <"$work/out" >"$work/plain" && mv "$work/plain" "$work/out"
verdicts_of_ipc packed 1
measure ipc "0 packed"
verdict no_packed_samples_no_line [ "$(count packed)" -eq 0 ]

# boot SYSTEM LAST: on the real kernel, until that section ends.
boot() {
    local folder=${3:-$measured}
    rm -f "$work/console"
    printf '20\n' >"$work/iterations"
    build/sdk/bin/microkit "$folder/$1.system" --search-path "$work" "$measured/debug" --board x86_64_generic \
        --config debug -o "$work/$1.img" -r "$work/$1.txt" >"$work/err" 2>&1 || return
    qemu-system-x86_64 -cpu qemu64,+fsgsbase,+pdpe1gb,+xsaveopt,+xsave -m 512M -display none -monitor none \
        -serial "file:$work/console" -no-reboot -kernel "$QUOLL_SEL4_KERNEL" -initrd "$work/$1.img" \
        </dev/null >"$work/err" 2>&1 &
    pid=$!
    for _ in $(seq 300); do
        ! grep -q "^measure end $2" "$work/console" 2>/dev/null && kill -0 $pid 2>/dev/null || break
        sleep 0.1
    done
    kill $pid
    wait $pid 2>/dev/null
    tr -d '\r' <"$work/console" >"$work/out"
}

if [ -z "${QUOLL_SEL4_KERNEL:-}" ]; then
    skip the_measured_systems_print_the_same_on_sel4 'set QUOLL_SEL4_KERNEL to an seL4 kernel'
    exit
fi
boot ipc throughput
verdicts_of_ipc on_sel4 20
boot fault fault
verdicts_of_fault on_sel4 20
boot starved fault "$work"
verdict a_part_that_does_not_run_on_sel4_never_comes_back starved
