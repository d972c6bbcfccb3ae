# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# The measured systems and their programs go to build/measured/, as they are installed: whoever measures
# needs no compiler.

MEASURED          := $(BUILD)/measured
MEASURED_PROGRAMS := client server logger caller crasher supervisor
MEASURED_FILES    := ipc.system fault.system iterations
MEASURED_CONFIGS  := debug release

MEASURED_CFLAGS := -std=gnu11 -nostdlib -ffreestanding -g -O2 -fno-pic -fno-pie -fno-stack-protector \
	-Wall -Wextra $(WERROR) -march=x86-64 -mtune=generic

.PHONY: measured
measured: $(MEASURED_FILES:%=$(MEASURED)/%)

$(MEASURED_FILES:%=$(MEASURED)/%): $(MEASURED)/%: measured/%
	@mkdir -p $(@D)
	cp $< $@

define measured_config
measured: $$(MEASURED_PROGRAMS:%=$$(MEASURED)/$(1)/%.elf)

$$(MEASURED)/$(1)/%.elf: measured/%.c $$(wildcard measured/*.h) $$(SDK_$(1)_HEADERS) $$(SDK_$(1))/lib/libmicrokit.a
	@mkdir -p $$(@D)
	$$(CC) $$(MEASURED_CFLAGS) -I$$(SDK_$(1))/include -c -o $$(@:.elf=.o) $$<
	$$(LD) -L$$(SDK_$(1))/lib $$(@:.elf=.o) -lmicrokit -T$$(SDK_$(1))/lib/microkit.ld -o $$@
	rm $$(@:.elf=.o)
endef
$(foreach config,$(MEASURED_CONFIGS),$(eval $(call measured_config,$(config))))
