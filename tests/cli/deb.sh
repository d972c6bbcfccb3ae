#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# make deb: a package whose files work from where they are unpacked.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness
unset MICROKIT_SDK MAKEFLAGS MAKELEVEL

build_package() {
    timeout 300 make -s deb >"$work/out" 2>"$work/err" </dev/null
    status=$?
}

# What apt says of its own work is no warning of ours.
make -s packages-deb >"$work/out" 2>"$work/err" </dev/null
rm -f build/quoll_*.deb
build_package
verdict it_is_built ended 0
verdict nobody_is_warned test ! -s "$work/err"
package=$(echo build/quoll_*_amd64.deb)
version=$("$quoll" --version | sed -E 's/^quoll ([^,]*),.*/\1/')
field() { dpkg-deb --field "$package" "$1"; }
verdict it_has_the_version_of_quoll [ "$(field Version)" = "$version" ]
verdict everything_in_it_is_root_s_to_change \
    test -z "$(dpkg-deb --contents "$package" | grep -v ^l | awk '$2 != "root/root" || $1 ~ /^.....w|^........w/')"

# Each library that a program needs is of a package that it depends on.
lacking=$(
    for program in build/quoll build/sdk/bin/microkit; do
        objdump -p "$program" | awk '$1 == "NEEDED" {print $2}'
    done | sort -u | while read -r library; do
        of=$(dpkg-query --search "*/x86_64-linux-gnu/$library" | sed -n '1s/:.*//p')
        field Depends | grep -qwF "$of" || echo "$library of $of"
    done
)
verdict it_depends_on_what_its_programs_need [ -z "$lacking" ]

cp "$package" "$work/first.deb"
build_package
verdict the_same_source_makes_the_same_bytes cmp "$work/first.deb" "$package"

if command -v lintian >/dev/null; then
    root=()
    [ "$(id -u)" -ne 0 ] || root=(--allow-root)
    lintian "${root[@]}" "$package" >"$work/out" 2>&1
    verdict lintian_finds_nothing test ! -s "$work/out"
else
    skip lintian_finds_nothing 'lintian is missing'
fi

dpkg-deb --extract "$package" "$work/root"
dpkg-deb --control "$package" "$work/control"
verdict its_sums_are_right sh -c "cd '$work/root' && md5sum --quiet --check ../control/md5sums"
quoll=$work/root/usr/bin/quoll
machine --print-sdk
verdict an_unpacked_quoll_finds_its_sdk says "$work/root/usr/lib/quoll/sdk"
(cd "$work" && "$quoll" new demo && make -C demo test) >"$work/out" 2>"$work/err" </dev/null
status=$?
verdict it_makes_and_tests_a_project says "1 passed"
"$work/root/usr/bin/microkit" --help >"$work/out" 2>"$work/err"
verdict its_microkit_finds_its_boards says "x86_64_generic"
for file in share/man/man1/quoll.1.gz share/man/man1/microkit.1.gz share/doc/quoll/copyright \
    share/bash-completion/completions/quoll share/zsh/vendor-completions/_quoll; do
    [ -s "$work/root/usr/$file" ] || echo "$file"
done >"$work/out"
verdict it_has_what_belongs_to_a_package test ! -s "$work/out"
