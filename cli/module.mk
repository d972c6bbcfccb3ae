# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

MODULE  := cli
SOURCES := boot.c check.c config.c host.c input.c main.c option.c run.c system.c system_image.c
USES    := abi kernel platform machine microkit
LIBS    := -ljansson -lm # gen_config.json; isfinite

$(BUILD)/quoll: $(foreach module,cli microkit machine platform kernel,$(BUILD)/lib$(module).a)
	$(CC) $(CFLAGS_HOST) -o $@ $^ $(foreach module,cli microkit machine platform,$($(module)_LIBS))
