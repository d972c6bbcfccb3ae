#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# What `make conformance` makes of what builds of sel4test print: here, of texts in their form.
. tests/system/harness

cat >"$work/quoll" <<'EOF'
#!/bin/bash
while [ $# -gt 1 ]; do shift; done
cat "$1"
EOF
chmod +x "$work/quoll"
printf '%s\n' 'Starting test 0: Test that there are tests' 'Starting test 1: IPC0001' 'Test IPC0001 passed' \
    'Starting test 2: VSPACE0003' 'Test suite passed. 3 tests passed. 1 tests disabled.' \
    'All is well in the universe' >"$work/good"
printf '%s\n' 'Starting test 1: IPC0001' '	Error: a != b at line 7 of file ipc.c' '	Failure: c at line 8 of file d.c' \
    'Starting test 2: IPC0002' 'Test suite failed. 1/2 tests passed.' >"$work/bad"

not_says() { ! says "$1"; }

conformance() {
    QUOLL=$work/quoll tests/conformance "$@" >"$work/out" 2>"$work/err"
    status=$?
}

conformance "sel4test=$work/good" "$work/config.json=$work/good"
verdict a_suite_that_passes_is_a_column ended 0
verdict and_shows_no_difference not_says 'First difference'
verdict a_column_is_named_for_its_configuration says '| group | sel4test | config |'
verdict groups_are_counted says '| VSPACE | 1 | 1 |'
verdict the_suites_own_tests_are_counted_apart says '2 tests and 1 about the suite itself, 0 failed'
conformance "sel4test=$work/good" "sel4test-classic=$work/bad"
verdict a_suite_that_fails_is_a_failure ended 1
verdict failed_tests_are_told_from_passed_ones says '| IPC | 1 | 1 of 2 |'
verdict the_first_difference_is_shown says 'First difference: `IPC0001: Error: a != b at line 7`'
conformance "$work/none"
verdict an_image_that_is_not_there_is_named tells "cannot read $work/none"
