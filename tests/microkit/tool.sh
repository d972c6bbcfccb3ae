#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# bin/microkit of the SDK: the arguments, messages and exit codes of Microkit 2.3.0's tool.
cd "$(dirname "$0")/../.." || exit 1
tool=$PWD/build/sdk/bin/microkit
system=examples/hello_world/hello_world.system
programs=examples/hello_world/build
board="--board x86_64_generic --config debug"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0

# run ARGUMENT...: its output and exit status.
run() {
    "$tool" "$@" >"$work/out" 2>"$work/err"
    status=$?
}

verdict() { # verdict NAME CONDITION...: the condition is a command
    n=$((n + 1))
    if "${@:2}"; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        echo "exit $status"
        cat "$work/out" "$work/err"
    fi
}

says() { # says STATUS TEXT: this status, and TEXT is a line of what was printed
    [ $status -eq "$1" ] && cat "$work/out" "$work/err" | grep -qxF -- "$2"
}

says_three_sizes() {
    [ $status -eq 0 ] && [ "$(grep -cE '^MICROKIT\|(CAPDL SPEC: number of root objects = [0-9]+, spec footprint|INITIAL TASK: memory size|BOOT MODULE: image file size) = [0-9.]+ (bytes|KiB)$' "$work/out")" -eq 3 ]
}

run $system --search-path /nowhere $programs $board -o "$work/a.img" -r "$work/report"
verdict an_image_is_made_and_its_sizes_are_told says_three_sizes
verdict the_report_has_the_tcbs grep -qF "TCB: 'tcb_hello'" "$work/report"

run $board $system -o "$work/b.img" -r "$work/report" --search-path $programs
verdict the_same_input_makes_the_same_image cmp "$work/a.img" "$work/b.img"

run $system $board --search-path $programs --viper-output "$work/viper/inner" -o "$work/c.img" \
    -r "$work/r" --capdl-json "$work/spec.json"
verdict viper_output_makes_its_folder_and_a_file_for_each_pd \
    grep -qxF "// exported invariants for PD hello in $system" "$work/viper/inner/hello.vpr"
verdict the_capdl_has_as_many_objects_as_are_told \
    [ "$(grep -c '^      "name": ' "$work/spec.json")" = \
    "$(sed -n 's/.*number of root objects = \([0-9]*\),.*/\1/p' "$work/out")" ]
run $system $board --search-path $programs -o "$work/c.img" -r "$work/r" --viper-output "$work/spec.json"
verdict a_viper_folder_that_is_a_file_is_refused says 1 \
    "ERROR: cannot write Viper output directory $work/spec.json: File exists (os error 17)"
run $system $board --search-path $programs -o "$work/c.img" -r "$work/r" --capdl-json "$work/none/spec.json"
verdict capdl_that_cannot_be_written_is_refused says 1 \
    "ERROR: cannot write capDL spec $work/none/spec.json: No such file or directory (os error 2)"
run $system $board --search-path $programs -o "$work/c.img" -r "$work/none/r"
verdict a_report_that_cannot_be_written_is_refused says 1 \
    "ERROR: cannot write report $work/none/r: No such file or directory (os error 2)"

mkdir "$work/kernels" "$work/out_folder"
echo kernel >"$work/kernels/mine.elf"
run $system $board --search-path $programs -o "$work/out_folder/c.img" -r "$work/r" --override-kernel "$work/nope"
verdict a_kernel_that_does_not_exist_is_refused says 1 "microkit: error: kernel ELF '$work/nope' does not exist"
run nope.system $board --override-kernel "$work/nope" --image-type binary
verdict a_kernel_is_missed_before_anything_else says 1 "microkit: error: kernel ELF '$work/nope' does not exist"
run $system $board --search-path $programs -o "$work/out_folder/c.img" -r "$work/r" --override-kernel "$work/kernels/mine.elf"
verdict a_kernel_without_its_32_bit_copy_is_refused says 1 \
    "ERROR: couldn't copy the 32-bit kernel to image's output directory: No such file or directory (os error 2)"
