#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# quoll compare with what it is for: Quoll, plain Linux and, with QUOLL_SEL4_KERNEL (tests/system/sel4.sh), the real kernel.
cd "$(dirname "$0")/../.." || exit 1
. tests/compare/harness

with_kernel=()
[ -z "${QUOLL_SEL4_KERNEL:-}" ] || with_kernel=(--sel4-kernel "$QUOLL_SEL4_KERNEL")
compare 50 --rounds 1 "${with_kernel[@]}"
verdict it_measures_all_systems ended 0

for system in quoll quoll-trapped linux sel4; do
    name=${system//-/_}
    if [ "$system" = sel4 ] && [ -z "${QUOLL_SEL4_KERNEL:-}" ]; then
        skip "${name}_is_measured" "set QUOLL_SEL4_KERNEL to an seL4 kernel"
        continue
    fi
    results=$(ls "$made"/runs/$system-{ipc,latency}-1/results.csv 2>/dev/null)
    verdict "${name}_has_a_sample_for_each_iteration" test "$(wc -l <"$results")" -eq 51
    verdict "${name}_has_throughput_of_eight_sizes" test "$(grep -c "^$system,all,throughput_requests," "$made/summary.csv")" -eq 8
    verdict "${name}_has_a_start_up_time" test -n "$(figure $system all start_up)"
    verdict "${name}_loses_no_request_in_five_crashes" \
        test "$(figure $system all fault_count crashes) $(figure $system all fault_count lost)" = "5 0"
    verdict "${name}_starts_the_crashed_part_again_but_for_the_last_time" \
        test "$(figure $system all part_restarted crasher) $(figure $system all part_never_came_back crasher)" = "4 1"
    for part in client server logger supervisor; do
        verdict "${name}_has_signs_of_life_of_the_${part}_around_each_crash" \
            test "$(figure $system all part_went_on $part | cut -d. -f1)" -le 5 -a -n "$(figure $system all part_silence $part)" \
            -a "$(figure $system all part_restarted $part) $(figure $system all part_never_came_back $part)" = "0 0"
    done
    verdict "${name}_reports_crashes_after_they_happen" \
        awk -v t="$(figure $system all fault_after_crash reported)" 'BEGIN { exit !(t > 0) }'
    verdict "${name}_has_the_memory_of_each_part" test -n "$(figure $system all memory_private client)" \
            -a -n "$(figure $system all memory_kernel server)" -a -n "$(figure $system all memory_shared logger)"
    verdict "${name}_says_what_it_uses_at_rest" test -n "$(figure $system all idle_cpu)"
done
verdict what_was_booted_is_in_the_folder cmp -s build/measured/release/client.elf "$made/inputs/measured/release/client.elf"
verdict no_line_of_the_protocol_is_wrong test -z "$(grep -l '???' "$made"/runs/*/log.txt)"
verdict nothing_is_left_running test -z "$(pgrep -f "$work")"
