# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# bash completion for quoll. Commands and options are what quoll's own help lists.

_quoll_commands() { "$1" --help 2>/dev/null | sed -nE 's/^  ([a-z]+) +\[?[A-Z].*/\1/p'; }
_quoll_options() { "$1" "$2" --help 2>/dev/null | sed -nE 's/^ +(-., )?(--[a-z0-9-]+).*/\2/p'; }
_quoll_kernels() { "$1" "$2" --help 2>/dev/null | sed -n 's/^kernel configurations: //p'; }
_quoll_boards() { "$1" "$2" --help 2>/dev/null | sed -n 's/^boards: //p'; }

# _quoll_value QUOLL COMMAND OPTION WORD: values of an option; fails for one that takes none.
_quoll_value() {
    case $3 in
    -k | --kernel) compgen -W "$(_quoll_kernels "$1" "$2")" -- "$4" ;;
    --arch) compgen -W "x86_64 aarch64 riscv64" -- "$4" ;;
    --board) compgen -W "$(_quoll_boards "$1" "$2")" -- "$4" ;;
    --cpu) [ "$2" = baseline ] || compgen -W "host haswell" -- "$4" ;;
    --time) compgen -W "real virtual" -- "$4" ;;
    -s | --serial) compgen -W "stdio raw null pty file: unix:" -- "$4" ;;
    -p | --search-path | --sdk) compgen -d -- "$4" ;;
    -o | --out | --against | --microkit-sdk) compgen -d -- "$4" ;;
    --config | --junit | --sel4-kernel) compgen -f -- "$4" ;;
    -r | --rounds | --repeat | --only | --also | --silence) ;;
    -m | --memory | -t | --timeout | -g | --gdb | --gdb-until | -j | --jobs | -f | --filter) ;;
    -n | --iterations | --size) ;;
    *) return 1 ;;
    esac
}

# _quoll_operand COMMAND WORD: what the command works on.
_quoll_operand() {
    case $1 in
    run | check)
        compgen -f -X '!*.system' -- "$2"
        compgen -f -X '!*.img' -- "$2"
        compgen -d -- "$2"
        ;;
    baseline) compgen -W "startup latency throughput memory idle fault all" -- "$2" ;;
    test)
        compgen -f -X '!*.test' -- "$2"
        compgen -d -- "$2"
        ;;
    new | capture) compgen -d -- "$2" ;;
    compare) ;;
    *) compgen -f -- "$2" ;;
    esac
}

_quoll() {
    local quoll=${COMP_WORDS[0]} command=${COMP_WORDS[1]}
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words
    if [ "$COMP_CWORD" -eq 1 ]; then
        words=$(compgen -W "$(_quoll_commands "$quoll") --help --version --print-sdk" -- "$word")
    elif ! words=$(_quoll_value "$quoll" "$command" "$before" "$word"); then
        case $word in
        -*) words=$(compgen -W "$(_quoll_options "$quoll" "$command")" -- "$word") ;;
        *) words=$(_quoll_operand "$command" "$word") ;;
        esac
    fi
    mapfile -t COMPREPLY < <([ -z "$words" ] || printf '%s\n' "$words" | sort -u)
}
complete -o filenames -F _quoll quoll
