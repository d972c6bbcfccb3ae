#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# The invocation labels of three configurations are the numbers that those kernels use.
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
n=0

labels_are() { # labels_are CONFIGURATION [OPTION=VALUE...]: compiles an assert for each label
    configuration=$1 && shift
    n=$((n + 1))
    include=$work/$configuration
    mkdir -p "$include/kernel" "$include/sel4"
    sdk/config/generate sdk/config/kernel.options debug h "$@" >"$include/kernel/gen_config.h"
    sdk/config/generate sdk/config/libsel4.options debug h >"$include/sel4/gen_config.h"
    {
        echo '#include <sel4/invocation.h>'
        awk '!/^#/ && NF { printf "_Static_assert(%s == %s, \"%s\");\n", $1, $2, $1 }' \
            "tests/sdk/labels/$configuration"
    } >"$include/labels.c"
    asserts=$(grep -c _Static_assert "$include/labels.c")
    if [ "$asserts" -gt 50 ] &&
        gcc -fsyntax-only -I"$include" -Isdk/include -I. "$include/labels.c" 2>"$work/errors"; then
        echo "ok $n - labels_of_${configuration}_are_its_kernels"
    else
        echo "not ok $n - labels_of_${configuration}_are_its_kernels"
        grep error "$work/errors" | head -20
    fi
}

labels_are microkit_debug
labels_are sel4test_mcs HARDWARE_DEBUG_API=off IOMMU=off
labels_are sel4test_classic KERNEL_MCS=off HARDWARE_DEBUG_API=off IOMMU=off
