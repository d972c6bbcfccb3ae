# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

MODULE  := microkit
SOURCES := arena.c bytes.c check.c diagnostic.c elf.c embedded.c file.c fit.c hardware.c image.c json.c \
	model.c names.c obstacle.c parse.c programs.c restart.c spelling.c target.c xml.c \
	$(addprefix capdl/,build.c capdl.c check.c encode.c memory.c programs.c read.c report.c restart.c sort.c \
		viper.c vspace.c words.c write.c) \
	$(addprefix check/,channel.c ioport.c map.c pd.c region.c setvar.c user_cap.c) \
	$(addprefix format/,channel.c cspace.c domains.c io_space.c ioport.c irq.c map.c pci.c pd.c \
		region.c scheduling.c system.c vm.c)
USES    := abi
LIBS    := -lexpat -ljson-c

# The two seL4 programs of a system, for each configuration of the SDK. They are also carried inside
# build/quoll as arrays of bytes.
INITIALISER_SOURCES := devices.c main.c memory.c report.c threads.c vspace.c
MONITOR_SOURCES     := console.c fault.c main.c

define microkit_programs
sdk: $$(addprefix $$(SDK_$(1))/elf/,initialiser.elf monitor.elf)

$(BUILD)/obj/seL4-$(1)/%.o: microkit/%.c $$(SDK_$(1)_HEADERS) | packages-build
	@mkdir -p $$(@D)
	$$(CC) $$(SDK_CFLAGS) -O2 -I$$(SDK_$(1))/include -I. -MMD -MP -c -o $$@ $$<

$$(SDK_$(1))/elf/initialiser.elf: $$(addprefix $$(SDK_$(1))/lib/,roottask.ld libroottask.a) \
		$$(INITIALISER_SOURCES:%.c=$(BUILD)/obj/seL4-$(1)/initialiser/%.o)
	$$(LD) -static -nostdlib --build-id=none -z noexecstack -L$$(SDK_$(1))/lib \
		--defsym=__stack_size=0x2000 -T roottask.ld -o $$@ $$(filter %.o,$$^) -lroottask

$$(SDK_$(1))/elf/monitor.elf: $$(addprefix $$(SDK_$(1))/lib/,microkit.ld libmicrokit.a) \
		$$(MONITOR_SOURCES:%.c=$(BUILD)/obj/seL4-$(1)/monitor/%.o)
	$$(LD) -static -nostdlib --build-id=none -z noexecstack -L$$(SDK_$(1))/lib \
		-T microkit.ld -o $$@ $$(filter %.o,$$^) -lmicrokit

$(BUILD)/include/%_$(1).inc: $$(SDK_$(1))/elf/%.elf
	@mkdir -p $$(@D)
	strip -g -o $(BUILD)/obj/seL4-$(1)/$$*.stripped $$<
	od -An -v -tx1 $(BUILD)/obj/seL4-$(1)/$$*.stripped | sed 's/ \(..\)/0x\1,/g' >$$@

$(BUILD)/obj/microkit/embedded.o $(BUILD)/tests/obj/microkit/embedded.o: \
	$(addprefix $(BUILD)/include/,initialiser_$(1).inc monitor_$(1).inc)

-include $$(wildcard $(BUILD)/obj/seL4-$(1)/*/*.d)
endef
$(foreach config,$(SDK_CONFIGS),$(eval $(call microkit_programs,$(config))))

# bin/microkit of the SDK.
MICROKIT_TOOL_OBJECTS := $(addprefix $(BUILD)/obj/microkit/tool/,arguments.o main.o sdk.o views.o)

$(MICROKIT_TOOL_OBJECTS): $(BUILD)/obj/%.o: %.c | packages-build
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_HOST) -MMD -MP -c -o $@ $<
-include $(MICROKIT_TOOL_OBJECTS:.o=.d)

sdk: $(SDK)/bin/microkit
$(SDK)/bin/microkit: $(MICROKIT_TOOL_OBJECTS) $(BUILD)/libmicrokit.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_HOST) -o $@ $^ $(microkit_LIBS)
