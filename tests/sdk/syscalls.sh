#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# Each `syscall` of a linked program stands between the two moves that Quoll looks for, byte by
# byte: an assembler has two ways to write `mov %rsp,%rbx`.
cd "$(dirname "$0")/../.." || exit 1
n=0
for elf in examples/*/build/*.elf; do
    n=$((n + 1))
    sites=$(objdump -d --no-show-raw-insn "$elf" | grep -c '	syscall')
    usual=$(objcopy -O binary -j .text "$elf" /dev/stdout | od -An -v -tx1 | tr -d ' \n' |
        grep -o '4889e30f054889dc' | wc -l)
    [ "$sites" -gt 0 ] && [ "$sites" -eq "$usual" ] || printf 'not '
    echo "ok $n - each_syscall_of_$(basename "$elf" .elf)_is_the_usual_eight_bytes"
done
