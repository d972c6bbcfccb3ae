# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# make examples the programs of the example systems, in examples/*/build

EXAMPLES := hello_world ipc_demo fault_tolerance roottask_hello \
	hierarchy passive_server cap_sharing domains prefill bootinfo setvar clean_restart \
	ring_buffer serial_driver timer_driver sixty_two_channels sixty_three_pds \
	roottask_threads

# These need compilers that building Quoll does not: their test builds them.
EXAMPLES_IN_OTHER_LANGUAGES := cpp rust

# Each has a Makefile of its own, which works with any Microkit SDK.
.PHONY: examples $(EXAMPLES:%=example-%)
examples: $(EXAMPLES:%=example-%)
$(EXAMPLES:%=example-%): example-%: sdk
	$(MAKE) --no-print-directory -C examples/$* programs MICROKIT_SDK=$(abspath $(SDK)) BUILD_DIR=build

.PHONY: clean-examples
clean: clean-examples
clean-examples:
	rm -rf $(patsubst %,examples/%/build,$(EXAMPLES) $(EXAMPLES_IN_OTHER_LANGUAGES))
