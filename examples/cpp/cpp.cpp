/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/*
 * A PD in C++, without its run-time library: no exceptions, no RTTI, no heap. Classes, templates,
 * lambdas and constructors of global objects work; microkit.ld collects the latter, and libmicrokit
 * runs them before init().
 *
 * What Microkit calls has C's names, which microkit.h takes care of. One of them is a keyword here:
 * protected() is written microkit_protected().
 */

#include <microkit.h>

namespace {

constexpr microkit_channel other = 0;

/* Text and numbers, one after the other: out << "a" << 1. */
class Output {
public:
    const Output &operator<<(const char *text) const
    {
        microkit_dbg_puts(text);
        return *this;
    }
    const Output &operator<<(seL4_Word number) const
    {
        microkit_dbg_put32(static_cast<seL4_Uint32>(number));
        return *this;
    }
};

template <typename Function> seL4_Word sum_of(seL4_Word count, Function function)
{
    seL4_Word sum = 0;
    for (seL4_Word i = 1; i <= count; i++) {
        sum += function(i);
    }
    return sum;
}

/* Its constructor needs to run, for what it stores is not known when the program is linked. */
class Squares {
public:
    Squares() : first_(sum_of(1, square)) {}
    seL4_Word sum(seL4_Word count) const { return first_ * sum_of(count, square); }

private:
    static seL4_Word square(seL4_Word i) { return *const_cast<volatile seL4_Word *>(&i) * i; }
    seL4_Word first_;
};

const Output out;
Squares squares;

} // namespace

void init()
{
    if ((microkit_pps >> other & 1) == 0) {
        return; /* the server: it may call nobody */
    }
    microkit_mr_set(0, 10);
    microkit_ppcall(other, microkit_msginfo_new(0, 1));
    out << "client in C++: the squares up to 10 sum to " << microkit_mr_get(0) << "\n";
}

void notified(microkit_channel) {}

microkit_msginfo microkit_protected(microkit_channel, microkit_msginfo)
{
    microkit_mr_set(0, squares.sum(microkit_mr_get(0)));
    return microkit_msginfo_new(0, 1);
}
