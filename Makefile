# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# make         build/quoll, the SDK in build/sdk and the examples
# make demo    set up, build, run the example systems
# make test    set up, build, run every test
# make bench   measure, in one run, with ratios
# make help    the other targets

BUILD  := build
CC     ?= gcc
OBJCOPY ?= objcopy
WERROR ?= -Werror

CFLAGS_WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes $(WERROR)
CFLAGS_HOST := -std=c11 -O2 -g -D_GNU_SOURCE -I. -I$(BUILD)/include $(CFLAGS_WARN) $(CFLAGS)
# No libc and no host: nothing but the compiler's own freestanding headers.
CFLAGS_FREE := -std=c11 -O2 -g -ffreestanding -fno-stack-protector -I. $(CFLAGS_WARN) $(CFLAGS)

# A recipe that fails leaves no half-made target behind.
.DELETE_ON_ERROR:

.PHONY: all
all: quoll sdk examples measured linux_baseline

# Each folder's module.mk says what it is made of (MODULE, SOURCES, USES), and
# make/module.mk turns that into build/lib<module>.a. Folders with more to make
# (the stub, the SDK, seL4 programs) add their own rules to theirs.
include sdk/module.mk
MODULES :=
include make/module.mk
$(foreach folder,kernel platform machine microkit compare cli,$(eval $(call use_module,$(folder))))
include examples/module.mk
include measured/module.mk
include linux_baseline/module.mk
include bench/module.mk
include tests/module.mk
include make/install.mk
include make/deb.mk
include make/container.mk
include make/packages.mk

.PHONY: quoll
quoll: $(BUILD)/quoll $(BUILD)/quoll-qemu

DEMO := hello_world ipc_demo fault_tolerance

.PHONY: demo
demo: all
	@for system in $(DEMO); do \
		echo "== build/quoll run examples/$$system/$$system.system"; \
		$(BUILD)/quoll run --exit-when-idle examples/$$system/$$system.system </dev/null || exit 1; \
	done

# make compare     quoll compare ITERATIONS: beside plain Linux, with the report in out/
.PHONY: compare
compare: all
	$(BUILD)/quoll compare $(ITERATIONS)

.PHONY: format
format:
	git ls-files '*.c' '*.h' | xargs clang-format -i

# make tidy    clang-tidy, which takes minutes
.PHONY: tidy
tidy: | packages-test
	git ls-files 'kernel/*.c' | xargs -n 4 -P 2 sh -c 'clang-tidy --quiet "$$@" -- -std=c11 -ffreestanding -I.' sh
	git ls-files 'machine/*.c' 'cli/*.c' 'compare/*.c' 'microkit/*.c' 'platform/isolated/*.c' | \
		grep -vE '^microkit/(initialiser|monitor)/' | \
		xargs -n 4 -P 2 sh -c 'clang-tidy --quiet "$$@" -- -std=c11 -D_GNU_SOURCE -I. -I$(BUILD)/include' sh

.PHONY: clean
clean:
	rm -rf $(BUILD)

# make clean-out   away with out/, where quoll compare leaves its results
.PHONY: clean-out
clean-out:
	rm -rf out

.PHONY: help
help:
	@sed -n '/^# make /s/^# //p' Makefile make/*.mk */module.mk
