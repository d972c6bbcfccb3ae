#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# Bad input: one clear message, a non-zero exit status, nothing left behind.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness

# refuses NAME STATUS TEXT ARGUMENTS...: it ends so, tells that, and prints nothing.
refuses() {
    local name=$1 expected=$2 text=$3
    shift 3
    machine "$@"
    verdict "$name" [ "$status" -eq "$expected" -a -n "$(grep -F -- "$text" "$work/err")" -a \
        ! -s "$work/out" ]
}

hello=examples/roottask_hello/build/hello.elf
cp examples/hello_world/build/hello.elf "$work/hello.elf"
system() { # system FILE ELEMENTS: a description of one protection domain
    cat >"$work/$1" <<XML
<system>
    $2
    <protection_domain name="hello" priority="100">
        <program_image path="hello.elf" />
        $3
    </protection_domain>
</system>
XML
}

refuses no_arguments 2 "usage: quoll"
refuses an_unknown_command 2 "Did you mean 'quoll run'?" rum x
refuses an_unknown_option 2 "Did you mean --timeout?" run --timeuot 3 x.system
refuses an_unknown_letter 2 "there is no option -x" run -x x.system
refuses a_missing_value 2 "--memory" run x.system --memory
refuses a_bad_size 2 "64M" run --memory lots x.system
refuses a_size_beyond_64_bits 2 "64M" run --memory 99999999999T x.system
refuses a_negative_time_out 2 "a number of seconds above 0" run --timeout=-1 x.system
refuses a_flag_with_a_value 2 "--stats takes no value" run --stats=yes x.system
refuses no_file 2 "takes one SYSTEM" run
refuses two_files 2 "takes one SYSTEM" run a b
refuses a_missing_file 1 "cannot read $work/none.system: No such file" run "$work/none.system"
refuses a_folder 1 "Name the file in it that is meant." run "$work"
refuses an_unknown_serial_port 2 "unix:PATH" boot --serial modem $hello
refuses an_output_file_that_cannot_be 5 "cannot open it" boot --serial file:/none/x $hello
refuses an_unknown_kernel 2 "Did you mean microkit?" boot --kernel microkid $hello
refuses a_kernel_that_is_a_file 2 "To take it from the file: --config $hello." boot --kernel $hello $hello
refuses too_little_memory 2 "from 16 MiB" boot --memory 1M $hello
printf '.globl _start\n_start: ud2\n.bss\n.skip 0x4000000\n' | gcc -x assembler -c -o "$work/large.o" - &&
    ld -o "$work/large.elf" "$work/large.o"
refuses memory_that_the_image_does_not_fit 1 "--memory" boot --memory 16M "$work/large.elf"

echo "no XML at all" >"$work/text.system"
refuses a_description_that_is_no_xml 1 "text.system" run "$work/text.system"
system missing.system '' '<map mr="none" vaddr="0x4000000" perms="r" />'
refuses a_map_of_a_missing_region 1 "none" run "$work/missing.system"
rm "$work/hello.elf"
system no_program.system
refuses a_missing_program 1 "hello.elf" run "$work/no_program.system"
head -c 2000 examples/hello_world/build/hello.elf >"$work/hello.elf"
refuses a_truncated_program 1 "hello.elf" run "$work/no_program.system"
cp examples/hello_world/build/hello.elf "$work/hello.elf"

# A map over the stub's addresses.
system stub.system '<memory_region name="mr" size="0x1000" />' \
    '<map mr="mr" vaddr="0x7d5100000000" perms="rw" />'
refuses a_map_over_the_stub 1 "is where Quoll's stub lives. Give it another vaddr." \
    run "$work/stub.system"

head -c 1000 $hello >"$work/cut.elf"
refuses a_truncated_root_task 1 "is cut off" boot "$work/cut.elf"
refuses a_root_task_that_is_no_elf 1 "is not an ELF file" boot "$work/text.system"
cp $hello "$work/arm.elf" && printf '\267' | dd of="$work/arm.elf" bs=1 seek=18 conv=notrunc status=none
refuses a_root_task_for_another_machine 1 "is for 64-bit Arm" boot "$work/arm.elf"
refuses a_shared_object 1 "-no-pie" boot /lib64/ld-linux-x86-64.so.2
ld -Ttext=0x7d5100000000 -o "$work/stub.elf" "$work/large.o"
refuses a_root_task_over_the_stub 1 "is where Quoll's stub lives" boot "$work/stub.elf"
ld --section-start=.bss=0x7f0000000000 -o "$work/apart.elf" "$work/large.o"
refuses a_root_task_that_is_spread_over_all_addresses 1 "too far apart" boot "$work/apart.elf"
ld -e 0x300000 -o "$work/entry.elf" "$work/large.o"
refuses a_root_task_without_an_entry_point 1 "-e" boot "$work/entry.elf"

