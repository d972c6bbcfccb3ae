#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# The arrows of docs/architecture.md: a folder includes headers only of the folders that its
# module.mk names in USES, and kernel/ needs nothing from outside but the mem* that a compiler emits.
cd "$(dirname "$0")/.." || exit 1
n=0
verdict() { # verdict STATUS NAME DETAILS
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; echo "$3"; fi
}

for module in abi kernel platform machine microkit sdk compare cli; do
    uses=abi
    [ -f $module/module.mk ] && uses=$(sed -n 's/^USES *:= *//p' $module/module.mk | sed 's/#.*//')
    allowed=$(echo "$module $uses" | tr -s ' ' '\n' | paste -sd'|')
    wrong=$(grep -rnE '^#include "' --include='*.[chS]' $module |
        grep -E '#include "(abi|kernel|platform|machine|microkit|sdk|compare|cli|tests)/' |
        grep -vE "#include \"($allowed)/")
    [ -z "$wrong" ]
    verdict $? "${module}_includes_only_what_stands_below_it" "$wrong"
done

hosted=$(grep -rnE '^#include <' --include='*.[ch]' abi kernel |
    grep -vE '<(stdbool|stddef|stdint)\.h>')
[ -z "$hosted" ]
verdict $? "abi_and_kernel_take_only_freestanding_headers" "$hosted"

# What the two products of the kernel share knows neither of them.
wrong=$(grep -nE '^#include "kernel/(mcs|classic)/' kernel/*.[ch] kernel/x86/*.[ch]
    grep -nE '^#include "kernel/classic/' kernel/mcs/*.[ch]
    grep -nE '^#include "kernel/mcs/' kernel/classic/*.[ch])
[ -z "$wrong" ]
verdict $? "what_both_kernels_share_includes_neither_and_they_not_each_other" "$wrong"

undefined=$(ld -r --whole-archive build/libkernel.a -o build/kernel-whole.o &&
    nm --undefined-only build/kernel-whole.o | awk '{print $2}' |
    grep -vE '^(memcpy|memmove|memset|memcmp)$')
[ -z "$undefined" ]
verdict $? "kernel_has_no_undefined_symbol_but_four_mem_functions" "$undefined"

shown=$(nm --defined-only --extern-only build/obj/kernel/mcs.o build/obj/kernel/classic.o |
    awk 'NF == 3 {print $3}' | paste -sd' ')
[ "$shown" = "kernel_mcs kernel_classic" ]
verdict $? "each_kernel_shows_nothing_but_its_table" "$shown"

# Constants that hold addresses are in .data.rel.ro, which is no variable.
globals=$(objdump -t build/kernel-whole.o | awk '/ O /' | grep -vE '[[:space:]]\.(rodata|data\.rel\.ro)')
[ -z "$globals" ]
verdict $? "kernel_has_no_writable_global" "$globals"
[ "$n" -gt 0 ]
