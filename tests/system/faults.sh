#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# One PD goes wrong; a client and a server beside it go on. For each way to go wrong: what is printed,
# how many of the client's calls are answered before and after, what a parent can do about it, and
# whether docs/FAULT_TOLERANCE.md says the same.
#
# QUOLL_SEL4_KERNEL names the 32-bit ELF of an seL4 16.0.0 with Microkit's debug configuration
# (sel4_32.elf of a Microkit SDK). With it QEMU boots the images as well.
#
#   QUOLL_SEL4_KERNEL=.../sel4_32.elf tests/system/faults.sh --record    keeps anew what it printed
#   tests/system/faults.sh --write    writes the transcripts of docs/FAULT_TOLERANCE.md anew
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness
folder=tests/system/faults
kept=$folder/sel4.log
doc=docs/FAULT_TOLERANCE.md
mode=${1:-}
qemu=
trap 'kill $qemu 2>/dev/null; rm -rf "$work"' EXIT

program() { # program SOURCE NAME OPTION...
    gcc -nostdlib -ffreestanding -fno-stack-protector -fno-pic -g -O2 -Wall -Wextra -Werror \
        -march=x86-64 -mtune=generic -I"$sdk/include" "${@:3}" -c "$folder/$1.c" -o "$work/$2.o" &&
        ld -L"$sdk/lib" "$work/$2.o" -lmicrokit -Tmicrokit.ld -o "$work/$2.elf"
}
for name in broken careless client mute parent server; do
    program $name $name || exit 1
done
program parent clean_parent -DCLEAN || exit 1

# system FILE KIND PARENT: broken.elf as a PD called KIND, alone or the child of program PARENT.
system() {
    local broken priority=120 budget= id=
    [ "$2" != endless_loop ] || budget='budget="1000" period="10000"'
    [ "$2" != killed_process ] || priority=50 # below the client: it is there to be killed
    [ -z "$3" ] || id='id="0"'
    broken="<protection_domain name=\"$2\" priority=\"$priority\" $budget $id><program_image path=\"broken.elf\" /></protection_domain>"
    [ -z "$3" ] || broken="<protection_domain name=\"parent\" priority=\"150\"><program_image path=\"$3.elf\" />$broken</protection_domain>"
    cat >"$1" <<XML
<system>
    <protection_domain name="client" priority="100"><program_image path="client.elf" /></protection_domain>
    <protection_domain name="server" priority="200"><program_image path="server.elf" /></protection_domain>
    $broken
    <channel><end pd="client" id="0" pp="true" /><end pd="server" id="0" /></channel>
    <channel><end pd="client" id="1" /><end pd="$2" id="0" notify="false" /></channel>
$([ "$2" != deadlock ] || cat <<MUTE
    <protection_domain name="mute" priority="130"><program_image path="mute.elf" /></protection_domain>
    <channel><end pd="deadlock" id="1" pp="true" /><end pd="mute" id="0" /></channel>
MUTE
)
</system>
XML
}

