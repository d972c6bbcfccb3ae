#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# A root task that asks the classic kernel questions, on Quoll and on the real kernel: both give the
# same answers. tests/system/classic/answers.log keeps what the real kernel answered.
#
# QUOLL_SEL4_CLASSIC_KERNEL names the 32-bit ELF of a classic seL4 16.0.0 with the options of
# sel4test's simulation build. With it QEMU boots the same ELF as well.
#
#   QUOLL_SEL4_CLASSIC_KERNEL=... tests/system/classic.sh --record    writes the log anew
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness
folder=tests/system/classic
seconds_max=60
if [ "${1:-}" = --record ] && [ ! -r "${QUOLL_SEL4_CLASSIC_KERNEL:-}" ]; then
    echo "$0: --record needs QUOLL_SEL4_CLASSIC_KERNEL, the ELF of an seL4 kernel" >&2
    exit 2
fi

gcc -nostdlib -ffreestanding -fno-pie -fno-stack-protector -fcf-protection=none -mgeneral-regs-only \
    -g -O2 -Wall -Werror -I. -c "$folder/answers.c" -o "$work/answers.o" &&
    ld "$work/answers.o" -Tsdk/roottask/roottask.ld -o "$work/answers.elf" || exit 1

# The answers alone. A real kernel puts its remarks between them: about refusals, and about faults
# that nobody handles.
answers() {
    tr -d '\r' | sed -E 's/\x1b\[[0-9;]*m//g' | sed -n '/^BEGIN$/,/^END$/p' |
        grep -vE '<<seL4|^Caught |^while trying|^user exception|^in thread|^With stack|^0x[0-9a-f]+:'
}

boot_sel4() { # into $work/serial, until it says END
    : >"$work/serial"
    qemu-system-x86_64 -cpu Nehalem,-vme,+pdpe1gb,-xsave,-fsgsbase,-invpcid,+syscall,+lm -m 512M \
        -display none -monitor none -serial "file:$work/serial" -no-reboot \
        -kernel "$QUOLL_SEL4_CLASSIC_KERNEL" -initrd "$work/answers.elf" \
        </dev/null >"$work/err" 2>&1 &
    local qemu=$!
    for ((tenths = 0; tenths < seconds_max * 10; tenths++)); do
        ! grep -q '^END' "$work/serial" || break
        kill -0 $qemu 2>/dev/null || break
        sleep 0.1
    done
    kill $qemu 2>/dev/null
    wait $qemu 2>/dev/null
}

if [ "${1:-}" = --record ]; then
    boot_sel4
    { echo "# seL4 16.0.0, sel4test's classic simulation configuration, $(qemu-system-x86_64 --version | head -1)"
      answers <"$work/serial"; } >"$folder/answers.log"
    exit
fi
grep -v '^#' "$folder/answers.log" >"$work/expected"

machine boot --kernel sel4test-classic --timeout $seconds_max "$work/answers.elf"
answers <"$work/out" >"$work/answers"
diff "$work/expected" "$work/answers" >"$work/out" # for people, when they differ
verdict questions_to_the_classic_kernel_are_answered_as_on_sel4 \
    [ -s "$work/expected" -a ! -s "$work/out" ]

# What an upstream build leaves says the same as the name.
echo '{"KERNEL_MCS": false, "DEBUG_BUILD": true, "PRINTING": true, "HARDWARE_DEBUG_API": false,
       "IOMMU": false, "SET_TLS_BASE_SELF": true, "FSGSBASE_INST": false, "NUM_DOMAINS": "1",
       "NUM_DOMAIN_SCHEDULES": "2", "ROOT_CNODE_SIZE_BITS": "13", "XSAVE_SIZE": "512",
       "TIMER_TICK_MS": "2", "TIME_SLICE": "5"}' >"$work/gen_config.json"
machine boot --config "$work/gen_config.json" --timeout $seconds_max "$work/answers.elf"
answers <"$work/out" >"$work/answers"
diff "$work/expected" "$work/answers" >"$work/out"
verdict a_gen_config_of_the_classic_kernel_boots_it [ -s "$work/expected" -a ! -s "$work/out" ]

if [ -z "${QUOLL_SEL4_CLASSIC_KERNEL:-}" ]; then
    skip questions_to_sel4_are_answered_as_kept "set QUOLL_SEL4_CLASSIC_KERNEL to an seL4 kernel"
else
    boot_sel4
    answers <"$work/serial" >"$work/answers"
    diff "$work/expected" "$work/answers" >"$work/out"
    verdict questions_to_sel4_are_answered_as_kept [ -s "$work/expected" -a ! -s "$work/out" ]
fi
