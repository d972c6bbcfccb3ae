#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# docs/ci/: the commands of both workflows, in their order, lead from a new project to its results.
#
# They are run as they stand, but that the network and root are out of reach: git clones by copying this tree,
# with what was built in it, and apt-get notes what it is to install and unpacks a package to a folder.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness
unset MICROKIT_SDK MAKEFLAGS MAKELEVEL QUOLL

mkdir "$work/bin" "$work/root"
cat >"$work/bin/git" <<'SCRIPT'
#!/bin/sh
for target; do :; done
[ "$1" = clone ] && mkdir "$target" && tar -C "$TREE" --exclude=./.git --exclude=./build/tests -c . | tar -C "$target" -x
SCRIPT
cat >"$work/bin/apt-get" <<'SCRIPT'
#!/bin/sh
for argument; do
    case $argument in
    *.deb) dpkg-deb --extract "$argument" "$ROOT" ;;
    update | install | -*) ;;
    *) echo "$argument" >>"$ROOT/packages" ;;
    esac
done
SCRIPT
chmod +x "$work/bin/git" "$work/bin/apt-get"

# commands FILE: what it has run, on standard output: the blocks of `run:`, or the lists of `before_script:` and `script:`.
commands() {
    awk '
        { match($0, /^ */); indent = RLENGTH }
        /^ *- name:/ { block = 0 }
        /^ *run: \|$/ { block = indent + 2; next }
        /^ *run: / { sub(/^ *run: /, ""); print; next }
        /^ *(before_)?script:$/ { list = 1; next }
        list && /^ *- / { sub(/^ *- /, ""); print; next }
        { list = 0 }
        block && indent >= block { sub(/^ */, ""); print; next }
        { block = 0 }' "$1"
}

# variables FILE: NAME=VALUE of its `env:` or `variables:`.
variables() {
    awk '/^ *(env|variables):$/ { inside = 1; next }
        inside && /^ *[A-Z_]+: / { sub(/^ */, ""); sub(/ *#.*/, ""); sub(/: /, "="); print; next }
        { inside = 0 }' "$1"
}

replay() { # replay NAME: the workflow docs/ci/NAME.yml
    rm -rf "$work/root" "$work/quoll" "$work/demo"
    mkdir "$work/root"
    # By a quoll that will not be there: Makefiles have its place in them where it is not installed.
    "$quoll" new -q "$work/demo"
    sed -i 's,^QUOLL .*,QUOLL ?= /nowhere/quoll,' "$work/demo/Makefile"
    commands "docs/ci/$1.yml" | sed "s,/tmp/quoll,$work/quoll,g" >"$work/script"
    mapfile -t environment < <(variables "docs/ci/$1.yml")
    (cd "$work/demo" && timeout 250 env TREE="$OLDPWD" ROOT="$work/root" \
        PATH="$work/bin:$work/root/usr/bin:$PATH" "${environment[@]}" sh -e "$work/script") \
        >"$work/out" 2>"$work/err" </dev/null
    status=$?
    results=$work/demo/results.xml
}

make -s packages-deb >"$work/out" 2>"$work/err" </dev/null
for name in github gitlab; do
    replay "$name"
    verdict "${name}_s_commands_all_pass" ended 0
    verdict "${name}_installs_quoll_s_package" test -x "$work/root/usr/bin/quoll"
    verdict "${name}_runs_the_project_s_test_and_keeps_the_results" grep -q '<testcase .*name="demo"' "$results"
    verdict "${name}_names_what_it_keeps" grep -qE '(path|junit): results\.xml$' "docs/ci/$name.yml"
    verdict "${name}_installs_what_a_project_s_makefile_needs" \
        test "$(grep -cxE 'git|make|gcc|libc6-dev|binutils|ca-certificates' "$work/root/packages")" -eq 6

    # A failing test fails the workflow, and its results are there all the same.
    echo 'expect: what nobody prints' >>"$work/demo/demo.test"
    (cd "$work/demo" && PATH=$work/root/usr/bin:$PATH sh -e <(tail -n 1 "$work/script")) \
        >"$work/out" 2>"$work/err" </dev/null
    status=$?
    verdict "${name}_fails_where_a_test_fails" test "$status" -eq 1 -a -n "$(grep '<failure' "$results")"
done
