#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# The example systems, and those of tests/system/sel4/, on Quoll and on the real kernel: the same image
# prints the same lines. That folder keeps what the real kernel printed, so that Quoll is compared
# with it always.
#
# QUOLL_SEL4_KERNEL names the 32-bit ELF of an seL4 16.0.0 with Microkit's debug configuration
# (sel4_32.elf of a Microkit SDK). With it QEMU boots the images as well.
#
#   QUOLL_SEL4_KERNEL=.../sel4_32.elf tests/system/sel4.sh --record [SYSTEM...]
#
# writes these files anew.
cd "$(dirname "$0")/../.." || exit 1
sdk=build/sdk
board=$sdk/board/x86_64_generic/debug
systems="hello_world ipc_demo fault_tolerance hierarchy passive_server cap_sharing domains prefill
    bootinfo setvar clean_restart start_order family faults memory restart"
seconds_max=25
work=$(mktemp -d)
qemu=
trap 'kill $qemu 2>/dev/null; rm -rf "$work"' EXIT

# What the system itself printed. Left out: the kernel's remarks, and what depends on the compiler
# or the clock.
normalise() {
    tr -d '\r' | sed -E '
        s/\x1b\[[0-9;]*m//g
        s/<<seL4\(CPU.*>>//
        s/^(0x[0-9a-f]{16})MON/\1\nMON/
        s/takes [0-9]+ cycles/takes N cycles/
        s/^([a-z0-9_]+) : 0x[0-9a-f]{16}$/\1 : N/
        s/ip=0x[0-9a-f]{16}/ip=N/
        s/fault_addr=0x00007f[0-9a-f]{10}/fault_addr=N/
        /^$/d'
}

# The same of a real kernel's console, which starts with its boot.
normalise_sel4() {
    sed '1,/dropped to user space/d' | normalise
}

# The programs of tests/system/sel4, and the file that one of them wants to see.
make_programs() {
    for source in tests/system/sel4/*.c; do
        program=$work/$(basename "$source" .c)
        ${CC:-cc} -nostdlib -ffreestanding -fno-pic -g -O2 -I$board/include -c "$source" -o "$program.o" &&
            ld -L$board/lib "$program.o" -lmicrokit -Tmicrokit.ld -o "$program.elf" || return 1
    done
    for letter in a b c; do
        head -c 4096 /dev/zero | tr '\0' $letter
    done >"$work/prefill.bin"
}

make_image() { # make_image SYSTEM
    folder=examples/$1
    [ -d "$folder" ] || folder=tests/system/sel4
    $sdk/bin/microkit "$folder/$1.system" --search-path "$folder/build" "$folder" "$work" \
        --board x86_64_generic --config debug -o "$work/$1.img" -r "$work/$1.txt"
}

# boot IMAGE LINES: what it prints, until there are that many lines or the time is over.
boot() {
    : >"$work/serial"
    qemu-system-x86_64 -cpu qemu64,+fsgsbase,+pdpe1gb,+xsaveopt,+xsave -m 512M -display none \
        -monitor none -serial "file:$work/serial" -no-reboot -kernel "$QUOLL_SEL4_KERNEL" \
        -initrd "$1" </dev/null >"$work/qemu" 2>&1 &
    qemu=$!
    for ((tenths = 0; tenths < seconds_max * 10; tenths++)); do
        [ "$(normalise_sel4 <"$work/serial" | wc -l)" -lt "$2" ] || break
        kill -0 $qemu 2>/dev/null || break
        sleep 0.1
    done
    sleep 0.5
    kill $qemu 2>/dev/null
    wait $qemu 2>/dev/null
    qemu=
    normalise_sel4 <"$work/serial"
}

make_programs >"$work/said" 2>&1 || { cat "$work/said"; exit 1; }

if [ "${1:-}" = --record ]; then
    shift
    : "${QUOLL_SEL4_KERNEL:?names the kernel to record}"
    [ $# -eq 0 ] || systems=$*
    for system in $systems; do
        make_image "$system" >"$work/said" 2>&1 || { cat "$work/said"; exit 1; }
        { echo "# seL4 16.0.0, Microkit 2.3 debug configuration, $(qemu-system-x86_64 --version | head -1)"
          boot "$work/$system.img" 1000; } >"tests/system/sel4/$system.log"
    done
    exit
fi

n=0
# verdict NAME: "$work/printed" is "$work/expected"; if not, shows the difference and what was said.
verdict() {
    n=$((n + 1))
    if diff "$work/expected" "$work/printed" >"$work/difference"; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        cat "$work/difference" "$work/said"
    fi
}

for system in $systems; do
    : >"$work/printed"
    grep -v '^#' "tests/system/sel4/$system.log" >"$work/expected"
    if make_image "$system" >"$work/said" 2>&1; then
        build/quoll run --exit-when-idle --timeout $seconds_max "$work/$system.img" \
            2>"$work/said" </dev/null | normalise >"$work/printed"
    fi
    verdict "${system}_on_quoll_prints_what_it_printed_on_sel4"

    name="${system}_on_sel4_prints_what_is_kept"
    if [ -z "${QUOLL_SEL4_KERNEL:-}" ]; then
        n=$((n + 1))
        echo "ok $n - $name # SKIP set QUOLL_SEL4_KERNEL to an seL4 kernel"
        continue
    fi
    boot "$work/$system.img" "$(wc -l <"$work/expected")" >"$work/printed"
    cp "$work/qemu" "$work/said"
    verdict "$name"
done
