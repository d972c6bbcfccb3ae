# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

MODULE  := platform
SOURCES := isolated/alarm.c isolated/bases.c isolated/bell.c isolated/beside.c isolated/breakpoints.c \
	isolated/cache.c isolated/cell.c isolated/cpuid.c isolated/fpu.c isolated/host.c isolated/instruction.c \
	isolated/mapper.c isolated/pages.c isolated/platform.c isolated/rewrite.c \
	isolated/run.c isolated/slot.c isolated/stolen.c isolated/stop.c isolated/table.c \
	isolated/thread.c isolated/thunk.c isolated/vspace.c isolated/watch.c
USES    := abi
LIBS    := -lZydis # to know what an instruction will do

# The stub is a program of its own, carried inside build/quoll as an array of bytes.
STUB_SOURCES := entry.c mapper.S park.S trap.c
STUB_OBJECTS := $(patsubst %,$(BUILD)/stub/%.o,$(basename $(STUB_SOURCES)))
STUB_CFLAGS  := -std=c11 -O2 -g -ffreestanding -fno-stack-protector -fPIE -mgeneral-regs-only \
	-fcf-protection=none -fno-asynchronous-unwind-tables -D_GNU_SOURCE -I. $(CFLAGS_WARN)

$(BUILD)/stub/%.o: platform/stub/%.c | packages-build
	@mkdir -p $(@D)
	$(CC) $(STUB_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/stub/%.o: platform/stub/%.S | packages-build
	@mkdir -p $(@D)
	$(CC) -I. -MMD -MP -c -o $@ $<

-include $(STUB_OBJECTS:.o=.d)

$(BUILD)/stub/stub.ld: platform/stub/stub.ld platform/stub/layout.h | packages-build
	@mkdir -p $(@D)
	$(CC) -E -P -x c -D__ASSEMBLER__ -I. -o $@ $<

$(BUILD)/stub/stub.elf: $(BUILD)/stub/stub.ld $(STUB_OBJECTS)
	$(LD) -static -nostdlib --build-id=none -z noexecstack -T $< -o $@ $(STUB_OBJECTS)

$(BUILD)/include/stub_program.inc: $(BUILD)/stub/stub.elf
	@mkdir -p $(@D)
	strip -o $(BUILD)/stub/stub.stripped $<
	od -An -v -tx1 $(BUILD)/stub/stub.stripped | sed 's/ \(..\)/0x\1,/g' >$@

$(BUILD)/obj/platform/isolated/platform.o $(BUILD)/tests/obj/platform/isolated/platform.o: \
	$(BUILD)/include/stub_program.inc
