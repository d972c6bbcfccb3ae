#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# Completion in bash, zsh and fish: commands, options and values as quoll's help has them.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness

mkdir "$work/here" "$work/here/folder"
touch "$work/here/demo.system" "$work/here/demo.test" "$work/here/loader.img" "$work/here/client.c"
export PATH=$PWD/build:$PATH HOME=$work
completion=$PWD/cli/completion
: >"$work/out" >"$work/err"

# Each prints the completions of a line, one a line; descriptions are left out.
complete_in_bash() {
    bash --norc -c 'cd "$1"; . "$2/quoll.bash"; line=$3; words=($line)
        [ "${line% }" = "$line" ] || words+=("")
        COMP_WORDS=("${words[@]}") COMP_CWORD=$((${#words[@]} - 1))
        _quoll; printf "%s\n" "${COMPREPLY[@]}"' bash "$work/here" "$completion" "$1"
}
# What zsh does with words that its functions have found is its own: they are printed instead.
complete_in_zsh() {
    zsh -f -c 'cd "$1"; completion=$2; line=$3
        offered() { local word; for word in "$@"; do [[ $word == ${words[CURRENT]}* ]] && print -r -- $word; done; }
        _describe() { local found=("${(@P)2}"); found=("${(@)found//\\:/$(printf "\1")}"); found=("${(@)found%%:*}")
            offered "${(@)found//$(printf "\1")/:}"; }
        _files() { case $1 in -/) offered *(/) ;; -g) offered *(/) ${~2} ;; *) offered * ;; esac; }
        words=(${=line}); [[ $line == *" " ]] && words+=("")
        CURRENT=$#words
        . "$completion/_quoll"' zsh "$work/here" "$completion" "$1"
}
complete_in_fish() {
    fish --no-config -c 'cd $argv[1]; source $argv[2]/quoll.fish; complete -C $argv[3]' \
        "$work/here" "$completion" "$1" | cut -f 1
}

# offers SHELL LINE WORD...: these and no others complete the line, perhaps with slashes behind folders.
offers() {
    local shell=$1 line=$2
    shift 2
    "complete_in_$shell" "$line" 2>"$work/err" | sed 's,/$,,; /^$/d' | sort -u >"$work/out"
    [ ! -s "$work/err" ] && [ "$(printf '%s\n' "$@" | sort -u)" = "$(cat "$work/out")" ]
}

options_of() { quoll "$1" --help | grep -oE '^ +(-., )?--[a-z0-9-]+' | grep -oE -- '--.*'; }

for shell in bash zsh fish; do
    if ! command -v "$shell" >/dev/null; then
        skip "completion_in_$shell" "$shell is missing"
        continue
    fi
    verdict "${shell}_completes_commands" offers $shell 'quoll ru' run
    verdict "${shell}_completes_each_option_of_a_command" offers $shell 'quoll run --' $(options_of run)
    verdict "${shell}_completes_no_option_of_another_command" offers $shell 'quoll check --se' --search-path
    verdict "${shell}_completes_kernels" offers $shell 'quoll boot --kernel sel4test-c' \
        sel4test-classic sel4test-classic-release
    verdict "${shell}_completes_architectures" offers $shell 'quoll check --arch ' x86_64 aarch64 riscv64
    verdict "${shell}_completes_boards" offers $shell 'quoll check --board odroid' odroidc2 odroidc4
    verdict "${shell}_completes_cpus" offers $shell 'quoll boot --cpu ' host haswell
    verdict "${shell}_completes_times" offers $shell 'quoll run --time ' real virtual
    verdict "${shell}_completes_places" offers $shell 'quoll run --serial ' stdio raw null pty file: unix:
    verdict "${shell}_completes_an_option_with_a_digit" offers $shell 'quoll compare --se' --sel4-kernel
    verdict "${shell}_completes_what_can_be_captured" offers $shell 'quoll capture ' folder
    verdict "${shell}_completes_folders" offers $shell 'quoll new ' folder
    verdict "${shell}_completes_descriptions_and_images" offers $shell 'quoll run ' demo.system folder loader.img
    verdict "${shell}_completes_files" offers $shell 'quoll boot ' client.c demo.system demo.test folder loader.img
    verdict "${shell}_completes_tests" offers $shell 'quoll test ' demo.test folder
    verdict "${shell}_completes_each_option_of_test" offers $shell 'quoll test --' $(options_of test)
    verdict "${shell}_completes_reports" offers $shell 'quoll test --junit d' demo.system demo.test
    verdict "${shell}_completes_what_can_be_measured" offers $shell 'quoll baseline ' \
        startup latency throughput memory idle fault all
    verdict "${shell}_completes_a_command_whose_operand_may_be_left_away" offers $shell 'quoll ba' baseline
    verdict "${shell}_completes_no_free_value" offers $shell 'quoll run --memory '
done
if command -v zsh >/dev/null; then
    verdict zsh_finds_its_completion_by_name [ "$(zsh -f -c 'fpath=("$1" $fpath); autoload -U compinit
        compinit -D -u; print $_comps[quoll]' zsh "$completion" 2>"$work/err")" = _quoll ]
fi
