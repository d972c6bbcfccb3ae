#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# quoll compare and quoll capture, with programs that are given (--also): what is written, and whether the files agree with
# each other.
cd "$(dirname "$0")/../.." || exit 1
. tests/compare/harness

# The median of the second column of CSV files, by sort.
median() {
    tail -qn +2 "$@" | cut -d, -f2 | sort -n |
        awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# --- What is written ---

compare 500 --rounds 2 --only one,two --also "one=$program \"\$1\" rests" --also "two=$program \"\$1\" rests 20001"
verdict it_measures_programs_that_are_given ended 0
verdict it_says_where_the_report_is says "$made/report.html"
verdict each_run_has_its_samples test "$(cat "$made"/runs/*/results.csv | wc -l)" -eq $((4 * 501))
verdict the_columns_have_their_names test "$(head -qn 1 "$made"/runs/*/results.csv | sort -u)" = iteration,latency_ns,timestamp
verdict iterations_count_from_one test "$(sed -n '2s/,.*//p;$s/,.*//p' "$made/runs/one-run-1/results.csv" | paste -sd' ')" = "1 500"
verdict a_run_s_median_is_that_of_its_csv \
    test "$(figure two run-2 latency_median)" = "$(median "$made/runs/two-run-2/results.csv")"
verdict a_system_s_median_is_that_of_all_its_csvs \
    test "$(figure one all latency_median)" = "$(median "$made"/runs/one-run-*/results.csv)"
verdict the_least_and_the_greatest_are_there test "$(figure one all latency_min),$(figure one all latency_max)" = \
    "$(tail -qn +2 "$made"/runs/one-run-*/results.csv | cut -d, -f2 | sort -n | sed -n '1p;$p' | paste -sd,)"
verdict throughput_is_per_second test "$(figure one all throughput_requests 8)" = \
    "$(awk 'BEGIN { printf "%.12g", 1e9 / 10008 }')"
verdict a_fault_s_report_counts_from_the_crash test "$(figure one all fault_after_crash reported)" = 50
verdict and_so_does_the_next_answer test "$(figure one all fault_after_crash next-answer)" = 750
verdict a_part_s_silence_around_the_crash_is_told test "$(figure one all part_silence halted)" = 9000
verdict and_which_part_stopped test "$(for of in steady halted gone; do
    for fate in went_on stopped restarted never_came_back; do figure one all part_$fate $of; done; done | paste -sd' ')" = "1 0 0 0 0 1 0 0 0 0 0 1"
verdict what_became_of_each_part_is_in_the_report grep -q '<td>halted</td><td class="words">stopped in 1 crash, for at most 9.00 µs</td>' "$made/report.html"
verdict and_on_the_terminal grep -qE '^  gone +two +never came back in 1 crash$' "$work/out"
verdict and_in_the_timeline grep -q "^-0.02 0.88 0.06" "$made/plots/fault-timeline.gp"
verdict what_is_lost_is_counted test "$(figure one all fault_count lost)" = 0
verdict memory_of_the_processes_is_measured [ "$(figure one run-1 memory_private cat)" -gt 0 ]
# The median of an even number of runs can have a half.
verdict start_up_is_measured [ "$(figure one all start_up | cut -d. -f1)" -gt 0 ]

json() { jq -r "$1" "$made/summary.json"; }
of_json=$(json '.systems[] | .name as $s | .figures[] | [$s, "all", .figure, (.of // ""), .unit, .value, .low, .high, .runs] | @csv' |
    tr -d '"' | sort)
verdict the_json_says_what_the_csv_says test -n "$of_json" -a "$of_json" = "$(grep ,all, "$made/summary.csv" | sort)"
verdict the_json_names_the_machine test -n "$(json '.machine["Operating system"]')"
verdict the_noise_is_stated test "$(json '.noise.before.work_median_us > 0 and .noise.after.load >= 0')" = true
verdict a_log_has_what_else_was_said grep -q 'out a line of its own' "$made/runs/one-run-1/log.txt"
verdict and_leaves_the_samples_to_the_csv test "$(grep -c 'measure sample' "$made/runs/one-run-1/log.txt")" -eq 0

