#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# gen_config.h and .json are what build systems and tools expect to find.
cd "$(dirname "$0")/../.." || exit 1
n=0
verdict() {
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi
}
board=build/sdk/board/x86_64_generic

for config in debug release; do
    header=$board/$config/include/kernel/gen_config.h
    # As the Makefiles of upstream's examples find the architecture.
    arch=$(grep 'CONFIG_SEL4_ARCH  ' $header | cut -d' ' -f4)
    [ "$arch" = x86_64 ]
    verdict $? "${config}_names_its_architecture_where_makefiles_look"

    # Both files say the same of every option.
    sed -n 's/^#define CONFIG_\([A-Z0-9_]*\)  1$/\1 true/p; s/^#define CONFIG_\([A-Z0-9_]*\)  \(.*\)$/\1 \2/p
        s/^.* disabled: CONFIG_\([A-Z0-9_]*\) .*$/\1 false/p' $header | sort >build/config.h.list
    sed -n 's/^    "\(.*\)": "\(.*\)",*$/\1 \2/p; s/^    "\(.*\)": \([a-z]*\),*$/\1 \2/p' \
        ${header%.h}.json | sed 's/ 1$/ true/' | sort >build/config.json.list
    [ "$(wc -l <build/config.h.list)" -gt 150 ] && cmp -s build/config.h.list build/config.json.list
    verdict $? "${config}_header_and_json_agree"
done

grep -q '^#define CONFIG_PRINTING  1$' $board/debug/include/kernel/gen_config.h &&
    grep -q 'disabled: CONFIG_PRINTING ' $board/release/include/kernel/gen_config.h
verdict $? only_debug_kernels_print

# {"UntypedRetype": 1, ...}: what tools read has the labels that programs are compiled with.
tr -d '{}",' <$board/debug/invocations_all.json | tr ' ' '\n' | paste -d' ' - - | tr -d : |
    sort >build/config.json.list
awk '!/^#/ && NF && !/^Invalid|^n.*Labels/ { print $1, $2 }' tests/sdk/labels/microkit_debug |
    sort >build/config.h.list
[ "$(wc -l <build/config.h.list)" -gt 50 ] && cmp -s build/config.h.list build/config.json.list
verdict $? the_table_of_invocations_has_the_labels

message=$(sdk/config/generate sdk/config/kernel.options benchmark h 2>&1)
[ $? -ne 0 ] && [ "$message" = "generate: unknown configuration 'benchmark': choose debug or release" ]
verdict $? an_unknown_configuration_is_refused

message=$(sdk/config/generate sdk/config/kernel.options debug h NO_SUCH=on 2>&1 >/dev/null)
[ $? -ne 0 ] && [ "$message" = "generate: there is no option 'NO_SUCH' in sdk/config/kernel.options" ]
verdict $? a_value_for_an_unknown_option_is_refused
