#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# quoll check --arch, --board, --smp and --json: descriptions for other boards. What is found in them is
# tested in tests/microkit/obstacle.c.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness
arm=tests/microkit/accepted/aarch64.system
riscv=tests/microkit/accepted/riscv64.system

lists() { grep -qE "^$1\$" "$work/out"; } # lists PATTERN: it matches a line of the output

machine check --arch aarch64 $arm
verdict a_description_for_aarch64_is_right_as_such ended 0
verdict it_is_said_what_was_checked_and_for_which_board says \
    "$arm: 3 protection domains, 1 channel, 3 memory regions: no errors, for qemu_virt_aarch64"
verdict and_what_was_not says "Only the description was checked, not its programs."
verdict an_obstacle_has_its_place_in_the_file lists \
    "$arm:6:5: memory region 'uart' has registers of a serial port \(PL011\), .*: .*examples/serial_driver"
verdict each_of_them_is_a_line [ "$(grep -cE "^$arm:[0-9]+:[0-9]+: " "$work/out")" -eq 7 ]
verdict what_is_no_obstacle_is_a_note lists "$arm:13:9: note: .* is uncached memory: .*"
verdict device_drivers_are_named lists "Device drivers: 'driver' \(driver.elf\), of a serial port"

machine check --quiet --arch aarch64 $arm
verdict quiet_leaves_the_obstacles [ "$(grep -vcE "^$arm:[0-9]+:[0-9]+: " "$work/out")" -eq 0 ]
machine check --arch riscv64 $riscv
verdict a_description_for_riscv64_is_right_as_such says "no errors, for qemu_virt_riscv64"
machine check --arch aarch64 examples/ipc_demo/ipc_demo.system
verdict where_nothing_is_in_the_way_it_says_so says "Nothing stands in the way of x86_64_generic."
machine check $arm
verdict without_the_option_it_is_for_x86_64 ended 1
verdict and_refused_in_upstreams_words tells \
    "ARM SMC forwarding support is not available for this architecture"

verdict with_what_it_is_right_for tells "quoll: for qemu_virt_aarch64 it is right."
verdict and_how_to_go_on tells "quoll check --arch aarch64 $arm"
machine run $riscv
verdict run_says_so_too tells "quoll check --arch riscv64 $riscv"
machine check tests/microkit/pd_lacks_name.system
verdict what_is_right_for_no_board_is_only_refused [ "$(grep -c 'it is right' "$work/err")" -eq 0 ]

machine check --arch riscv64 $arm
verdict what_is_wrong_for_its_board_is_an_error ended 1
verdict then_nothing_is_listed test ! -s "$work/out"

cat >"$work/two.system" <<'END'
<system>
    <memory_region name="regs" size="0x1000" phys_addr="0xff803000" />
    <protection_domain name="driver">
        <program_image path="driver.elf" />
        <map mr="regs" vaddr="0x4000000" />
        <irq id="0" irq="225" />
    </protection_domain>
    <protection_domain name="other" cpu="1">
        <program_image path="other.elf" />
    </protection_domain>
</system>
END
machine check --board odroidc4 "$work/two.system"
verdict a_board_has_one_core ended 1
verdict and_says_so tells "Error: cpu core must be less than 1, got 1 on element 'protection_domain'"
verdict with_what_would_do tells "quoll: for an smp- configuration of odroidc4 it is right: add --smp"
machine check --board odroidc4 --smp "$work/two.system"
verdict an_smp_configuration_has_more ended 0
verdict and_quoll_has_one says "'other' (other.elf) is on core 1: Quoll has one core"
machine check --arch aarch64 --smp "$work/two.system"
verdict devices_of_any_board_are_known says "(Meson UART)"
verdict and_tell_the_board says "By their addresses its devices are those of odroidc4."
machine check --board qemu_virt_aarch64 --smp "$work/two.system"
verdict with_a_board_only_its_own_are says "registers of a device that is not known here"

is() { jq -e "$1" "$work/out" >/dev/null; } # is FILTER: it is true of the JSON that was printed
machine check --board qemu_virt_aarch64 --json $arm
verdict json_names_board_and_architecture is \
    '.board == "qemu_virt_aarch64" and .arch == "aarch64" and .valid and .protection_domains == 3'
verdict json_has_each_obstacle is '.obstacles | length == 7'
verdict with_its_place_and_kind is '.obstacles[0] | .line == 6 and .column == 5 and .kind == "device"
    and .device == "serial" and .blocks and (.what | contains("PL011")) and (.instead | length > 0)'
verdict json_names_drivers is '.drivers == [{protection_domain: "driver", program_image: "driver.elf",
    device: "serial"}]'
verdict and_whether_it_blocks is '[.obstacles[] | select(.blocks | not).kind] == ["uncached"]'
machine check --arch aarch64 --smp --json "$work/two.system"
verdict json_has_the_board_that_devices_tell is '.likely_board == "odroidc4"'
machine check --arch riscv64 --json $arm
verdict json_has_errors_too is '.valid == false and (.errors[0] | startswith("ARM SMC forwarding"))'
verdict with_the_same_status ended 1
verdict and_nothing_for_a_person test ! -s "$work/err"

machine check --arch arm $arm
verdict an_unknown_architecture_is_refused ended 2
verdict with_those_that_there_are tells "--arch arm: it takes x86_64, aarch64 or riscv64"
machine check --board zcu103 $arm
verdict an_unknown_board_is_refused ended 2
verdict with_the_most_similar tells "Did you mean zcu102?"
machine check --board 'no such thing' $arm
verdict or_with_them_all tells "serengeti, star64."
machine check --arch riscv64 --board odroidc4 $arm
verdict a_board_of_another_architecture_is_refused ended 2
verdict because_of_its_own tells "--board odroidc4 is an aarch64 board, not one of --arch riscv64"
machine check --board ariane --smp $riscv
verdict a_board_without_smp_is_refused ended 2
machine check --json $arm
verdict json_goes_with_a_board ended 2
machine check --arch aarch64 examples/hello_world/build/hello.elf
verdict a_program_is_no_description tells "hello.elf is no system description"
verdict which_is_an_error ended 1
machine check --arch aarch64 "$work/nowhere.system"
verdict a_missing_file_is_an_error ended 1
verdict and_is_named tells "nowhere.system: No such file or directory"
timeout 30 "$quoll" check --arch aarch64 $arm >/dev/full 2>"$work/err"
status=$?
verdict output_that_cannot_be_written_is_a_failure ended 5
verdict and_told tells "cannot write to standard output: No space left on device"
