#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# What examples do beyond the tests beside them: a PD too many, and more typed than fits anywhere.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness

sed 's/^last=63$/last=64/' examples/sixty_three_pds/generate | sh >"$work/64.system"
machine run --search-path examples/sixty_three_pds/build "$work/64.system"
verdict a_sixty_fourth_pd_is_refused tells "too many protection domains (64) defined. Maximum is 63."

seq 1 3000 >"$work/typed"
cat "$work/typed" | timeout --signal=KILL 30 "$quoll" run examples/serial_driver/serial_driver.system \
    >"$work/out" 2>"$work/err"
status=$?
verdict a_serial_client_loses_nothing_when_queues_are_full \
    cmp -s <(sed 's/^/client_0> /' "$work/typed") <(grep "^client_0>" "$work/out")
verdict and_comes_to_rest_when_its_input_ends ended 0
