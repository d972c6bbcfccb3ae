# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# How an example is built: its Makefile says what it is made of (SYSTEM, PROGRAMS) and includes this.
#
# make             the image, build/loader.img
# make programs    only the programs in it
#
# Any Microkit SDK will do: make MICROKIT_SDK=/path/to/microkit-sdk-2.3.0

MICROKIT_SDK    ?= ../../build/sdk
MICROKIT_BOARD  ?= x86_64_generic
MICROKIT_CONFIG ?= debug
BUILD_DIR       ?= build

BOARD_DIR := $(MICROKIT_SDK)/board/$(MICROKIT_BOARD)/$(MICROKIT_CONFIG)
CC        := x86_64-linux-gnu-gcc
LD        := x86_64-linux-gnu-ld
CFLAGS    := -nostdlib -ffreestanding -g -O2 -Wall -Werror -march=x86-64 -mtune=generic \
	-I$(BOARD_DIR)/include
ELFS      := $(PROGRAMS:%=$(BUILD_DIR)/%.elf)

all: $(BUILD_DIR)/loader.img
programs: $(ELFS)

$(BUILD_DIR)/loader.img: $(SYSTEM) $(ELFS)
	$(MICROKIT_SDK)/bin/microkit $(SYSTEM) --search-path $(BUILD_DIR) --board $(MICROKIT_BOARD) \
		--config $(MICROKIT_CONFIG) -o $@ -r $(BUILD_DIR)/report.txt

$(BUILD_DIR)/%.elf: $(BUILD_DIR)/%.o
	$(LD) -L$(BOARD_DIR)/lib $< -lmicrokit -Tmicrokit.ld -o $@

$(BUILD_DIR)/%.o: %.c $(wildcard *.h) Makefile ../microkit.mk $(BOARD_DIR)/lib/libmicrokit.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c $< -o $@

clean:
	rm -rf $(BUILD_DIR)

.PHONY: all programs clean
