#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# The real gdb on a machine: protection domains, a root task, faults, Ctrl-C, coming and going.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness

socket=$work/gdb
ftol=examples/fault_tolerance
hello=examples/roottask_hello/build/hello.elf

# held ARGUMENTS...: a machine in the background that waits for gdb. Its process id is in $pid.
held() {
    rm -f "$socket"
    env --default-signal=INT "$quoll" "$@" --gdb "$socket" >"$work/out" 2>"$work/err" </dev/null &
    pid=$!
    await test -S "$socket"
}

# debug FILE COMMANDS...: what gdb prints is in $work/gdb.out.
debug() {
    local file=$1 arguments=()
    shift
    for command in "$@"; do arguments+=(-ex "$command"); done
    timeout --signal=KILL 60 gdb -q -nx -batch -ex 'set confirm off' -ex "file $file" \
        -ex "target remote $socket" "${arguments[@]}" >"$work/gdb.out" 2>&1 </dev/null
}

# over: the machine's exit status.
over() {
    wait "$pid"
    status=$?
}

# shown NAME PATTERN: a test that gdb printed a line like that; if not, shows what it did print.
shown() {
    if grep -qE -- "$2" "$work/gdb.out"; then
        verdict "$1" true
    else
        verdict "$1" false
        sed 's/^/# gdb: /' "$work/gdb.out"
    fi
}

# A system of several protection domains, which are all linked to the same addresses.
held run --exit-when-idle $ftol/fault_tolerance.system
debug $ftol/build/server.elf 'monitor until server' continue 'info threads' 'break protected' \
    continue bt 'print calls' 'set var calls = 10' stepi next next 'print calls' delete \
    continue 'info threads' "file $ftol/build/crasher.elf" bt 'x/i $pc' 'x/4x 0' 'print/x $fs_base' \
    detach
over
verdict quoll_says_what_it_waits_for tells "quoll: waiting for gdb: gdb -ex 'target remote $socket' FILE"
shown it_stops_before_the_thread_that_was_asked_for '^\* .*Thread [0-9]+ \(server: .*_start'
shown every_thread_is_there_with_its_name 'Thread [0-9]+ \(client: runs, or could, priority 100\)'
shown a_breakpoint_in_a_protection_domain_is_hit 'hit Breakpoint 1.*protected \(ch=0'
shown a_backtrace_leads_to_its_main '^#[12] .*main \(\) at .*main.c'
shown a_variable_is_read '^\$1 = 0$'
shown a_variable_is_written '^\$2 = 11$'
shown the_fault_of_another_domain_stops_it_with_its_signal 'received signal SIGSEGV'
shown the_fault_is_where_it_happened '^#0 .*notified .*crasher\.c:16'
shown its_handler_has_not_heard_of_it_yet '^\* .*\(crasher: runs, or could'
shown memory_that_is_not_mapped_is_refused 'Cannot access memory at address 0x0'
shown segment_bases_are_registers '^\$3 = 0x'
verdict the_fault_went_to_its_handler says "MON|ERROR: VMFault: ip=0x000000000020002e"
verdict the_system_went_on_after_gdb_had_left says "client: done"
verdict and_came_to_its_rest ended 0

# Held before a thread that was named, and not before.
held run --exit-when-idle --gdb-until server $ftol/fault_tolerance.system
await tells "waiting for gdb"
debug $ftol/build/server.elf 'info threads' 'break protected' continue detach
over
shown it_waits_before_the_thread_that_the_command_line_named '^\* .*Thread [0-9]+ \(server: .*_start'
shown a_breakpoint_set_at_once_is_in_that_program 'hit Breakpoint 1.*, protected \(ch=0'
machine run --gdb-until server $ftol/fault_tolerance.system
verdict a_thread_to_wait_for_needs_a_gdb ended 2
verdict and_that_is_told tells "--gdb-until server: there is no --gdb that could wait"

# A root task, whose text and data share pages that it may write.
held boot $hello
debug $hello 'break main' continue 'print bootinfo->numNodes' next 'break say' continue finish delete continue
over
shown a_breakpoint_in_a_root_task_is_hit 'Breakpoint 1, main \(bootinfo=0x'
shown its_memory_is_readable '^\$1 = 1$'
shown a_function_can_be_finished '^main \(.*hello.c:35'
shown its_end_is_told 'exited normally'
verdict the_root_task_printed_what_it_prints says "MiB of RAM to make objects of: 504"

