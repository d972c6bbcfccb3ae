# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

MODULE  := cli
SOURCES := baseline.c boot.c capture.c check.c compare.c config.c host.c input.c main.c new.c option.c port.c project.c \
	run.c sdk.c spec.c system.c system_image.c test.c \
	$(addprefix test/,attempt.c case.c command_line.c escape.c excerpt.c find.c json.c judge.c junit.c key.c lines.c match.c \
	mistake.c pattern.c pool.c report.c result.c)
USES    := abi kernel platform machine microkit compare
LIBS    := -lm # isfinite

$(BUILD)/quoll: $(foreach module,cli compare microkit machine platform kernel,$(BUILD)/lib$(module).a)
	$(CC) $(CFLAGS_HOST) -o $@ $^ $(foreach module,cli compare microkit machine platform,$($(module)_LIBS))

$(BUILD)/quoll-qemu: cli/quoll-qemu
	install -m 755 $< $@

# The files of new projects, as a table of paths and texts: {"client.c", (const char[]){0x2f,…,0}},
PROJECT_FILES := $(shell cd cli/project && find . -name '*.in' -printf '%P\n' | sort)

$(BUILD)/include/project_files.inc: $(PROJECT_FILES:%=cli/project/%) cli/module.mk
	@mkdir -p $(@D)
	for file in $(PROJECT_FILES:.in=); do \
		printf '{"%s", (const char[]){' $$file; \
		od -An -v -tx1 cli/project/$$file.in | sed 's/ \(..\)/0x\1,/g'; \
		printf '0}},\n'; \
	done >$@
$(BUILD)/obj/cli/project.o $(BUILD)/tests/obj/cli/project.o: $(BUILD)/include/project_files.inc
