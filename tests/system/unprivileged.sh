#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# At run time quoll is an ordinary user's program.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness

user=()
if [ "$(id -u)" -eq 0 ]; then
    user=(setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --bounding-set=-all
        --inh-caps=-all)
fi
as_nobody() { # as_nobody COMMAND...
    timeout --signal=KILL 30 "${user[@]}" "$@" >"$work/out" 2>"$work/err" </dev/null
    status=$?
}
gcc -O2 -Wall -Werror -D_GNU_SOURCE -o "$work/confine" tests/system/container/confine.c || exit 1

# nobody may not be able to look into the folder that the repository is in.
mkdir "$work/copy"
cp -r "$quoll" examples/hello_world examples/fault_tolerance "$work/copy"
chmod -R a+rX "$work/copy"
cd "$work/copy" || exit 1

as_nobody ./quoll run fault_tolerance/fault_tolerance.system
verdict nobody_runs_fault_tolerance says "client: done"
verdict nobody_gets_the_same_exit_status ended 0

as_nobody "$work/confine" perl -e 'exit(syscall(298, 0, 0, -1, -1, 0) == -1 ? 0 : 1)'
verdict a_container_has_no_perf_events ended 0
as_nobody "$work/confine" ./quoll run fault_tolerance/fault_tolerance.system
verdict a_container_with_512_processes_runs_fault_tolerance says "client: done"
verdict it_ends_there_as_elsewhere ended 0
as_nobody "$work/confine" ./quoll run --no-rewrite hello_world/hello_world.system
verdict a_container_runs_hello_world_without_rewriting says "hello, world"

as_nobody bash -c 'ulimit -u 1 && exec ./quoll run hello_world/hello_world.system'
verdict too_few_processes_is_one_message_and_status_5 [ "$status" -eq 5 -a \
    "$(grep -c '^quoll:' "$work/err")" -eq 1 ]

as_nobody bash -c 'ulimit -v 400000 && exec ./quoll run --memory 512M hello_world/hello_world.system'
verdict too_few_addresses_is_one_message_and_status_5 [ "$status" -eq 5 -a \
    -n "$(grep -F 'ulimit -v' "$work/err")" ]

# A namespace of processes has a vm.memfd_noexec of its own.
if unshare --pid --fork sh -c 'echo 2 >/proc/sys/vm/memfd_noexec' 2>/dev/null; then
    timeout 30 unshare --pid --fork sh -c \
        'echo 2 >/proc/sys/vm/memfd_noexec && ./quoll run hello_world/hello_world.system' \
        >"$work/out" 2>"$work/err" </dev/null
    status=$?
    verdict a_host_that_executes_no_memory_is_one_message_and_status_5 [ "$status" -eq 5 -a \
        "$(grep -c '^quoll:' "$work/err")" -eq 1 -a -n "$(grep -F 'vm.memfd_noexec' "$work/err")" ]
else
    skip a_host_that_executes_no_memory_is_one_message_and_status_5 'vm.memfd_noexec cannot be set here'
fi
