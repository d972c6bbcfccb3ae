#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# quoll new: what it makes builds, passes its own test and can be debugged; what it refuses.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness
unset MICROKIT_SDK MAKEFLAGS MAKELEVEL

# new ARGUMENTS...: quoll new, in $work.
new() {
    (cd "$work" && timeout 30 "$quoll" new "$@") >"$work/out" 2>"$work/err" </dev/null
    status=$?
}

# project ARGUMENTS...: make in the project $work/demo.
project() {
    timeout --signal=KILL 60 make -C "$work/demo" "$@" >"$work/out" 2>"$work/err" </dev/null
    status=$?
}

new demo
verdict it_makes_a_project ended 0
verdict it_says_what_comes_next says "Next: cd demo && make test"
verdict no_placeholder_is_left test -z "$(grep -rE '@(NAME|QUOLL|SDK)@' "$work/demo"; find "$work/demo" -name '*@*')"
verdict the_system_has_the_name_of_the_folder test -f "$work/demo/demo.system"

project test
verdict a_new_project_passes_its_test ended 0
verdict and_says_so says "1 passed"
verdict without_any_warning test ! -s "$work/err"

echo 'expect: client: 57' >>"$work/demo/demo.test"
project test
verdict other_output_fails_the_test [ "$status" -ne 0 ]
verdict and_is_shown says "demo.test:8:1: error: this did not come"
sed -i '$d' "$work/demo/demo.test"

