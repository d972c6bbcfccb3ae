#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# A storm of IPC and thread control (tests/system/storm/storm.c) on Quoll and on the real kernel:
# the same image prints the same lines. storm.log keeps what the real kernel printed, so that Quoll
# is compared with it always.
#
# QUOLL_SEL4_KERNEL names the 32-bit ELF of an seL4 16.0.0 with Microkit's debug configuration
# (sel4_32.elf of a Microkit SDK). With it QEMU boots the image as well.
#
#   QUOLL_SEL4_KERNEL=.../sel4_32.elf tests/system/storm.sh --record    writes storm.log anew
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness
folder=tests/system/storm
seconds_max=60

# What the program itself printed, and the states of its threads. Left out: the kernel's remarks,
# seL4's idle thread, and addresses, which depend on the compiler.
normalise() {
    tr -d '\r' | sed -zE '
        s/\x1b\[[0-9;]*m//g
        s/<<seL4[^>]*>>\n//g
        s/Found thread has no fault handler[^\n]*\n[^\n]*\n[^\n]*\nWith stack:\n(0x[0-9a-f]+: [^\n]*\n)*//g
    ' | sed -E '
        /^(Dumping all tcbs|Name  |-----| *idle_thread)/d
        s/^ *([a-z]+\t) *([a-z ]+\t)0x[0-9a-f]+\t */  \1\2/
        /^Debug halt/,$d
        /^$/d'
}

boot_sel4() {
    : >"$work/serial"
    qemu-system-x86_64 -cpu qemu64,+fsgsbase,+pdpe1gb,+xsaveopt,+xsave -m 512M -display none \
        -monitor none -serial "file:$work/serial" -no-reboot -kernel "$QUOLL_SEL4_KERNEL" \
        -initrd "$work/storm.elf" </dev/null >"$work/err" 2>&1 &
    local qemu=$!
    for _ in $(seq $((seconds_max * 10))); do
        grep -q '^Debug halt' "$work/serial" && break
        kill -0 $qemu 2>/dev/null || break
        sleep 0.1
    done
    kill $qemu 2>/dev/null
    wait $qemu 2>/dev/null
    sed '1,/dropped to user space/d' "$work/serial" | normalise
}

gcc -nostdlib -ffreestanding -fno-pie -fno-stack-protector -g -O1 -Wall -Wextra -Werror \
    -march=x86-64 -mtune=generic -I"$sdk/include" -c $folder/storm.c -o "$work/storm.o" &&
    ld -L"$sdk/lib" "$work/storm.o" -lroottask -Troottask.ld -o "$work/storm.elf" || exit 1

if [ "${1:-}" = --record ]; then
    { echo "# seL4 16.0.0, Microkit 2.3 debug configuration, $(qemu-system-x86_64 --version | head -1)"
      boot_sel4; } >$folder/storm.log
    exit
fi

grep -v '^#' $folder/storm.log >"$work/expected"
same_as_kept() {
    diff "$work/expected" "$work/printed" >"$work/difference" && return
    head -n 20 "$work/difference" >"$work/out"
    return 1
}

machine boot "$work/storm.elf"
normalise <"$work/out" >"$work/printed"
verdict a_storm_of_ipc_goes_on_quoll_as_it_went_on_sel4 same_as_kept
verdict it_ends ended 0

name=a_storm_of_ipc_goes_on_sel4_as_is_kept
if [ -n "${QUOLL_SEL4_KERNEL:-}" ]; then
    boot_sel4 >"$work/printed"
    verdict $name same_as_kept
else
    skip $name "set QUOLL_SEL4_KERNEL to an seL4 kernel"
fi
