# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# From lines "attack NAME: canaries intact, N victim calls beside the attacker, M beside an honest
# busy thread ..." to a table.

$1 == "attack" && /canaries intact/ {
    name = substr($2, 1, length($2) - 1)
    if (!(name in rounds)) {
        names[++count] = name
    }
    n = ++rounds[name]
    attacked[name, n] = $5
    honest[name, n] = $11
}

$1 == "attack" && /DAMAGED/ {
    print
    failed = 1
}

# The nth of a name's values, in order of size.
function sorted(values, name,   i, j, t) {
    for (i = 1; i <= rounds[name]; i++) {
        t = values[name, i]
        for (j = i - 1; j > 0 && order[j] > t; j--) order[j + 1] = order[j]
        order[j + 1] = t
    }
}

function median(values, name) {
    sorted(values, name)
    return order[int((rounds[name] + 1) / 2)]
}

END {
    printf "%-28s %10s %10s   %s\n", "victim calls in 100 ms", "attacked", "honest", "ratio (least, greatest)"
    for (i = 1; i <= count; i++) {
        name = names[i]
        for (n = 1; n <= rounds[name]; n++) {
            ratio[name, n] = honest[name, n] ? attacked[name, n] / honest[name, n] : 0
        }
        a = median(attacked, name)
        h = median(honest, name)
        r = median(ratio, name)
        printf "%-28s %10d %10d   %.2f (%.2f, %.2f)\n", name, a, h, r, order[1], order[rounds[name]]
    }
    exit failed
}
