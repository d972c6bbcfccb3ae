# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# fish completion for quoll. Commands and options are what quoll's own help lists.

function __quoll_command
    set -l words (commandline -opc)
    test (count $words) -ge 2; and echo $words[2]
end

function __quoll_needs_command
    test (count (commandline -opc)) -eq 1
end

function __quoll_is --description 'the command is one of these'
    contains -- (__quoll_command) $argv
end

function __quoll_commands
    set -l words (commandline -opc)
    $words[1] --help 2>/dev/null | string replace -rf '^  ([a-z]+) +\[?[A-Z]+\]? +(.*)' '$1\t$2'
end

function __quoll_options
    string match -q -- '-*' (commandline -ct); or return
    set -l words (commandline -opc)
    $words[1] $words[2] --help 2>/dev/null | string replace -rf '^ +(?:-., )?(--[a-z0-9-]+)(?: [A-Z=]+)? +(.*)' '$1\t$2'
end

function __quoll_kernels
    set -l words (commandline -opc)
    $words[1] $words[2] --help 2>/dev/null | string replace -f 'kernel configurations: ' '' | string split ' '
end

function __quoll_boards
    set -l words (commandline -opc)
    $words[1] $words[2] --help 2>/dev/null | string replace -f 'boards: ' '' | string split ' '
end

# The word before is one of these options.
function __quoll_after
    set -l words (commandline -opc)
    contains -- $words[-1] $argv
end

function __quoll_systems
    set -l word (commandline -ct)
    for file in $word*.system $word*.img $word*/
        echo $file
    end
end

function __quoll_tests
    set -l word (commandline -ct)
    for file in $word*.test $word*/
        echo $file
    end
end

set -l takes_value -k --kernel --time -s --serial -p --search-path --sdk --config --junit \
    -m --memory -t --timeout -g --gdb --gdb-until -j --jobs -r --repeat -f --filter \
    -n --iterations --size --cpu --arch --board --rounds --only --also --silence -o --out --against \
    --microkit-sdk --sel4-kernel

complete -c quoll -f
complete -c quoll -n __quoll_needs_command -a '(__quoll_commands)'
complete -c quoll -n __quoll_needs_command -a '--help --version --print-sdk'
complete -c quoll -n "not __quoll_needs_command; and not __quoll_after $takes_value" -a '(__quoll_options)'
complete -c quoll -n '__quoll_after -k --kernel' -a '(__quoll_kernels)'
complete -c quoll -n '__quoll_after --arch' -a 'x86_64 aarch64 riscv64'
complete -c quoll -n '__quoll_after --board' -a '(__quoll_boards)'
complete -c quoll -n '__quoll_after --cpu; and not __quoll_is baseline' -a 'host haswell'
complete -c quoll -n '__quoll_after --time' -a 'real virtual'
complete -c quoll -n '__quoll_after -s --serial' -a 'stdio raw null pty file: unix:'
complete -c quoll -n '__quoll_after -p --search-path --sdk' -a '(__fish_complete_directories)'
complete -c quoll -n '__quoll_after -o --out --against --microkit-sdk' -a '(__fish_complete_directories)'
complete -c quoll -n '__quoll_after --config --junit --sel4-kernel' -F
complete -c quoll -n "__quoll_is baseline; and not __quoll_after $takes_value" -a 'startup latency throughput memory idle fault all'
complete -c quoll -n "__quoll_is new capture; and not __quoll_after $takes_value" -a '(__fish_complete_directories)'
complete -c quoll -n "__quoll_is test; and not __quoll_after $takes_value" -a '(__quoll_tests)'
complete -c quoll -n "__quoll_is run check; and not __quoll_after $takes_value" -a '(__quoll_systems)'
complete -c quoll -n "__quoll_is boot; and not __quoll_after $takes_value" -F
