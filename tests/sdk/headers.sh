#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# What users compile against compiles: every header alone, in C and in C++, with gcc and with clang,
# and in configurations that turn on what the default ones do not have; and the layouts are right.
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
include=build/sdk/board/x86_64_generic/debug/include
warnings='-Wall -Wextra -Werror -fsyntax-only -ffreestanding'
n=0
verdict() { # verdict STATUS NAME: the details are in $work/errors
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else
        echo "not ok $n - $2"
        grep -E 'error|warning' "$work/errors" | head -20
    fi
}

# One file for each header of users', and for those of abi/, which are C, in C alone.
for header in $(cd $include && find . -name '*.h' | sed 's|^\./||'); do
    file=$work/$(echo "$header" | tr / _)
    echo "#include <$header>" >"$file.c"
    case $header in abi/*) ;; *) cp "$file.c" "$file.cc" ;; esac
done

each_header_alone() { # each_header_alone SUFFIX COMPILER FLAGS...
    suffix=$1 && shift
    ls "$work"/*."$suffix" | xargs -P"$(nproc)" -n1 "$@" $warnings -I$include >"$work/errors" 2>&1
}
each_header_alone c gcc -std=c11 -Wshadow -Wstrict-prototypes
verdict $? every_header_compiles_alone_with_gcc
each_header_alone c clang -std=c11 -Wshadow -Wstrict-prototypes
verdict $? every_header_compiles_alone_with_clang
each_header_alone cc g++ -std=c++14
verdict $? every_header_compiles_alone_with_gxx
each_header_alone cc clang++ -std=c++14
verdict $? every_header_compiles_alone_with_clangxx

with_options() { # with_options NAME [OPTION=VALUE...]: all headers at once, in a configuration
    name=$1 && shift
    rm -rf "$work/include" && mkdir -p "$work/include/kernel" "$work/include/sel4"
    sdk/config/generate sdk/config/kernel.options debug h "$@" >"$work/include/kernel/gen_config.h"
    sdk/config/generate sdk/config/libsel4.options debug h LIB_SEL4_USE_THREAD_LOCALS=on \
        >"$work/include/sel4/gen_config.h"
    for compiler in gcc clang; do
        $compiler -std=gnu11 $warnings -I"$work/include" -Isdk/include -Isdk/libmicrokit/include \
            -I. tests/sdk/headers/everything.c || return 1
    done >"$work/errors" 2>&1
}
with_options classic KERNEL_MCS=off HARDWARE_DEBUG_API=off IOMMU=off SET_TLS_BASE_SELF=on
verdict $? headers_compile_for_the_classic_kernel
with_options vtx VTX=on X86_64_VTX_64BIT_GUESTS=on
verdict $? headers_compile_for_a_kernel_with_virtual_processors
with_options benchmark ENABLE_BENCHMARKS=on BENCHMARK_TRACK_UTILISATION=on \
    KERNEL_X86_DANGEROUS_MSR=on DANGEROUS_CODE_INJECTION=on ENABLE_SMP_SUPPORT=on \
    KERNEL_INVOCATION_REPORT_ERROR_IPC=on BENCHMARK_TRACK_KERNEL_ENTRIES=on \
    BENCHMARK_TRACEPOINTS=on SET_TLS_BASE_SELF=on
verdict $? headers_compile_for_a_kernel_with_benchmarks

gcc -std=c11 $warnings -I$include tests/sdk/headers/layout.c >"$work/errors" 2>&1
verdict $? layouts_are_those_of_the_abi
echo '#include <sel4/sel4.h>' | gcc -nostdinc $warnings -I$include -x c - >"$work/errors" 2>&1
verdict $? libsel4_needs_no_other_header
for compiler in gcc clang; do
    $compiler -std=gnu11 $warnings -I$include tests/sdk/headers/usage.c >"$work/errors" 2>&1
    verdict $? "programs_in_upstreams_manner_compile_with_$compiler"
done
