#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# The example systems on the real kernel. QUOLL_SEL4_KERNEL names the 32-bit ELF of an seL4 16.0.0
# with Microkit's debug configuration (sel4_32.elf of a Microkit SDK); QEMU boots it.
# tests/system/sel4/ keeps what it printed, for machines without one:
#
#   QUOLL_SEL4_KERNEL=.../sel4_32.elf tests/system/sel4.sh --record    writes these files anew
cd "$(dirname "$0")/../.." || exit 1
sdk=build/sdk
examples="hello_world ipc_demo fault_tolerance"
seconds_max=25
work=$(mktemp -d)
qemu=
trap 'kill $qemu 2>/dev/null; rm -rf "$work"' EXIT

# From the kernel's console to what the system printed. Left out: the kernel's boot and its own
# remarks, and what depends on the compiler or the clock.
normalise() {
    tr -d '\r' | sed -E '
        1,/dropped to user space/d
        s/\x1b\[[0-9;]*m//g
        s/<<seL4\(CPU.*>>//
        s/takes [0-9]+ cycles/takes N cycles/
        s/^([a-z0-9_]+) : 0x[0-9a-f]{16}$/\1 : N/
        s/ip=0x[0-9a-f]{16}/ip=N/
        s/fault_addr=0x00007f[0-9a-f]{10}/fault_addr=N/
        /^$/d'
}

make_image() { # make_image EXAMPLE
    $sdk/bin/microkit "examples/$1/$1.system" --search-path "examples/$1/build" \
        --board x86_64_generic --config debug -o "$work/$1.img" -r "$work/$1.txt" >"$work/tool" 2>&1 ||
        { cat "$work/tool"; return 1; }
}

# boot IMAGE LINES: what it prints, until there are that many lines or the time is over.
boot() {
    : >"$work/serial"
    qemu-system-x86_64 -cpu qemu64,+fsgsbase,+pdpe1gb,+xsaveopt,+xsave -m 512M -display none \
        -monitor none -serial "file:$work/serial" -no-reboot -kernel "$QUOLL_SEL4_KERNEL" \
        -initrd "$1" </dev/null >"$work/qemu" 2>&1 &
    qemu=$!
    for ((tenths = 0; tenths < seconds_max * 10; tenths++)); do
        [ "$(normalise <"$work/serial" | wc -l)" -lt "$2" ] || break
        kill -0 $qemu 2>/dev/null || break
        sleep 0.1
    done
    sleep 0.5
    kill $qemu 2>/dev/null
    wait $qemu 2>/dev/null
    qemu=
    normalise <"$work/serial"
}

if [ "${1:-}" = --record ]; then
    for example in $examples; do
        make_image "$example" || exit 1
        { echo "# seL4 16.0.0, Microkit 2.3 debug configuration, $(qemu-system-x86_64 --version | head -1)"
          boot "$work/$example.img" 1000; } >"tests/system/sel4/$example.log"
    done
    exit
fi

n=0
for example in $examples; do
    n=$((n + 1))
    name="${example}_on_sel4_prints_what_is_kept"
    if [ -z "${QUOLL_SEL4_KERNEL:-}" ]; then
        echo "ok $n - $name # SKIP set QUOLL_SEL4_KERNEL to an seL4 kernel"
        continue
    fi
    grep -v '^#' "tests/system/sel4/$example.log" >"$work/expected"
    make_image "$example" &&
        boot "$work/$example.img" "$(wc -l <"$work/expected")" >"$work/printed" &&
        diff "$work/expected" "$work/printed" >"$work/difference" &&
        echo "ok $n - $name" || { echo "not ok $n - $name"; cat "$work/difference" "$work/qemu"; }
done 2>&1
