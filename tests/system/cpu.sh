#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# A CPU of the machine's own: what root tasks and protection domains find in CPUID.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness
folder=tests/system/cpu

program vendor || exit 1
gcc -nostdlib -ffreestanding -fno-pie -fno-stack-protector -g -O2 -Wall -Werror -I"$sdk/include" \
    -c $folder/root.c -o "$work/root.o" &&
    ld -L"$sdk/lib" "$work/root.o" -lroottask -Troottask.ld -o "$work/root.elf" || exit 1
cat >"$work/vendor.system" <<'XML'
<system>
    <protection_domain name="vendor" priority="100"><program_image path="vendor.elf" /></protection_domain>
</system>
XML
host=$(sed -n 's/^vendor_id[[:space:]]*: //p' /proc/cpuinfo | head -1)

for options in "" --no-rewrite "--time virtual"; do
    how=$(tr -cd a-z_ <<<"${options// /_}")
    machine boot --timeout 20 $options --cpu haswell "$work/root.elf"
    verdict "a_root_task_finds_the_cpu_that_was_asked_for${how:+_$how}" says "CPU: GenuineIntel, rdtscp"
    verdict "rdtscp_and_rdtsc_read_the_same_clock${how:+_$how}" says "rdtscp is between two rdtsc"
done
machine boot --timeout 20 "$work/root.elf"
verdict a_root_task_finds_the_hosts_by_default says "CPU: $host"
machine boot --timeout 20 --cpu host "$work/root.elf"
verdict and_when_it_is_named says "CPU: $host"

machine run --timeout 20 --cpu haswell "$work/vendor.system"
verdict a_protection_domain_finds_the_cpu_that_was_asked_for says "CPU: GenuineIntel"
machine run --timeout 20 "$work/vendor.system"
verdict a_protection_domain_finds_the_hosts_by_default says "CPU: $host"

machine boot --cpu 8086 "$work/root.elf"
verdict an_unknown_cpu_is_refused ended 2
verdict and_the_known_ones_are_listed tells "It can be host or haswell."
echo "1..$tests_run"
