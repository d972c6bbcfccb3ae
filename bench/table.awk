# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# From lines "ROUND VARIANT ticks NAME MEDIAN TENTH NINETIETH", "ROUND VARIANT mhz N" and
# "ROUND VARIANT us NAME N" to a table in microseconds.

$3 == "mhz"   { mhz[$1] = $4 }
$3 == "ticks" { us[$4 " " $2, $1] = $5; low[$4 " " $2, $1] = $6; high[$4 " " $2, $1] = $7; ticks[$4 " " $2] = 1 }
$3 == "us"    { us[$4 " " $2, $1] = $5; ticks[$4 " " $2] = 0 }
              { rounds = $1 > rounds ? $1 : rounds; note($4 " " $2) }

function note(name) {
    if ($3 != "mhz" && !(name in known)) {
        known[name] = 1
        names[++count] = name
    }
}

function median(values, n,   i, j, t) {
    for (i = 2; i <= n; i++) {
        t = values[i]
        for (j = i - 1; j > 0 && values[j] > t; j--) values[j + 1] = values[j]
        values[j + 1] = t
    }
    return values[int((n + 1) / 2)]
}

END {
    printf "%-28s %10s %10s %10s   %s\n", "round trip, us", "median", "least", "greatest", "in futex ping-pongs"
    for (i = 1; i <= count; i++) {
        name = names[i]
        n = 0
        delete values
        delete ratios
        for (r = 1; r <= rounds; r++) {
            if (!((name, r) in us) || !mhz[r]) continue
            n++
            values[n] = ticks[name] ? us[name, r] / mhz[r] : us[name, r]
            ratios[n] = values[n] / (us["futex linux", r] / mhz[r])
        }
        if (!n) continue
        m = median(values, n)
        printf "%-28s %10.2f %10.2f %10.2f   %.2f\n", name, m, values[1], values[n], median(ratios, n)
    }
}