# What a system printed, without registers, and what depends on the compiler.
console() {
    tr -d '\r' | sed -E '
        s/\x1b\[[0-9;]*m//g
        s/<<seL4\(CPU.*>>//
        /^MON\|INFO: Microkit Monitor started!$/d
        /^Registers: $/d
        /^[a-z0-9_]+ : 0x[0-9a-f]{16}$/d
        s/ip=0x[0-9a-f]{16}/ip=N/
        s/(=)0x00007f[0-9a-f]{10}/\1N/
        /^$/d'
}

# What Quoll told a person: its first words on a fault, and the end.
told() {
    grep -E '^quoll: |^kernel: fault:|^kernel: +its stack|waits for a reply' |
        sed -E 's/0x7fff[0-9a-f]{8}/N/g; s/, at 0x[0-9a-f]+\)/, at N)/'
}

# boot NAME LINES: the image on the real kernel, until it has printed so many lines
boot() {
    build/sdk/bin/microkit "$work/$1.system" --search-path "$work" --board x86_64_generic \
        --config debug -o "$work/$1.img" -r "$work/$1.report" >"$work/out" 2>"$work/err" || return
    : >"$work/serial"
    qemu-system-x86_64 -cpu qemu64,+fsgsbase,+pdpe1gb,+xsaveopt,+xsave -m 512M -display none \
        -monitor none -serial "file:$work/serial" -no-reboot -kernel "$QUOLL_SEL4_KERNEL" \
        -initrd "$work/$1.img" </dev/null >"$work/qemu" 2>&1 &
    qemu=$!
    for _ in $(seq 300); do
        sed '1,/dropped to user space/d' "$work/serial" | console >"$work/$1.sel4"
        [ "$(wc -l <"$work/$1.sel4")" -lt "$2" ] || break
        kill -0 $qemu 2>/dev/null || break
        sleep 0.1
    done
    kill $qemu 2>/dev/null
    wait $qemu 2>/dev/null
    qemu=
}

same() { # same EXPECTED ACTUAL: if not, the difference is what is shown
    diff "$1" "$2" >"$work/difference" && return
    cp "$work/difference" "$work/out"
    return 1
}

kept_of() { sed -n "/^== $1\$/,/^== /{/^==/!p}" $kept; }

# on_sel4 NAME: what this image printed on Quoll is what it prints, and printed, on the real kernel.
on_sel4() {
    local name=${1}_goes_on_sel4_as_on_quoll
    if [ -n "${QUOLL_SEL4_KERNEL:-}" ]; then
        boot "$1" "$(wc -l <"$work/$1.console")"
        verdict "$name" same "$work/$1.console" "$work/$1.sel4"
        [ "$mode" != --record ] || { echo "== $1"; cat "$work/$1.sel4"; } >>$kept
    else
        skip "$name" "set QUOLL_SEL4_KERNEL to an seL4 kernel"
    fi
    kept_of "$1" >"$work/$1.kept"
    verdict "${1}_goes_as_it_went_on_sel4" same "$work/$1.kept" "$work/$1.console"
}

# add_transcript NAME TITLE: to the document
add_transcript() {
    printf '\n### %s\n\n```\n' "$2"
    cat "$work/$1.console" "$work/$1.told"
    printf '```\n'
} >>"$work/transcripts"

calls() { sed -n "s/^client: \([0-9]*\) of 100 calls answered $2\$/\1/p" "$work/$1.console"; }

# add_row NAME TITLE [WHEN]: to the table of the document, of what NAME and, if it was tried,
# NAME_of_a_child printed. WHEN: the second count of calls is the child's system's, not NAME's.
add_row() {
    local child=$work/${1}_of_a_child.console clean=$work/${1}_restarted_clean.console
    local label= monitor restarted= after
    if [ -e "$child" ]; then
        label=$(sed -n 's/.* label \([0-9]*\): restarts it/\1/p' "$child")
        restarted="faults again at once"
        ! grep -q "start 2" "$child" || restarted="runs, with the data it had"
    fi
    monitor=$(sed -nE 's/^MON\|ERROR: (description of fault: )?(.*at ring 3|potential stack overflow|UserException).*/`\2`/p' \
        "$work/$1.console" | tail -n 1)
    if [ -e "$clean" ] && [ "$(grep -c "start 1$" "$clean")" -eq 2 ]; then
        restarted="$restarted; clean: as new"
    fi
    case $label in 6) label="VM fault" ;; 3) label="user exception" ;; esac
    after=$(calls "$1" after)
    [ -z "${3:-}" ] || after=$(calls "${1}_of_a_child" "$3")
    echo "| $2 | $label | ${monitor:-nothing} | $(calls "$1" before), ${after:-none} | $restarted |" \
        >>"$work/table"
}

# goes NAME: runs $work/NAME.system and keeps what it printed
goes() {
    machine run --exit-when-idle --timeout 25 --search-path "$work" -- "$work/$1.system"
    keep "$1"
}
keep() {
    console <"$work/out" >"$work/$1.console"
    told <"$work/err" >"$work/$1.told"
}
prints() { grep -qF -- "$2" "$work/$1.console"; }
answered() { prints "$1" "client: 100 of 100 calls answered before" && prints "$1" "answered $2"; }

[ "$mode" != --record ] ||
    echo "# seL4 16.0.0, Microkit 2.3 debug configuration, $(qemu-system-x86_64 --version | head -1)" >$kept
: >"$work/transcripts"
cat >"$work/table" <<'ROWS'

| what goes wrong | a parent hears | the monitor prints | of 100 calls of others, answered before and after | after a restart |
|---|---|---|---|---|
ROWS