echo 32 >"$work/kernels/sel4_32.elf"
run $system $board --search-path $programs -o "$work/out_folder/c.img" -r "$work/r" --override-kernel "$work/kernels/mine.elf"
verdict a_kernel_of_the_users_is_copied_beside_the_image cmp "$work/kernels/mine.elf" "$work/out_folder/sel4.elf"
verdict its_32_bit_copy_is_copied_as_well cmp "$work/kernels/sel4_32.elf" "$work/out_folder/sel4_32.elf"

run
verdict what_is_missing_is_named says 1 \
    'microkit: error: the following arguments are required: --board, --config, system'
run --board
verdict an_option_without_its_parameter_is_refused says 1 \
    'microkit: error: argument --board: expected one parameter'
run --board foo --config debug $system
verdict an_unknown_board_is_refused says 1 "microkit: error: argument --board: unknown parameter 'foo'"
run --board x86_64_generic --config foo $system
verdict an_unknown_config_is_refused says 1 \
    "microkit: error: argument --config: invalid choice 'foo' (choose from: debug, release)"
run $board $system other.system
verdict a_second_system_is_refused says 1 "microkit: error: unrecognized argument 'other.system'"
run $board --image-type binary $system
verdict another_image_type_is_refused says 1 "microkit: error: building the output image as 'binary' is \
unsupported for target architecture 'x86-64'"
run $board --image-type uimage --image-type elf $system --search-path $programs -o "$work/d.img" -r "$work/r"
verdict the_last_image_type_counts [ $status -eq 0 ]
run $board --image-type uimage $system
verdict a_uimage_is_refused says 1 "microkit: error: building the output image as 'uimage' is \
unsupported for target architecture 'x86-64'"
run $board --image-type tar $system
verdict an_unknown_image_type_is_refused says 1 "microkit: error: argument --image-type: unknown parameter 'tar'"
run $board --image-type binary nope.system
verdict a_missing_description_is_told_before_an_image_type_that_is_unsupported says 1 \
    "microkit: error: system description file 'nope.system' does not exist"
for option in -o -r --config --capdl-json --viper-output --image-type --override-kernel; do
    long=$(echo $option | sed 's/^-o$/--output/; s/^-r$/--report/')
    run $system $option
    verdict "the_option_$(echo $long | tr -d - )_needs_its_parameter" says 1 \
        "microkit: error: argument $long: expected one parameter"
done
run $board nope.system
verdict a_missing_description_is_refused says 1 \
    "microkit: error: system description file 'nope.system' does not exist"
run $board $system
verdict a_missing_program_is_refused says 1 "Error: \"unable to find program image: 'hello.elf'\""
echo words >"$work/hello.elf"
status=0
(cd "$work" && "$tool" $board "$OLDPWD/$system") >"$work/out" 2>"$work/err" || status=$?
verdict a_program_in_the_current_folder_has_its_whole_path_in_messages says 1 \
    "ERROR: failed to parse ELF '$work/hello.elf' for PD 'hello': magic check failed"
rm "$work/hello.elf"
run $board $system --search-path $programs -o "$work/none/a.img" -r "$work/report"
verdict an_output_that_cannot_be_written_is_refused says 1 "ERROR: couldn't write the boot module to \
filesystem: '$work/none/a.img': No such file or directory"
export MICROKIT_SDK=$work
run $board $system
unset MICROKIT_SDK
verdict an_sdk_without_boards_is_refused says 1 \
    "microkit: error: The SDK directory does not have a 'board' sub-directory at '$work/board'"
export MICROKIT_SDK=$work/none
run $board $system
unset MICROKIT_SDK
verdict an_sdk_that_does_not_exist_is_refused says 1 \
    "microkit: error: The MICROKIT_SDK directory '$work/none' does not exist"

# as_memory_file NAME: the tool without a file, whose path as Linux tells it is /memfd:NAME (deleted).
as_memory_file() {
    perl -e '
        my ($name, $tool) = @ARGV;
        open my $from, "<:raw", $tool or die;
        my $number = syscall 319, $name, 0; # memfd_create of x86-64
        open my $to, ">&=:raw", $number or die;
        $to->autoflush; local $/; print {$to} scalar <$from> or die;
        fcntl $to, 2, 0 or die; # F_SETFD: the exec keeps it
        exec "/proc/self/fd/$number" or die' -MIO::Handle "$1" "$tool" >"$work/out" 2>"$work/err"
    status=$?
}
as_memory_file microkit
verdict no_sdk_can_be_inferred_for_a_tool_in_the_root_folder says 1 "microkit: error: No SDK directory \
specified and cannot infer SDK directory from executable path '/memfd:microkit (deleted)'"
verdict and_it_is_told_how_to_name_one says 1 \
    "      An SDK has this program in its folder bin. Set MICROKIT_SDK to the SDK's folder."
