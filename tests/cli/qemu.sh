#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# quoll-qemu takes a command line of QEMU and runs Quoll.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness

unset QUOLL QUOLL_OPTIONS
image=$work/loader.img
build/sdk/bin/microkit examples/hierarchy/hierarchy.system --search-path examples/hierarchy/build \
    --board x86_64_generic --config debug -o "$image" -r "$work/report.txt" >"$work/out" 2>"$work/err"

# qemu OPTION...: run it without input.
qemu() {
    timeout --signal=KILL 30 build/quoll-qemu "$@" </dev/null >"$work/out" 2>"$work/err"
    status=$?
}

qemu -machine q35,kernel_irqchip=split -cpu Cascadelake-Server -m size=256M -display none \
    -nographic -serial mon:stdio -kernel sel4_32.elf -initrd "$image" -no-reboot
verdict an_image_runs_as_qemu_would_have_it says "parent: enough, the child stays down"
verdict it_ends_as_quoll_does ended 0
verdict the_machine_is_named_as_ignored tells "quoll-qemu: ignored: -machine q35,kernel_irqchip=split"
verdict what_is_so_anyway_is_not_named eval '! grep -qE "ignored.*(display|reboot|graphic)" "$work/err"'

qemu -device e1000,netdev=n0 -device e1000,netdev=n0 -netdev user,id=n0 -smp 4 -enable-kvm -initrd "$image"
verdict what_is_ignored_is_named_with_its_value tells "quoll-qemu: ignored: -device e1000,netdev=n0"
verdict and_once eval '[ "$(grep -c e1000 "$work/err")" -eq 1 ]'
verdict more_cores_are_named tells "quoll-qemu: ignored: -smp 4 (Quoll's machine has one core)"
verdict kvm_is_named tells "quoll-qemu: ignored: -enable-kvm"
verdict and_the_image_runs_all_the_same ended 0

qemu --serial "file:$work/serial.txt" -m 512 -initrd "$image"
verdict the_serial_port_goes_to_a_file grep -q "child: start 3" "$work/serial.txt"

qemu -nographic -kernel examples/roottask_hello/build/hello.elf
verdict a_kernel_without_initrd_is_a_root_task says "hello"

ln -s "$PWD/build/quoll-qemu" "$work/qemu-system-x86_64"
timeout --signal=KILL 30 "$work/qemu-system-x86_64" -initrd "$image" </dev/null >"$work/out" 2>"$work/err"
status=$?
verdict it_works_under_qemus_name ended 0

QUOLL_OPTIONS="--timeout 0.5 --kernel nonsense" qemu -initrd "$image"
verdict more_options_reach_quoll tells "nonsense"

# refuses NAME MESSAGE OPTION...
refuses() {
    local name=$1 message=$2
    shift 2
    qemu "$@"
    verdict "$name" eval 'ended 2 && tells "$message"'
}
refuses a_missing_value_is_refused "-m wants a value" -m
refuses a_size_that_is_none_is_refused "-m 5x: a size is a number" -m 5x -initrd "$image"
refuses an_unknown_option_is_refused "unknown option -frob" -frob -initrd "$image"
refuses a_disk_is_refused "'disk.img' is no option" disk.img
refuses a_missing_image_is_refused "'$work/none' does not exist" -initrd "$work/none"
refuses no_image_at_all_is_refused "no image to run" -nographic
refuses a_serial_port_on_a_socket_of_the_network_is_refused "-serial tcp:" -serial tcp::1 -initrd "$image"
refuses waiting_for_nobody_is_refused "-S without -s or -gdb" -S -initrd "$image"

# At a terminal -nographic is as in QEMU: Ctrl-C is the guest's, Ctrl-A X leaves.
serial=$work/serial.img
build/sdk/bin/microkit examples/serial_driver/serial_driver.system \
    --search-path examples/serial_driver/build --board x86_64_generic --config debug -o "$serial" \
    -r "$work/report.txt" >"$work/out" 2>"$work/err"
mkfifo "$work/keys"
script -qfc "build/quoll-qemu -nographic -initrd $serial; echo ended with \$?" /dev/null \
    <"$work/keys" >"$work/out" 2>"$work/err" &
exec 3>"$work/keys"
await says "client_1 waits"
printf '\003still here\r' >&3
await says "still here"
verdict control_c_is_the_guests_with_nographic says "still here"
printf '\001x' >&3
await says "ended with"
verdict control_a_x_leaves_with_nographic says "ended with 0"
exec 3>&-
wait

qemu -help
verdict help_has_examples says "examples:"
