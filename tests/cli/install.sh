#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# make install and make uninstall: what is installed works without the folder it was built in.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness
unset MICROKIT_SDK MAKEFLAGS MAKELEVEL

umask 077 # as a careful root has it
root=$work/root
prefix=$root/opt/quoll
build() { # build ARGUMENTS...: make here
    timeout 300 make -s "$@" DESTDIR="$root" PREFIX=/opt/quoll >"$work/out" 2>"$work/err" </dev/null
    status=$?
}

build install
verdict it_installs ended 0
verdict nothing_is_installed_outside_of_the_prefix \
    test -z "$(find "$root" ! -type d ! -path "$prefix/*")"
verdict everybody_can_read_it test -z "$(find "$root" ! -type l ! -perm -a=r)"

quoll=$prefix/bin/quoll
machine --print-sdk
verdict an_installed_quoll_finds_its_sdk says "$prefix/lib/quoll/sdk"
ln -s "$prefix/bin/quoll" "$work/quoll"
quoll=$work/quoll
machine --print-sdk
verdict and_through_a_link says "$prefix/lib/quoll/sdk"
(cd "$work" && PATH=$prefix/bin:$PATH quoll new demo && PATH=$prefix/bin:$PATH make -C demo test) \
    >"$work/out" 2>"$work/err" </dev/null
status=$?
verdict a_project_is_made_and_tested says "1 passed"
verdict its_makefile_calls_quoll_by_its_name grep -qx "QUOLL           ?= quoll" "$work/demo/Makefile"

# As somebody does who has a Microkit project.
mkdir "$work/mine"
cp -r "$prefix/share/doc/quoll/examples/"{hello_world,microkit.mk} "$work/mine"
make -C "$work/mine/hello_world" MICROKIT_SDK="$prefix/lib/quoll/sdk" >"$work/out" 2>"$work/err"
status=$?
verdict a_microkit_makefile_takes_the_sdk ended 0
machine run --exit-when-idle "$work/mine/hello_world/build/loader.img"
verdict and_its_image_runs says "hello, world"
"$prefix/bin/microkit" --help >"$work/out" 2>"$work/err"
verdict microkit_finds_its_boards says "x86_64_generic"

for page in quoll microkit quoll-qemu; do
    LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z \
        "$prefix/share/man/man1/$page.1" 2>"$work/err" >"$work/out"
    status=$?
    verdict "the_man_page_of_${page}_has_no_warning" test "$status" -eq 0 -a ! -s "$work/err"
done

# Each command and option of the help is in the man page, and no other.
words() { grep -oE -- '--[a-z][a-z-]+' | sort -u; }
MANWIDTH=200 man -l "$prefix/share/man/man1/quoll.1" | col -b >"$work/page"
{
    "$quoll" --help
    for command in $("$quoll" --help | sed -nE 's/^  ([a-z]+) +\[?[A-Z].*/\1/p'); do
        "$quoll" "$command" --help
        grep -qE "^ +quoll $command " "$work/page" || echo "the synopsis lacks $command"
    done
} >"$work/help"
verdict the_man_page_of_quoll_has_every_option_and_command \
    test -z "$(diff <(words <"$work/help") <(words <"$work/page"); grep "^the synopsis lacks" "$work/help")"
verdict the_man_page_of_microkit_has_every_option \
    test -z "$(diff <("$prefix/bin/microkit" --help | words) \
        <(MANWIDTH=200 man -l "$prefix/share/man/man1/microkit.1" | col -b | words))"

build uninstall
verdict uninstall_leaves_no_file test "$status" -eq 0 -a -z "$(find "$root" ! -type d)"