as_memory_file bin/microkit
verdict a_tool_one_folder_below_the_root_looks_for_its_sdk_there says 1 \
    "microkit: error: The SDK directory does not have a 'board' sub-directory at '/board'"

mkdir "$work/gone"
(cd "$work/gone" && rmdir "$work/gone" && "$tool" $board $system) >"$work/out" 2>"$work/err"
status=$?
verdict a_folder_that_is_gone_is_no_place_to_run_in says 1 "microkit: error: Could not determine \
the current working directory: No such file or directory (os error 2)"

# An SDK to break.
export MICROKIT_SDK=$work/sdk
debug=$MICROKIT_SDK/board/x86_64_generic/debug
mkdir "$MICROKIT_SDK"
cp -r build/sdk/board "$MICROKIT_SDK"
incomplete="      The SDK is incomplete. Install it again, or set MICROKIT_SDK to another one."

# without WHAT NAME: this part of the SDK is missed, and what to do is told.
without() {
    mv "$debug/$2" "$work/part"
    run $board $system --search-path $programs -o "$work/a.img" -r "$work/r"
    mv "$work/part" "$debug/$2"
    verdict "an_sdk_without_$(echo ${2##*/} | tr . _)_is_refused" says 1 \
        "microkit: error: $1 '$debug/$2' does not exist"
    verdict "and_what_to_do_without_$(echo ${2##*/} | tr . _)_is_told" says 1 "$incomplete"
}
without "board ELF directory" elf
without "monitor ELF" elf/monitor.elf
without "CapDL initialiser ELF" elf/initialiser.elf
without "kernel configuration file" include/kernel/gen_config.json
without "invocations JSON file" invocations_all.json
without "kernel object sizes file" object_sizes.json
without "kernel address space constants file" address_space_constants.json

for part in monitor initialiser; do
    cp "$debug/elf/$part.elf" "$work/whole"
    strip "$debug/elf/$part.elf"
    run $board $system --search-path $programs -o "$work/a.img" -r "$work/r"
    mv "$work/whole" "$debug/elf/$part.elf"
    verdict "a_stripped_${part}_is_refused" says 1 "ERROR: failed to parse $part ELF \
($debug/elf/$part.elf): unable to find symbol table section"
done

# Root may read every folder.
user=()
if [ "$(id -u)" -eq 0 ]; then
    user=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all)
    cp build/sdk/bin/microkit "$work/microkit"
    tool=$work/microkit
    chmod -R a+rX "$work"
fi
# unreadable FOLDER: what the tool says when it may not list that.
unreadable() {
    chmod a-r "$1"
    "${user[@]}" "$tool" $board "$PWD/$system" >"$work/out" 2>"$work/err"
    status=$?
    chmod a+r "$1"
}
for folder in "$MICROKIT_SDK/board" "$MICROKIT_SDK/board/x86_64_generic"; do
    unreadable "$folder"
    verdict "the_folder_${folder##*/}_that_may_not_be_read_is_refused" says 1 "microkit: error: \
The directory '$folder' could not be read: Permission denied (os error 13)"
done
chmod a-x "$MICROKIT_SDK"
"${user[@]}" "$tool" $board "$PWD/$system" >"$work/out" 2>"$work/err"
status=$?
chmod a+x "$MICROKIT_SDK"
verdict an_sdk_that_may_not_be_entered_is_refused says 1 "microkit: error: The SDK directory does not \
have a 'board' sub-directory at '$MICROKIT_SDK/board'"
verdict and_why_is_told says 1 "      It cannot be looked at: Permission denied."
unset MICROKIT_SDK

status=0
make -C examples/hello_world BUILD_DIR="$work/build" MICROKIT_SDK="$PWD/build/sdk" \
    >"$work/out" 2>"$work/err" || status=$?
verdict a_makefile_for_the_real_sdk_ends_in_an_image test -s "$work/build/loader.img"
