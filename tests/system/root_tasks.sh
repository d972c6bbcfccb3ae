#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# Root tasks that ask the kernel questions, on Quoll and on the real kernel: both give the same
# answers. tests/system/root_tasks/ keeps what the real kernel answered, so that Quoll is compared
# with it always.
#
# QUOLL_SEL4_KERNEL names the 32-bit ELF of an seL4 16.0.0 with Microkit's debug configuration
# (sel4_32.elf of a Microkit SDK). With it QEMU boots the same ELFs as well.
#
#   QUOLL_SEL4_KERNEL=.../sel4_32.elf tests/system/root_tasks.sh --record    writes the logs anew
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness
folder=tests/system/root_tasks
seconds_max=30
if [ "${1:-}" = --record ] && [ ! -r "${QUOLL_SEL4_KERNEL:-}" ]; then
    echo "$0: --record needs QUOLL_SEL4_KERNEL, the ELF of an seL4 kernel" >&2
    exit 2
fi

make_root_task() { # make_root_task NAME
    gcc -nostdlib -ffreestanding -fno-pie -fno-stack-protector -g -O2 -Wall -Werror \
        -I"$sdk/include" -c "$folder/$1.c" -o "$work/$1.o" &&
        ld -L"$sdk/lib" "$work/$1.o" -lroottask -Troottask.ld -o "$work/$1.elf"
}

# The answers alone: a real kernel puts its remarks between them.
answers() {
    tr -d '\r' | sed -E 's/\x1b\[[0-9;]*m//g' | sed -n '/^BEGIN$/,/^END$/p' | grep -v "<<seL4"
}

boot_sel4() { # boot_sel4 NAME: into $work/serial, until it says END
    : >"$work/serial"
    qemu-system-x86_64 -cpu qemu64,+fsgsbase,+pdpe1gb,+xsaveopt,+xsave -m 512M -display none \
        -monitor none -serial "file:$work/serial" -no-reboot -kernel "$QUOLL_SEL4_KERNEL" \
        -initrd "$work/$1.elf" </dev/null >"$work/err" 2>&1 &
    local qemu=$!
    for ((tenths = 0; tenths < seconds_max * 10; tenths++)); do
        ! grep -q '^END' "$work/serial" || break
        kill -0 $qemu 2>/dev/null || break
        sleep 0.1
    done
    kill $qemu 2>/dev/null
    wait $qemu 2>/dev/null
}

for source in "$folder"/*.c; do
    name=$(basename "$source" .c)
    log=$folder/$name.log
    make_root_task "$name" || exit 1
    if [ "${1:-}" = --record ]; then
        boot_sel4 "$name"
        { echo "# seL4 16.0.0, Microkit 2.3 debug configuration, $(qemu-system-x86_64 --version | head -1)"
          answers <"$work/serial"; } >"$log"
        continue
    fi
    grep -v '^#' "$log" >"$work/expected"

    machine boot --timeout $seconds_max "$work/$name.elf"
    answers <"$work/out" >"$work/answers"
    diff "$work/expected" "$work/answers" >"$work/out" # for people, when they differ
    verdict "${name}_on_quoll_is_answered_as_on_sel4" [ -s "$work/expected" -a ! -s "$work/out" ]

    if [ -z "${QUOLL_SEL4_KERNEL:-}" ]; then
        skip "${name}_on_sel4_is_answered_as_kept" "set QUOLL_SEL4_KERNEL to an seL4 kernel"
        continue
    fi
    boot_sel4 "$name"
    answers <"$work/serial" >"$work/answers"
    diff "$work/expected" "$work/answers" >"$work/out"
    verdict "${name}_on_sel4_is_answered_as_kept" [ -s "$work/expected" -a ! -s "$work/out" ]
done