# fault KIND TITLE LABEL MONITOR KERNEL: the monitor says so, and so does Quoll; a parent gets the label.
fault() {
    local kind=$1 title=$2 label=$3 monitor=$4 kernel=$5
    system "$work/$kind.system" "$kind" ""
    goes "$kind"
    verdict "${kind}_is_reported_with_who_did_it" prints "$kind" "MON|ERROR: faulting PD: $kind"
    verdict "${kind}_is_reported_by_the_monitor_as_what_it_is" prints "$kind" "$monitor"
    verdict "${kind}_is_told_a_person_in_words" grep -qF -- "'$kind' $kernel" "$work/$kind.told"
    verdict "all_calls_of_others_are_answered_after_$kind" answered "$kind" after
    verdict "the_system_rests_after_$kind" ended 0
    on_sel4 "$kind"

    system "$work/${kind}_of_a_child.system" "$kind" parent
    goes "${kind}_of_a_child"
    verdict "${kind}_of_a_child_is_reported_to_its_parent" \
        prints "${kind}_of_a_child" "parent: a fault of its child, label $label: restarts it"
    if [ "$kind" = stack_overflow ]; then
        # A restart sets the instruction pointer alone: the first push faults again.
        verdict a_restart_does_not_help_who_has_no_stack_left \
            [ "$(grep -c "start 2" "$work/${kind}_of_a_child.console")" -eq 0 ]
    else
        verdict "after_${kind}_a_child_starts_again_with_the_data_it_had" \
            prints "${kind}_of_a_child" "$kind: start 2"
    fi
    verdict "after_a_second_${kind}_it_can_be_stopped" \
        prints "${kind}_of_a_child" "parent: a fault of its child, label $label: stops it"
    verdict "all_calls_of_others_are_answered_after_a_second_$kind" \
        answered "${kind}_of_a_child" "after the second time"
    on_sel4 "${kind}_of_a_child"

    system "$work/${kind}_restarted_clean.system" "$kind" clean_parent
    goes "${kind}_restarted_clean"
    verdict "after_${kind}_a_clean_restart_makes_a_child_new" \
        [ "$(grep -c "start 1$" "$work/${kind}_restarted_clean.console")" -eq 2 ]
    verdict "all_calls_of_others_are_answered_after_${kind}_and_a_clean_restart" \
        answered "${kind}_restarted_clean" "after the second time"
    on_sel4 "${kind}_restarted_clean"
    add_row "$kind" "$title"
    add_transcript "$kind" "$title"
}

fault null_read "Reading address zero" 6 \
    "description of fault: read to a non-present page at ring 3" "read from 0x0, where nothing is mapped"
fault write_to_text "Writing to what is read-only" 6 \
    "description of fault: page-protection violation from write at ring 3" "wrote to 0x200000"
fault jump_into_nowhere "Jumping into nowhere" 6 \
    "VMFault: ip=N  fault_addr=0x0000000010000000" "jumped to 0x10000000, where nothing is mapped"
fault stack_overflow "Overflowing the stack" 6 \
    "potential stack overflow, fault address within one page outside of stack region" "wrote to N"
fault illegal_instruction "An illegal instruction" 3 "MON|ERROR: UserException" \
    "executed an illegal instruction"
fault division_by_zero "Dividing by zero" 3 "MON|ERROR: UserException" "divided by zero"
fault privileged_instruction "A privileged instruction" 3 "MON|ERROR: UserException" \
    "broke a protection rule: a privileged instruction"

# What is no fault, or none of the PD's own doing. Each begins as a system with KIND and no parent.
system "$work/execute_data.system" execute_data ""
goes execute_data
verdict executing_data_is_no_fault prints execute_data "execute_data: came back from its data"
verdict all_calls_of_others_are_answered_after_execute_data answered execute_data "after the second time"
on_sel4 execute_data
add_row execute_data "Executing data: no fault"
add_transcript execute_data "Executing data: no fault"

# begin NAME: in the background, since it never rests; finish: when it has said all.
begin() {
    env --default-signal=INT "$quoll" run --search-path "$work" -- "$work/$1.system" \
        >"$work/out" 2>"$work/err" </dev/null &
    pid=$!
}
finish() {
    await says "$1"
    stop INT
    sed -i '/^quoll: /d' "$work/err" # that it was ended
}

system "$work/endless_loop.system" endless_loop ""
begin endless_loop
finish "after the second time"
keep endless_loop
verdict others_have_the_rest_of_the_period_of_an_endless_loop answered endless_loop "after the second time"
verdict nobody_is_told_of_an_endless_loop [ ! -s "$work/endless_loop.told" ]
on_sel4 endless_loop
add_row endless_loop "An endless loop, with a budget of 1 ms in 10 ms"
add_transcript endless_loop "An endless loop, with a budget of 1 ms in 10 ms"