if command -v gnuplot >/dev/null; then
    drawn=$(cd "$made/plots" && ls -- *.svg *.png | paste -sd' ')
    verdict all_plots_are_drawn_twice test "$(echo "$drawn" | tr ' ' '\n' | sed 's/\..*//' | sort | uniq -c | awk '{print $1 $2}' | paste -sd' ')" = \
        "2fault-timeline 2latency-distribution 2latency-percentiles 2latency-time 2memory 2throughput"
    verdict the_report_has_the_plots_in_itself test "$(grep -o 'src="data:image/svg+xml;base64,' "$made/report.html" | wc -l)" -eq 6
else
    skip all_plots_are_drawn_twice "gnuplot is missing"
    skip the_report_has_the_plots_in_itself "gnuplot is missing"
fi
verdict the_report_needs_nothing_from_elsewhere test -z "$(grep -oE '(src|href)="(https?:)?//[^"]*"' "$made/report.html")"
links_lead_somewhere() {
    local link
    for link in $(grep -oE 'href="[^"]*"' "$made/report.html" | sed 's/href="\(.*\)"/\1/' | sort -u); do
        [ -e "$made/$link" ] || return 1
    done
}
verdict its_links_lead_somewhere links_lead_somewhere

# --- Against an older one ---

cp -r "$made" "$work/old"
compare 500 --rounds 2 --only one,two --against "$work/old" \
    --also "one=$program \"\$1\" rests 30000" --also "two=$program \"\$1\" rests 20001"
verdict it_compares_with_an_older_one ended 0
verdict what_has_changed_is_shown grep -q "one, latency_median: 30.5 µs, was 10.5 µs (+190" "$work/out"
verdict what_is_the_same_is_not test -z "$(grep "two, latency_median" "$work/out")"
verdict all_changes_are_in_a_file grep -qE '^two,latency_median,,ns,([0-9.]+),\1,0.00,none$' "$made/changes.csv"
verdict and_in_the_report grep -q "What has changed" "$made/report.html"
compare 100 --only two --against "$work/old" --also "two=$program \"\$1\" rests 20001"
verdict another_amount_of_work_is_cautioned_about says "there were 500 iterations then and 100 now"
one rests 10 --against "$work"
verdict a_folder_without_a_summary_is_refused ended 1
verdict and_the_file_is_named tells "$work/summary.json is not the summary of a comparison"
verdict and_nothing_is_made test ! -e "$work/out.d"

# --- Capture ---

(cd "$work" && "$quoll" capture old) >"$work/out" 2>"$work/err"
status=$?
verdict a_comparison_can_be_captured ended 0
mkdir "$work/elsewhere"
tar xzf "$work/old.tar.gz" -C "$work/elsewhere"
verdict the_archive_has_all_of_it test -z "$(diff -rq "$work/old" "$work/elsewhere/old" | grep -v 'Only in .*: MANIFEST')"
verdict its_manifest_can_be_checked sh -c "cd '$work/elsewhere/old' && sha256sum --quiet -c MANIFEST"
verdict its_manifest_names_every_file test "$(wc -l <"$work/elsewhere/old/MANIFEST")" -eq "$(find "$work/old" -type f | wc -l)"
cp "$work/old.tar.gz" "$work/before"
"$quoll" capture "$work/old" >/dev/null 2>&1
verdict the_same_folder_makes_the_same_bytes cmp -s "$work/before" "$work/old.tar.gz"
(ulimit -f 8 && exec "$quoll" capture "$work/old") >"$work/out" 2>"$work/err"
status=$?
verdict an_archive_that_cannot_be_written_is_an_error ended 5
verdict and_the_one_before_is_left_as_it_was cmp -s "$work/before" "$work/old.tar.gz"
verdict with_nothing_half_made test ! -e "$work/old.tar.gz.partial"
machine capture "$work/elsewhere"
verdict what_is_no_comparison_is_not_captured ended 1

