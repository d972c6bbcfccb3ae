#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# What holds for every source file: the licence line, the format, clang's warnings.
cd "$(dirname "$0")/.." || exit 1
n=0
verdict() { # verdict NAME DETAILS: no details is good
    n=$((n + 1))
    if [ -z "$2" ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; echo "$2" | head -40; fi
}
skip() {
    n=$((n + 1))
    echo "ok $n - $1 # SKIP $2"
}

files() { # files PATTERN...: tracked files, or all but what is built where there is no git
    git ls-files -- "$@" 2>/dev/null && return
    for pattern in "$@"; do
        find . \( -path './build*' -o -path './examples/*/build' -o -path ./out \) -prune -o -type f -path "./$pattern" -print
    done | sed 's|^\./||'
}

sources=$(files '*.c' '*.h' '*.S' '*.sh' '*.mk')
verdict every_source_file_names_its_licence \
    "$(for file in $sources; do head -4 "$file" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' || echo "$file"; done)"

c_files=$(files '*.c' '*.h')
if command -v clang-format >/dev/null; then
    # shellcheck disable=SC2086
    verdict every_c_file_is_formatted "$(clang-format --dry-run -Werror $c_files 2>&1 | grep 'error:')"
else
    skip every_c_file_is_formatted 'clang-format is missing'
fi

host=$(files 'machine/*.c' 'cli/*.c' 'compare/*.c' 'microkit/*.c' 'platform/isolated/*.c' | grep -vE '^microkit/(initialiser|monitor)/')
free=$(files 'kernel/*.c')
if command -v clang >/dev/null; then
    # shellcheck disable=SC2086
    verdict clang_has_no_warnings "$(
        clang -std=c11 -Wall -Wextra -Wshadow -Werror -D_GNU_SOURCE -I. -Ibuild/include -fsyntax-only $host 2>&1
        clang -std=c11 -Wall -Wextra -Wshadow -Werror -ffreestanding -I. -fsyntax-only $free 2>&1)"
else
    skip clang_has_no_warnings 'clang is missing'
fi
