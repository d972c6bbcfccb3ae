#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# Drivers in protection domains: the serial port and the timer, by I/O ports and interrupts.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness

program echo && program ticker || exit 1
cat >"$work/echo.system" <<'XML'
<system>
    <protection_domain name="echo" priority="100">
        <program_image path="echo.elf" />
        <ioport id="0" addr="0x3f8" size="8" />
        <irq id="1" pin="4" vector="4" trigger="edge" />
    </protection_domain>
</system>
XML
cat >"$work/ticker.system" <<'XML'
<system>
    <protection_domain name="ticker" priority="100">
        <program_image path="ticker.elf" />
        <ioport id="0" addr="0x40" size="4" />
        <irq id="1" pin="2" vector="2" trigger="edge" />
    </protection_domain>
</system>
XML

echo "hello, serial port" | timeout --signal=KILL 30 "$quoll" run "$work/echo.system" \
    >"$work/out" 2>"$work/err"
status=$?
verdict a_driver_receives_standard_input says "HELLO, SERIAL PORT"
verdict the_end_of_input_brings_it_to_rest ended 0

seq 1 2000 | timeout --signal=KILL 30 "$quoll" run "$work/echo.system" >"$work/out" 2>"$work/err"
verdict none_of_much_input_is_lost cmp -s <(seq 1 2000) <(tail -n 2000 "$work/out")

machine run "$work/ticker.system"
verdict a_timer_ticks_three_times_and_then_the_system_rests \
    [ "$(grep -cx tick "$work/out")" -eq 3 -a "$status" -eq 0 ]
