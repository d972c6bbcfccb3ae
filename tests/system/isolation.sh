#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# What each PD of the three examples can reach, by trying: tests/system/isolation/probe.c takes the place
# of one PD after the other. It has to find what the description gives that PD and nothing else, on
# Quoll and on the real kernel, and docs/ISOLATION.md has to say so.
#
# QUOLL_SEL4_KERNEL names the 32-bit ELF of an seL4 16.0.0 with Microkit's debug configuration
# (sel4_32.elf of a Microkit SDK). With it QEMU boots the images as well.
#
#   QUOLL_SEL4_KERNEL=.../sel4_32.elf tests/system/isolation.sh --record    keeps anew what it printed
#   tests/system/isolation.sh --write    writes the tables of docs/ISOLATION.md anew
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness
folder=tests/system/isolation
kept=$folder/sel4.log
doc=docs/ISOLATION.md
mode=${1:-}
trap 'kill $qemu 2>/dev/null; rm -rf "$work"' EXIT
qemu=

# The probe's lines. How large its program is depends on the compiler.
probe_lines() { tr -d '\r' | sed -E 's/\x1b\[[0-9;]*m//g; s/<<seL4\(CPU.*>>//' | grep '^probe: '; }
without_sizes() { sed -E '/memory/s/0x(1ff|2[0-9a-f]{2})000/0x2..000/g'; }

# boot FOLDER: the image on the real kernel, into FOLDER/sel4
boot() {
    : >"$1/serial"
    qemu-system-x86_64 -cpu qemu64,+fsgsbase,+pdpe1gb,+xsaveopt,+xsave -m 512M -display none \
        -monitor none -serial "file:$1/serial" -no-reboot -kernel "$QUOLL_SEL4_KERNEL" \
        -initrd "$1/image" </dev/null >"$1/qemu" 2>&1 &
    qemu=$!
    for _ in $(seq 400); do
        grep -q '^probe: done' "$1/serial" && break
        kill -0 $qemu 2>/dev/null || break
        sleep 0.1
    done
    kill $qemu 2>/dev/null
    wait $qemu 2>/dev/null
    qemu=
    probe_lines <"$1/serial" >"$1/sel4"
}

kept_of() { sed -n "\|^== $1\$|,/^== /p" $kept | grep '^probe: '; } # kept_of EXAMPLE/PD

# same EXPECTED ACTUAL: if not, the difference is what is shown
same() {
    diff "$1" "$2" >"$work/difference" && return
    cp "$work/difference" "$work/out"
    return 1
}

pds() { sed -n 's/^ *<protection_domain name="\([^"]*\)".*/\1/p' "examples/$1/$1.system"; }

[ "$mode" != --record ] ||
    echo "# seL4 16.0.0, Microkit 2.3 debug configuration, $(qemu-system-x86_64 --version | head -1)" >$kept
for example in hello_world ipc_demo fault_tolerance; do
    for pd in $(pds $example); do
        here=$work/$example/$pd
        mkdir -p "$here"
        $folder/variant $example "$pd" "$here" >"$work/out" 2>"$work/err" ||
            { verdict "a_probe_takes_the_place_of_${pd}_in_$example" false; continue; }
        machine run --exit-when-idle --search-path "$here" --search-path examples/$example/build -- \
            "$here/variant.system"
        probe_lines <"$work/out" >"$here/quoll"
        verdict "${pd}_of_${example}_reaches_what_its_description_gives_it_and_no_more" \
            same "$here/expected" "$here/quoll"

        name=${pd}_of_${example}_reaches_the_same_on_sel4
        without_sizes <"$here/quoll" >"$here/sizeless"
        if [ -n "${QUOLL_SEL4_KERNEL:-}" ]; then
            build/sdk/bin/microkit "$here/variant.system" --search-path "$here" \
                examples/$example/build --board x86_64_generic --config debug -o "$here/image" \
                -r "$here/report" >"$work/out" 2>"$work/err"
            boot "$here"
            verdict "$name" same "$here/expected" "$here/sel4"
            [ "$mode" != --record ] ||
                { echo "== $example/$pd"; without_sizes <"$here/sel4"; } >>$kept
        else
            skip "$name" "set QUOLL_SEL4_KERNEL to an seL4 kernel"
        fi
        kept_of "$example/$pd" >"$here/kept"
        verdict "${pd}_of_${example}_reaches_what_it_reached_on_sel4" same "$here/kept" "$here/sizeless"
    done
done

# The stub's two ranges: Quoll's alone. What stands in platform/stub/layout.h, and a page on either side.
here=$work/stub
mkdir "$here"
$folder/variant hello_world hello "$here" \
    "{0x3f000, 34}, {0x7d50fffff000, 0x152}, {0x7d5103fff000, 2}" >"$work/out" 2>"$work/err"
machine run --exit-when-idle --search-path "$here" -- "$here/variant.system"
probe_lines <"$work/out" >"$here/quoll"
grep -v '^#' $folder/stub.expected >"$here/expected"
verdict of_the_stub_a_pd_reaches_what_its_layout_says same "$here/expected" "$here/quoll"

# The tables of the document: one for all PDs of an example that reach the same.
tables() {
    local example pd other named
    for example in hello_world ipc_demo fault_tolerance; do
        named=
        for pd in $(pds $example); do
            $folder/table "$work/$example/$pd/names" "$work/$example/$pd/quoll" \
                >"$work/$example/$pd/table"
        done
        for pd in $(pds $example); do
            case " $named " in *" $pd "*) continue ;; esac
            local title=
            for other in $(pds $example); do
                cmp -s "$work/$example/$pd/table" "$work/$example/$other/table" || continue
                named="$named $other" title="$title, \`$other\`"
            done
            printf '\n### %s: %s\n\n' $example "${title#, }"
            cat "$work/$example/$pd/table"
        done
    done
    echo
}
tables >"$work/tables"
if [ "$mode" = --write ]; then
    sed -i -e "/^<!-- tables/r $work/tables" -e '/^<!-- tables/,/^<!-- end of the tables/{/^<!--/!d}' $doc
fi
sed -n '/^<!-- tables/,/^<!-- end of the tables/{/^<!--/!p}' $doc >"$work/told"
verdict the_document_has_the_tables_that_come_out same "$work/told" "$work/tables"
