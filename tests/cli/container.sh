#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# make container: what it asks of podman, what it says when that cannot be had, and, where QUOLL_CONTAINER_BASE
# names a base image that an ordinary user has, hello_world in the real thing.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness
unset MAKEFLAGS MAKELEVEL PODMAN PODMAN_BUILD PODMAN_RUN ITERATIONS
base=${QUOLL_CONTAINER_BASE:-}
unset QUOLL_CONTAINER_BASE

# An ordinary user's copy of what is tried, beside a podman that writes down what it was asked.
user=()
if [ "$(id -u)" -eq 0 ]; then
    user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi
mkdir "$work/copy" "$work/copy/make"
cp make/container make/container.mk make/pipeline "$work/copy/make"
cat >"$work/podman" <<'SCRIPT'
#!/bin/sh
echo "$*" >>"$ASKED"
case "$*" in
"unshare cat /proc/self/uid_map")
    echo "         0       1000          1"
    [ -n "$NO_IDS" ] || echo "         1     100000      65536"
    ;;
"image exists "*) [ -z "$NO_BASE" ] ;;
pull*) echo "Error: no such host" >&2; exit 125 ;;
esac
SCRIPT
# The real one installs podman, or names Debian's packages.
printf 'packages-container:\n\t@true\n' >"$work/copy/Makefile"
chmod -R a+rX "$work"
cp "$work/podman" "$work/runc" # which some hosts need
chmod a+x "$work/podman" "$work/runc"
chmod a+rwx "$work/copy"
touch "$work/asked"
chmod a+rw "$work/asked"

container() { # container [NAME=VALUE...] -- ARGUMENTS...: make/container, as an ordinary user
    local environment=()
    while [ "$1" != -- ]; do
        environment+=("$1")
        shift
    done
    shift
    : >"$work/asked"
    (cd "$work/copy" && timeout 60 "${user[@]}" env ASKED="$work/asked" PATH="$work:$PATH" \
        "${environment[@]}" make/container "$@") >"$work/out" 2>"$work/err" </dev/null
    status=$?
}
asked() { grep -qE -- "$1" "$work/asked"; }

container -- run out make/pipeline demo
verdict podman_builds_and_then_runs_it test "$status" -eq 0 -a \
    "$(grep -oE '^(--runtime runc )?(build|run)' "$work/asked" | sed 's/.* //' | tr '\n' ' ')" = "build run "
verdict it_starts_from_a_public_debian_image asked '\bbuild .*BASE=debian:12 '
verdict it_runs_without_a_capability_or_a_network \
    asked '\brun .*--cap-drop=all --security-opt=no-new-privileges .*--network=none '
verdict nothing_in_it_asks_for_a_privilege \
    test -z "$(grep -E 'privileged|cap-add|unconfined|--device|--pid|--net(work)?=host' "$work/asked")"
verdict results_come_to_lie_with_the_user asked "--volume $work/copy/out:/quoll/out"
container QUOLL_CONTAINER_BASE=localhost/mine ITERATIONS=7 -- run out true
verdict the_base_is_the_one_that_is_named asked '\bbuild .*BASE=localhost/mine '
verdict iterations_are_handed_on asked '\brun .*--env ITERATIONS=7 '

container PODMAN="$work/absent" -- run out true
verdict without_podman_that_is_said test "$status" -eq 1 -a \
    "$(grep -c '^quoll: .*absent is missing' "$work/err")" -eq 1
container NO_BASE=1 -- run out true
verdict without_a_base_it_is_named_and_how_to_make_one test "$status" -eq 1 -a \
    -n "$(grep -F "no image 'debian:12'" "$work/err")" -a \
    -n "$(grep -F 'make container-base' "$work/err")"
verdict and_nothing_is_built test -z "$(grep -wE 'build|run' "$work/asked")"
container NO_IDS=1 -- run out true
verdict a_user_without_ids_is_told_how_to_get_them test "$status" -eq 1 -a \
    -n "$(grep -F 'usermod --add-subuids' "$work/err")"
container -- run /proc/none true
verdict an_out_that_cannot_be_made_is_named test "$status" -eq 1 -a -n "$(grep -F "'/proc/none'" "$work/err")"
if [ "$(id -u)" -eq 0 ]; then
    user=()
    container -- run out true
    verdict root_is_told_to_be_an_ordinary_user test "$status" -eq 1 -a ! -s "$work/asked"
else
    skip root_is_told_to_be_an_ordinary_user 'this is not root'
fi

# The pipeline, on targets of a Makefile of its own.
cat >"$work/copy/Makefile" <<'MAKEFILE'
good:
	@echo it is good
bad:
	@echo it is bad && false
long:
	@echo $$$$ >pid && exec sleep 100
MAKEFILE
pipeline() {
    timeout 60 "$work/copy/make/pipeline" "$@" >"$work/out" 2>"$work/err" </dev/null
    status=$?
}
results=$work/copy/out/pipeline
pipeline bad good
verdict what_comes_after_a_failed_step_is_still_made says "it is good"
verdict and_the_pipeline_has_failed ended 1
verdict the_summary_tells_which_step_failed \
    test "$(sed -E 's/ +/ /; s/ after.*//' "$results/summary.txt" | tr '\n' ,)" = "bad FAILED,good passed,"
verdict each_step_has_a_log grep -qx "it is good" "$results/good.log"
pipeline good
verdict a_pipeline_without_failures_returns_0 ended 0
verdict the_logs_of_another_pipeline_are_gone test ! -e "$results/bad.log"

"$work/copy/make/pipeline" long >"$work/out" 2>"$work/err" </dev/null &
pid=$!
await test -s "$work/copy/pid"
stop TERM
verdict a_signal_ends_the_pipeline ended 143
verdict and_the_summary_says_so grep -qx 'long  *ended by SIGTERM' "$results/summary.txt"
verdict and_the_step_that_was_on test ! -e "/proc/$(cat "$work/copy/pid")"

real='hello_world_runs_in_a_container its_results_are_the_callers it_has_no_capability_and_a_seccomp_filter'
lacking=
if [ -z "$base" ]; then
    lacking='QUOLL_CONTAINER_BASE names no base image'
elif [ "$(id -u)" -eq 0 ]; then
    lacking='this is root, and a container is for an ordinary user'
elif ! command -v podman >/dev/null; then
    lacking='podman is missing'
elif ! podman image exists "$base"; then
    lacking="podman has no image '$base'"
fi
if [ -n "$lacking" ]; then
    for name in $real; do
        skip "$name" "$lacking"
    done
    exit
fi
export QUOLL_CONTAINER_BASE=$base
make container OUT="$work/results" CONTAINER_STEPS=demo >"$work/out" 2>"$work/err" </dev/null
status=$?
verdict hello_world_runs_in_a_container test "$status" -eq 0 -a -n "$(grep -x 'hello, world' "$work/out")"
verdict its_results_are_the_callers test -O "$work/results/pipeline/demo.log"
make/container run "$work/results" grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status \
    >"$work/out" 2>"$work/err" </dev/null
verdict it_has_no_capability_and_a_seccomp_filter test "$(grep -E '^[A-Z]\w+:' "$work/out" | tr -d '\t' | tr '\n' ,)" = \
    "CapEff:0000000000000000,CapBnd:0000000000000000,NoNewPrivs:1,Seccomp:2,"
