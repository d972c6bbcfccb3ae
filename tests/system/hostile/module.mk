# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# build/hostile/hostile.elf, the root task of tests/system/hostile.sh and of bench/hostile. With
# HOSTILE_OPTIONS=-DONLY=ATTACK_x it tries that one alone.

HOSTILE         := tests/system/hostile
HOSTILE_SDK     := $(BUILD)/sdk/board/x86_64_generic/debug
HOSTILE_ROOT    := main.c world.c canaries.c image.S
HOSTILE_GUEST   := start.S main.c victims.c stub.c linux.c memory.c cpu.c
HOSTILE_HEADERS := $(wildcard $(HOSTILE)/*.h $(HOSTILE)/guest/*.h) platform/stub/layout.h
HOSTILE_CFLAGS := -std=gnu11 -O2 -g -nostdlib -ffreestanding -fno-stack-protector -fno-pic -no-pie \
	-fcf-protection=none -Wall -Wextra $(WERROR) -I$(HOSTILE_SDK)/include -I. -I$(BUILD)/hostile
HOSTILE_GUEST_CFLAGS := $(HOSTILE_CFLAGS) -mgeneral-regs-only -fno-builtin \
	-fno-tree-loop-distribute-patterns -Wno-array-bounds

$(BUILD)/hostile/guest/%.o: $(HOSTILE)/guest/% $(HOSTILE_HEADERS) | sdk
	@mkdir -p $(@D)
	$(CC) $(HOSTILE_GUEST_CFLAGS) -c -o $@ $<

$(BUILD)/hostile/guest.bin: $(HOSTILE_GUEST:%=$(BUILD)/hostile/guest/%.o) $(HOSTILE)/guest/guest.ld
	$(LD) -T $(HOSTILE)/guest/guest.ld -o $(@:.bin=.elf) $(filter %.o,$^)
	objcopy -O binary $(@:.bin=.elf) $@

$(BUILD)/hostile/%.o: $(HOSTILE)/% $(HOSTILE_HEADERS) $(BUILD)/hostile/guest.bin | sdk
	@mkdir -p $(@D)
	$(CC) $(HOSTILE_CFLAGS) $(HOSTILE_OPTIONS) -c -o $@ $<

$(BUILD)/hostile/hostile.elf: $(HOSTILE_ROOT:%=$(BUILD)/hostile/%.o)
	$(LD) -L$(HOSTILE_SDK)/lib $^ -lroottask -Troottask.ld -o $@

# The same, as bench/hostile measures with it.
$(BUILD)/hostile/bench.o: $(HOSTILE)/main.c $(HOSTILE_HEADERS) | sdk
	@mkdir -p $(@D)
	$(CC) $(HOSTILE_CFLAGS) $(HOSTILE_OPTIONS) -DBENCH=1 -c -o $@ $<

$(BUILD)/hostile/bench.elf: $(BUILD)/hostile/bench.o \
		$(patsubst %,$(BUILD)/hostile/%.o,$(filter-out main.c,$(HOSTILE_ROOT)))
	$(LD) -L$(HOSTILE_SDK)/lib $^ -lroottask -Troottask.ld -o $@

test test-system: $(BUILD)/hostile/hostile.elf
bench: $(BUILD)/hostile/bench.elf