for workflow in docs/ci/*.yml; do
    command=$(grep -oE 'quoll test .*' "$workflow")
    (cd "$work/demo" && PATH=${quoll%/*}:$PATH sh -c "$command") >"$work/out" 2>"$work/err" </dev/null
    status=$?
    verdict "what_ci_$(basename "$workflow" .yml)_does_passes" ended 0
    verdict and_leaves_results_where_it_says test -s "$work/demo/$(sed -n 's/.*\(path\|junit\): //p' "$workflow")"
    rm -f "$work/demo/results.xml"
done

project
verdict it_makes_an_image test -s "$work/demo/build/loader.img"
machine run --exit-when-idle "$work/demo/build/loader.img"
verdict the_image_runs says "client: 56"

is_json() { jq -e . "$@" >/dev/null; }
verdict every_setting_for_editors_is_json is_json "$work"/demo/.vscode/*.json "$work/demo/compile_commands.json"
compiled=$(cd "$work/demo" && rm -f build/client.o &&
    sh -c "$(jq -r '.[] | select(.file == "client.c").command' compile_commands.json)" && ls build/client.o)
verdict compile_commands_has_commands_that_compile [ "$compiled" = build/client.o ]
tasks=$(jq -r '.configurations[].preLaunchTask' "$work/demo/.vscode/launch.json" | sort)
known=$(jq -r '.tasks[].label' "$work/demo/.vscode/tasks.json" | sort)
verdict each_launch_has_its_task test -n "$tasks" -a -z "$(comm -23 <(echo "$tasks") <(echo "$known"))"

# The port could be taken on this host.
port=$((20000 + RANDOM % 10000))
sed -i "s/\b1234\b/$port/" "$work/demo/Makefile" "$work/demo/.vscode/launch.json"

# debug NAME FUNCTION: what an editor does for a launch configuration: its task, and when that waits gdb,
# which stops in the function.
debug() {
    local task server
    task=$(jq -r --arg task "wait for gdb before $1" '.tasks[] | select(.label == $task).command' \
        "$work/demo/.vscode/tasks.json")
    server=$(jq -r --arg name "$1" '.configurations[] | select(.name == $name).miDebuggerServerAddress' \
        "$work/demo/.vscode/launch.json")
    (cd "$work/demo" && exec timeout --signal=KILL 60 sh -c "$task") >"$work/out" 2>"$work/err" </dev/null &
    pid=$!
    await tells "waiting for gdb"
    timeout --signal=KILL 60 gdb -q -nx -batch -ex "file $work/demo/build/$1.elf" \
        -ex "target remote $server" -ex "break $2" -ex continue -ex backtrace -ex detach \
        >"$work/gdb.out" 2>&1 </dev/null
    wait "$pid"
    status=$?
}

debug client ask
verdict the_client_can_be_debugged grep -q '^#0 .*ask (request=.*REQUEST_ADD, left=.*40, right=.*2) at client.c' "$work/gdb.out"
verdict and_goes_on_when_gdb_leaves says "client: 56"
debug server protected
verdict the_server_can_be_debugged grep -q '^#0 .*protected (ch=0' "$work/gdb.out"

project MICROKIT_CONFIG=release programs
verdict another_configuration_builds_anew grep -q -- '-c server.c' "$work/out"
project MICROKIT_CONFIG=release run
verdict it_runs_on_the_release_kernel ended 0
verdict where_nothing_is_printed test -z "$(grep client: "$work/out")"
project MICROKIT_CONFIG=release test
verdict and_its_test_says_so tells "nothing with MICROKIT_CONFIG=release"
project MICROKIT_SDK=/nowhere
verdict an_sdk_that_is_not_there_is_named tells "There is no '/nowhere/board/x86_64_generic/debug/lib/libmicrokit.a'"
cp -r build/sdk "$work/other-sdk"
project MICROKIT_SDK="$work/other-sdk" test
verdict it_builds_with_another_sdk says "1 passed"
verdict and_with_nothing_else grep -q -- "-I$work/other-sdk/board/x86_64_generic/debug/include" "$work/out"
project clean
verdict clean_leaves_what_new_made test "$(ls -A "$work/demo" | paste -sd' ')" = \
    ".gitignore .vscode Makefile README.md client.c demo.system demo.test protocol.h server.c"

mkdir "$work/empty"
new --sdk "$work/other-sdk" empty
verdict an_empty_folder_will_do ended 0
verdict an_sdk_that_was_given_is_in_the_makefile \
    grep -qx "MICROKIT_SDK    := $work/other-sdk" "$work/empty/Makefile"
mkdir "$work/here"
(cd "$work/here" && "$quoll" new -q . >"$work/out" 2>&1)
verdict the_current_folder_gives_its_name test -f "$work/here/here.system" -a ! -s "$work/out"

# --- What is refused ---

new demo
verdict a_folder_that_is_not_empty_is_refused ended 1
verdict and_told_why tells "cannot make a project in 'demo': it is not empty"
new demo/Makefile
verdict a_file_is_refused tells "cannot make a project in 'demo/Makefile': it is a file"
new nowhere/demo
verdict a_folder_in_no_folder_is_refused tells "the folder above it does not exist"
for name in 'two words' .hidden -- 'a$b' "$(printf 'x%.0s' $(seq 65))"; do
    new -- "$name"
    [ "$status" -eq 2 ] && tells "cannot be the name of a project" && [ ! -e "$work/$name" ] || break
done
verdict bad_names_are_refused ended 2
new --sdk "$work" other
verdict a_folder_that_is_no_sdk_is_refused tells "there is no Microkit SDK at '$work'"
verdict and_nothing_is_made test ! -e "$work/other"
cp -r "$work/other-sdk" "$work/an sdk"
new --sdk "$work/an sdk" other
verdict an_sdk_that_make_cannot_use_is_refused tells "make cannot use the SDK at '$work/an sdk'"

# Somebody else may not be able to walk to where this was built.
mkdir "$work/locked" "$work/copy"
chmod 555 "$work/locked"
cp -r "$quoll" build/sdk "$work/copy"
chmod -R a+rX "$work/copy"
chmod a+x "$work"
person=()
[ "$(id -u)" -ne 0 ] || person=(setpriv --reuid 65534 --regid 65534 --clear-groups)
"${person[@]}" "$work/copy/quoll" new "$work/locked" >"$work/out" 2>"$work/err"
status=$?
verdict a_folder_that_may_not_be_written_is_refused ended 1
verdict and_the_host_s_reason_is_told tells "cannot make a project in '$work/locked': Permission denied"
mkdir "$work/full"
(ulimit -f 1 && exec "$quoll" new "$work/full") >"$work/out" 2>"$work/err"
status=$?
verdict a_file_that_cannot_be_written_whole_is_an_error ended 1
verdict and_the_project_is_called_incomplete tells "The project is incomplete"

# --- Where the SDK is ---

machine --print-sdk
verdict the_sdk_is_beside_a_quoll_that_was_built says "$PWD/build/sdk"
MICROKIT_SDK=$work/other-sdk machine --print-sdk
verdict the_environment_names_another says "$work/other-sdk"
cp build/quoll "$work/quoll"
"$work/quoll" --print-sdk >"$work/out" 2>"$work/err"
status=$?
verdict a_quoll_without_an_sdk_says_where_it_looked tells "beside this program, in ../lib/quoll/sdk or sdk of"
verdict and_fails ended 1
