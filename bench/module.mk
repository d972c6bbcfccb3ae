# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# make bench    measure Quoll beside plain Linux: medians, spread, ratios

BENCH_SDK := $(BUILD)/sdk/board/x86_64_generic/debug
BENCH_PDS := client server echo keeper faulter
BENCH_CFLAGS := -std=gnu11 -O2 -g -nostdlib -ffreestanding -fno-stack-protector -fno-pic -no-pie \
	-Wall -Wextra $(WERROR) -I$(BENCH_SDK)/include -I.

$(BUILD)/bench/%.elf: bench/guest/%.c bench/guest/report.h bench/samples.h | sdk
	@mkdir -p $(@D)
	$(CC) $(BENCH_CFLAGS) -c -o $(@:.elf=.o) $<
	$(LD) -L$(BENCH_SDK)/lib $(@:.elf=.o) -lmicrokit -Tmicrokit.ld -o $@

$(BUILD)/bench/futex: bench/futex.c bench/samples.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_HOST) -o $@ $<

.PHONY: bench
bench: all $(BENCH_PDS:%=$(BUILD)/bench/%.elf) $(BUILD)/bench/futex
	@bench/run
	@bench/hostile