# The three instructions of a system call, which run as a jump once they have been rewritten.
cat >"$work/calls.S" <<'ASM'
.globl _start, before, at, behind
_start: mov $100, %ebp
        mov $0x7000, %esp
again:  mov $-12, %rdx
        mov $'x', %edi
before: mov %rsp, %rbx
at:     syscall
behind: mov %rbx, %rsp
        dec %ebp
        jnz again
        mov $-14, %rdx
        syscall
ASM
gcc -c -o "$work/calls.o" "$work/calls.S" && ld -o "$work/calls.elf" "$work/calls.o" || exit 1
for place in before:3 at:5 behind:8; do
    label=${place%:*}
    held boot "$work/calls.elf"
    debug "$work/calls.elf" "break *$label" 'ignore 1 40' continue 'info breakpoints' \
        'x/8xb &before' stepi 'print (long)$pc - (long)&before' 'print (long)$rsp' delete continue
    over
    shown "a_breakpoint_${label}_a_system_call_is_hit_each_time" 'already hit 41 times'
    shown "gdb_reads_the_original_bytes_${label}_a_system_call" '0x48.*0x89.*0xe3.*0x0f.*0x05.*0x48.*0x89.*0xdc'
    shown "a_step_ends_behind_the_instruction_${label}_a_system_call" "^.1 = ${place#*:}$"
    shown "and_the_stack_is_where_it_was_${label}_a_system_call" '^.2 = 28672$'
    verdict "and_nothing_is_lost_${label}_a_system_call" [ "$(tr -cd x <"$work/out" | wc -c)" -eq 100 ]
done

# Each kind of fault has its signal.
for kind in 'ill:SIGILL:ud2' 'fpe:SIGFPE:xor %ecx, %ecx; div %ecx' 'segv:SIGSEGV:mov (%rax), %ecx' \
    'trap:SIGTRAP:int3' 'call:SIGSYS:mov $-100, %rdx; syscall' \
    'cap:SIGSYS:mov $-5, %rdx; mov $0xffffff, %edi; xor %esi, %esi; syscall'; do
    IFS=: read -r name signal code <<<"$kind"
    printf '.globl _start\n_start: xor %%eax, %%eax\n %s\n ud2\n' "$code" |
        gcc -x assembler -c -o "$work/$name.o" - && ld -o "$work/$name.elf" "$work/$name.o"
    held boot "$work/$name.elf"
    debug "$work/$name.elf" continue kill
    over
    shown "${name}_faults_are_$signal" "received signal $signal"
done
verdict kill_ends_the_machine ended 137

# Coming and going.
program spin || exit 1
cat >"$work/spin.system" <<'XML'
<system>
    <protection_domain name="spinner" priority="100"><program_image path="spin.elf" /></protection_domain>
</system>
XML
held run "$work/spin.system"
debug "$work/spin.elf" detach
await says spinning
debug "$work/spin.elf" 'info threads' 'x/i $pc' detach
shown a_second_gdb_stops_what_runs '^\* .*\(spinner: runs'
timeout --signal=KILL 60 gdb -q -nx -batch -ex "target remote $socket" -ex 'shell touch '"$work/there" \
    -ex continue -ex 'info threads' -ex detach >"$work/gdb.out" 2>&1 </dev/null &
debugger=$!
await test -e "$work/there"
sleep 0.5
kill -INT "$(pgrep -P $debugger)"
wait $debugger
shown ctrl_c_in_gdb_stops_what_runs 'received signal SIGINT'
shown and_shows_who_ran '^\* .*\(spinner: runs'
stop INT
verdict ctrl_c_of_quoll_ends_what_gdb_has_left ended 130

held run "$work/spin.system"
await tells "waiting for gdb"
stop INT
verdict ctrl_c_of_quoll_ends_what_waits_for_gdb ended 130
verdict its_socket_goes_with_it [ ! -e "$socket" ]

held run --exit-when-idle --timeout 2 examples/hello_world/hello_world.system
debug "$hello" 'shell sleep 3' detach
over
verdict time_stands_still_while_gdb_looks ended 0

held boot $hello
machine boot --gdb "$socket" $hello
verdict a_place_in_use_is_told_with_status_5 ended 5
verdict and_what_to_do tells "Another quoll uses it, or one left it behind: remove it, or give another path."
stop TERM
machine boot --gdb nowhere $hello
verdict a_place_that_is_none_is_a_wrong_command_line ended 2
