#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# A person at a terminal: keys reach the serial port's driver as they are typed, Ctrl-A X leaves.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness

program looker || exit 1
cat >"$work/looker.system" <<'XML'
<system>
    <protection_domain name="looker" priority="100">
        <program_image path="looker.elf" />
        <ioport id="0" addr="0x3f8" size="8" />
    </protection_domain>
</system>
XML
serial=examples/serial_driver/serial_driver.system

# sit SYSTEM LINE OPTIONS: quoll at a terminal of its own, until it says LINE. What is written to file
# descriptor 3 is typed there; $work/out has what stands on its screen.
sit() {
    local system=$1 line=$2
    shift 2
    rm -f "$work/keys" "$work/status" "$work/after"
    mkfifo "$work/keys"
    : >"$work/out" >"$work/err"
    # The shell has its background jobs ignore SIGINT, and quoll respects that. And some shells end with their
    # child at Ctrl-C, before they have told its status.
    SHELL=/bin/bash env --default-signal=INT script -qfc "stty sane; stty -a >$work/before; $quoll run $* $system; echo \$? >$work/status; stty -a >$work/after" \
        /dev/null <"$work/keys" >"$work/out" 2>"$work/err" &
    pid=$!
    exec 3>"$work/keys"
    await says "$line"
}

type_keys() { printf "$1" >&3; }

# leave: the machine has ended, or is made to after a while.
leave() {
    for _ in $(seq 100); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.05
    done
    kill "$pid" 2>/dev/null
    wait "$pid"
    status=$(cat "$work/status" || echo 255)
    exec 3>&-
}

sit $serial "client_1 waits"
type_keys 'mn'
await says "client_0> mn"
verdict a_key_reaches_the_driver_as_it_is_typed says "client_0> mn"
verdict a_key_is_not_echoed_by_the_terminal [ "$(grep -c mn "$work/out")" -eq 1 ]
type_keys '\rc\r'
await says "client_0> c"
verdict enter_is_a_carriage_return says "client_0> c"
type_keys '\001\001\026\023\021d\r'
await says d
verdict a_control_a_typed_twice_and_other_control_keys_reach_the_driver \
    grep -qP 'client_0> \x01\x16\x13\x11d' "$work/out"
type_keys '\001ze\r'
await says "client_0> e"
verdict what_else_follows_a_control_a_is_dropped says "client_0> e"
type_keys '\001x'
leave
verdict control_a_x_ends_the_machine_with_0 ended 0
verdict control_a_x_is_told says "quoll: ended by Ctrl-A X"
verdict the_terminal_is_put_back cmp "$work/before" "$work/after"

sit $serial "client_1 waits"
type_keys 'a'
await says "client_0> a"
type_keys '\003'
leave
verdict control_c_ends_the_machine_with_130 ended 130

sit $serial "client_1 waits" --serial raw
type_keys 'a\003\032b'
await says b
verdict in_raw_mode_control_c_and_control_z_reach_the_driver \
    grep -qP 'client_0> a\x03\x1ab' "$work/out"
type_keys '\001X'
leave
verdict in_raw_mode_control_a_x_ends_the_machine ended 0
verdict after_raw_mode_the_terminal_is_put_back cmp "$work/before" "$work/after"

sit "$work/looker.system" "ends it." --serial raw
verdict a_raw_terminal_at_rest_is_told_how_to_leave says "quoll: Ctrl-A X ends it."
type_keys '\001x'
leave
verdict control_a_x_ends_a_machine_at_rest ended 0

printf 'a\001xb\n' >"$work/typed"
timeout --signal=KILL 30 "$quoll" run $serial \
    <"$work/typed" >"$work/out" 2>"$work/err"
status=$?
verdict control_a_x_means_nothing_in_a_file grep -qP 'client_0> a\x01xb' "$work/out"
