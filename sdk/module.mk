# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# make sdk      build/sdk, laid out as a Microkit SDK

USES        := abi

SDK         := $(BUILD)/sdk
SDK_VERSION := 2.3.0
SDK_BOARD   := x86_64_generic
SDK_CONFIGS := debug release

# Code for seL4 userland: position dependent, and linked by a linker script.
SDK_CFLAGS := -std=gnu11 -g -O3 -ffreestanding -nostdlib -fno-pic -fno-pie -fno-stack-protector \
	-fcf-protection=none -march=x86-64 -mtune=generic $(CFLAGS_WARN)

# What the headers say, for tools that do not read C.
SDK_TABLES := invocations_all object_sizes address_space_constants

SDK_HEADERS := $(shell find sdk/include sdk/libmicrokit/include sdk/roottask/include abi -name '*.h')

.PHONY: sdk
sdk: $(SDK)/VERSION $(SDK)/LICENSE
$(SDK)/VERSION: sdk/module.mk
	@mkdir -p $(@D)
	echo $(SDK_VERSION) >$@
$(SDK)/LICENSE: LICENSE
	@mkdir -p $(@D)
	cp $< $@

# For a configuration, debug or release, of the board:
#   SDK_<config>           its folder
#   SDK_<config>_HEADERS   a file that is newer than its headers, for programs to depend on
define sdk_config
SDK_$(1) := $(SDK)/board/$(SDK_BOARD)/$(1)
SDK_$(1)_HEADERS := $$(SDK_$(1))/include/.complete

sdk: $$(SDK_$(1)_HEADERS) $$(SDK_TABLES:%=$$(SDK_$(1))/%.json) \
	$$(addprefix $$(SDK_$(1))/lib/,libmicrokit.a microkit.ld libroottask.a roottask.ld)

$$(SDK_$(1)_HEADERS): $$(SDK_HEADERS) $$(wildcard sdk/config/*.options) sdk/config/generate
	@rm -rf $$(@D) && mkdir -p $$(@D)/kernel $$(SDK_$(1))/elf
	cp -r sdk/include/. sdk/libmicrokit/include/. sdk/roottask/include/. $$(@D)
	cp -r abi $$(@D)/abi && rm -f $$(@D)/abi/README.md
	sdk/config/generate sdk/config/kernel.options $(1) h >$$(@D)/kernel/gen_config.h
	sdk/config/generate sdk/config/kernel.options $(1) json >$$(@D)/kernel/gen_config.json
	sdk/config/generate sdk/config/libsel4.options $(1) h >$$(@D)/sel4/gen_config.h
	sdk/config/generate sdk/config/libsel4.options $(1) json >$$(@D)/sel4/gen_config.json
	@touch $$@

$(BUILD)/obj/sdk/$(1)/tables: sdk/config/tables.c $$(SDK_$(1)_HEADERS) | packages-build
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS_HOST) -I$$(SDK_$(1))/include -o $$@ $$<

$$(SDK_TABLES:%=$$(SDK_$(1))/%.json): $$(SDK_$(1))/%.json: $(BUILD)/obj/sdk/$(1)/tables
	$$< $$* >$$@

$(BUILD)/obj/sdk/$(1)/%.o: sdk/% $$(SDK_$(1)_HEADERS) | packages-build
	@mkdir -p $$(@D)
	$$(CC) $$(SDK_CFLAGS) -I$$(SDK_$(1))/include -c -o $$@ $$<

$$(SDK_$(1))/lib/lib%.a:
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(AR) rcsD $$@ $$^
$$(SDK_$(1))/lib/libmicrokit.a: $$(addprefix $(BUILD)/obj/sdk/$(1)/libmicrokit/,crt0.S.o main.c.o dbg.c.o restart.c.o)
$$(SDK_$(1))/lib/libroottask.a: $$(addprefix $(BUILD)/obj/sdk/$(1)/roottask/,\
	crt0.S.o start.c.o console.c.o memory.c.o)

$$(SDK_$(1))/lib/microkit.ld: sdk/libmicrokit/microkit.ld
$$(SDK_$(1))/lib/roottask.ld: sdk/roottask/roottask.ld
$$(SDK_$(1))/lib/%.ld:
	@mkdir -p $$(@D)
	cp $$< $$@
endef
$(foreach config,$(SDK_CONFIGS),$(eval $(call sdk_config,$(config))))