system "$work/endless_loop_without_a_period.system" endless_loop_without_a_period ""
machine run --time virtual --timeout 2 --search-path "$work" -- \
    "$work/endless_loop_without_a_period.system"
keep endless_loop_without_a_period
sed -i '/repeatable/d; /rdtsc/d' "$work/endless_loop_without_a_period.told" # depends on the host
verdict without_a_period_an_endless_loop_stops_all_of_lower_priority \
    [ "$(grep client "$work/endless_loop_without_a_period.console")" = "client: 100 of 100 calls answered before" ]
verdict and_the_time_out_ends_it ended 4
on_sel4 endless_loop_without_a_period
add_row endless_loop_without_a_period "An endless loop, with Microkit's default budget"
add_transcript endless_loop_without_a_period "An endless loop, with Microkit's default budget"

# The process of a PD, found by the name of its thread, as ps shows it.
cell_of() {
    local cell
    for cell in $(cells); do
        grep -qx "$1" "/proc/$cell/task/"*/comm 2>/dev/null && echo "$cell" && return
    done
    return 1
}
system "$work/killed_process.system" killed_process ""
begin killed_process
await says "after the second time"
kill -KILL "$(cell_of killed_process)"
finish "description of fault"
keep killed_process
sed -i 's/fault_addr=0x[0-9a-f]*/fault_addr=N/' "$work/killed_process.console" # where it was
verdict the_process_of_a_pd_that_is_killed_is_a_fault_of_that_pd \
    prints killed_process "MON|ERROR: faulting PD: killed_process"
verdict and_is_told_as_what_it_is grep -qF "'killed_process' lost its address space" "$work/killed_process.told"
add_transcript killed_process "A Linux process that is killed"


system "$work/killed_process_of_a_child.system" killed_process parent
sed -i 's|</system>|<channel><end pd="parent" id="0" /><end pd="client" id="2" notify="false" /></channel>&|' \
    "$work/killed_process_of_a_child.system"
begin killed_process_of_a_child
await says "after the second time"
kill -KILL "$(cell_of killed_process)"
await says "at the parent's word"
finish "start 2"
keep killed_process_of_a_child
verdict a_parent_gives_a_killed_child_a_new_process \
    prints killed_process_of_a_child "killed_process: start 2"
verdict all_calls_of_others_are_answered_after_a_process_was_killed \
    answered killed_process_of_a_child "at the parent's word"
add_row killed_process "A Linux process that is killed" "at the parent's word"
add_transcript killed_process_of_a_child "The same with a parent, which lets the client call again"

system "$work/deadlock.system" deadlock ""
goes deadlock
verdict all_calls_of_others_are_answered_beside_a_deadlock answered deadlock "after the second time"
verdict a_deadlock_is_told_with_who_waits \
    grep -qF "'deadlock' waits for a reply to its call" "$work/deadlock.told"
verdict and_ends_the_machine_with_a_status_of_its_own ended 3
on_sel4 deadlock
add_row deadlock "A call that is never answered"
add_transcript deadlock "A call that is never answered"

system "$work/null_read_of_the_careless.system" null_read careless
goes null_read_of_the_careless
verdict a_parent_without_fault_goes_down_with_its_child \
    prints null_read_of_the_careless "MON|ERROR: faulting PD: parent"
verdict and_it_is_told_why prints null_read_of_the_careless "is missing the 'fault' entry point"
verdict all_calls_of_others_are_answered_after_both_are_down \
    answered null_read_of_the_careless "after the second time"
on_sel4 null_read_of_the_careless
add_row null_read_of_the_careless "A child whose parent has no \`fault\`"
add_transcript null_read_of_the_careless "A child whose parent has no \`fault\`"

add_transcript null_read_of_a_child "With a parent: restarted once, then stopped"
add_transcript stack_overflow_of_a_child "With a parent, when it is the stack that overflowed"
add_transcript stack_overflow_restarted_clean "The same, restarted clean"
echo >>"$work/table"
for part in table transcripts; do
    if [ "$mode" = --write ]; then
        sed -i -e "/^<!-- $part/r $work/$part" \
            -e "/^<!-- $part/,/^<!-- end of the $part/{/^<!--/!d}" $doc
    fi
    sed -n "/^<!-- $part/,/^<!-- end of the $part/{/^<!--/!p}" $doc >"$work/document"
    verdict "the_document_has_the_${part}_that_came_out" same "$work/document" "$work/$part"
done
