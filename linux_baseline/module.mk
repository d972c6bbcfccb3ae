# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# The programs of `quoll baseline`, in build/linux_baseline/ as they are installed.

BASELINE          := $(BUILD)/linux_baseline
BASELINE_PROGRAMS := supervisor client server logger crasher
BASELINE_HEADERS  := $(wildcard linux_baseline/*.h) measured/pulse.h

.PHONY: linux_baseline
linux_baseline: $(BASELINE_PROGRAMS:%=$(BASELINE)/%)

$(BASELINE)/supervisor: linux_baseline/usage.c linux_baseline/report.c
$(BASELINE)/client: linux_baseline/report.c
$(BASELINE_PROGRAMS:%=$(BASELINE)/%): $(BASELINE)/%: linux_baseline/%.c $(BASELINE_HEADERS) | packages-build
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_HOST) -fPIE -pie -o $@ $(filter %.c,$^)