# An image for another kernel: the initialiser's first calls depend on the hardware debug API.
build/sdk/bin/microkit examples/hello_world/hello_world.system --search-path examples/hello_world/build \
    --board x86_64_generic --config debug -o "$work/hello.img" -r "$work/report.txt" >"$work/said" 2>&1
for kernel in sel4test microkit-release; do
    machine boot --kernel $kernel "$work/hello.img"
    verdict an_image_for_microkit_on_${kernel/-/_}_is_told_which_kernel_to_try \
        tells "With --kernel microkit it is seL4_TCB_SetTLSBase. Try that."
done

# gen_config.json
config=$sdk/include/kernel/gen_config.json
echo '{"KERNEL_MCS": tru' >"$work/broken.json"
refuses a_configuration_that_is_no_json 1 "broken.json:1:" boot --config "$work/broken.json" $hello
echo '{"name": 1}' >"$work/other.json"
refuses a_configuration_that_is_something_else 1 "KERNEL_MCS" boot --config "$work/other.json" $hello
sed 's/"MAX_NUM_NODES": "1"/"MAX_NUM_NODES": "4"/' "$config" >"$work/smp.json"
grep -q '"MAX_NUM_NODES": "4"' "$work/smp.json" ||
    echo '{"KERNEL_MCS": true, "MAX_NUM_NODES": "4"}' >"$work/smp.json"
refuses a_configuration_for_four_cores 1 "MAX_NUM_NODES is 4" boot --config "$work/smp.json" $hello
refuses a_system_on_the_classic_kernel 2 "needs the MCS kernel" \
    run --kernel sel4test-classic "$work/stub.system"
machine boot --config "$config" $hello
verdict the_sdks_own_configuration_boots [ "$status" -eq 0 -a -n "$(grep 'hello from' "$work/out")" ]

machine --help
verdict help_lists_the_commands grep -qE '^  run +SYSTEM ' "$work/out"
machine run --help
verdict the_help_of_run_has_examples says "quoll run --exit-when-idle --timeout 10 demo.system"
verdict the_help_of_run_lists_every_option \
    [ "$(grep -cE '^ +(-., )?--[a-z]' "$work/out")" -eq 16 ]
verdict a_long_option_does_not_touch_its_help says "--search-path FOLDER  look"
machine --version
verdict the_version_names_what_it_is_compatible_with says "seL4 16.0 and Microkit 2.3"
for words in --version --help "run --help" "check examples/hello_world/hello_world.system"; do
    $quoll $words >/dev/full 2>"$work/err"
    status=$?
    verdict "$(tr -c 'a-z\n' _ <<<"quoll $words")_fails_where_it_cannot_be_written" ended 5
    verdict and_tells_why tells "quoll: cannot write to standard output: No space left on device"
done
machine check examples/ipc_demo/ipc_demo.system
verdict a_good_description_passes_the_check says "3 protection domains, 3 channels, 1 memory region"

# What the caller left: limits, and descriptors that are closed.
inherits() { # inherits COMMANDS REDIRECTIONS: hello_world after these commands of a shell
    timeout --signal=KILL 30 bash -c \
        "$1; exec '$quoll' run examples/hello_world/hello_world.system $2" \
        >"$work/out" 2>"$work/err" </dev/null
    status=$?
}
inherits "ulimit -n 16"
verdict too_few_open_files_is_told_with_status_5 [ "$status" -eq 5 -a \
    -n "$(grep -F 'ulimit -n' "$work/err")" ]
inherits "ulimit -f 8"
verdict too_small_files_do_not_kill_quoll ended 5
inherits "true" "<&- >&- 2>&-"
verdict output_that_is_closed_is_a_failure_although_all_descriptors_are ended 5
inherits "true" "<&-"
verdict closed_input_is_input_that_has_ended ended 0
