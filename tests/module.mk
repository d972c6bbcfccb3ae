# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# make test     every test; the last line counts passed and failed
# make test-X   only the tests under tests/X, for example test-kernel

# tests/FOLDER/NOUN.c is a program of unit tests, with the folder's module and those it uses
# linked in. Files whose names start with `fixture` belong to every program of their folder.
# tests/FOLDER/NOUN.sh is a test program as it stands.
#
# Tests of kernel/ are linked with one of its products: those in tests/kernel/ and tests/kernel/mcs/
# with the MCS kernel; those in tests/kernel/classic/ and those of the first that KERNEL_BOTH names
# with the classic one, as the folder kernel-classic. What they see of the product is in the folder
# that is first on their path.
TEST_FOLDERS := kernel kernel-classic platform machine microkit compare cli sdk system linux_baseline

TEST_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all

KERNEL_BOTH := asid cnode debug domain ioport iospace irq irq_control message notification \
	paging_tables random random_threads registers tcb tcb_debug tcb_registers untyped vspace

TEST_platform_USES := platform
TEST_machine_USES  := machine # with doubles of the kernel and the platform
TEST_microkit_USES := microkit
TEST_compare_USES  := compare
TEST_cli_USES      := compare microkit machine platform kernel # and all of cli but its main()

# Unit tests run with the sanitizers, on objects of their own.
define test_module_objects
$(BUILD)/tests/obj/$(1)/%.o: $(1)/%.c | packages-build
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS_HOST) $$(TEST_SANITIZE) -MMD -MP -c -o $$@ $$<
-include $$($(1)_SOURCES:%.c=$(BUILD)/tests/obj/$(1)/%.d)
$$(foreach product,$$($(1)_PRODUCTS),$$(eval $$(call link_product,$(BUILD)/tests/obj,$(1),$$(product))))
endef
$(foreach module,$(MODULES),$(eval $(call test_module_objects,$(module))))

# What a folder's programs are linked with: modules, or one product of the kernel.
test_objects = $(TEST_$(1)_OBJECTS) $(patsubst $(BUILD)/obj/%.o,$(BUILD)/tests/obj/%.o,\
	$(foreach module,$(TEST_$(1)_USES),$($(module)_OBJECTS)))

kernel_test_objects = $(patsubst %.c,$(BUILD)/tests/obj/kernel/%.o,\
	config.c $(kernel_SHARED_SOURCES) $(kernel_$(1)_SOURCES))
TEST_kernel_OBJECTS := $(call kernel_test_objects,mcs)
TEST_kernel_CFLAGS  := -Itests/kernel/mcs
TEST_kernel_ALSO    := tests/kernel/mcs
TEST_kernel-classic_OBJECTS := $(call kernel_test_objects,classic)
TEST_kernel-classic_CFLAGS  := -Itests/kernel/classic
TEST_kernel-classic_ALSO    := tests/kernel/classic
TEST_kernel-classic_SOURCES := $(KERNEL_BOTH:%=tests/kernel/%.c)
TEST_kernel-classic_FIXTURES := $(wildcard tests/kernel/fixture*.c)

TEST_cli_OBJECTS := $(patsubst $(BUILD)/obj/%.o,$(BUILD)/tests/obj/%.o,\
	$(filter-out $(BUILD)/obj/cli/main.o,$(cli_OBJECTS)))

# test_program FOLDER,SOURCE
define test_program
$(BUILD)/tests/$(1)/$(basename $(notdir $(2))): $(2) $$($(1)_TEST_FIXTURES) \
		$$(call test_objects,$(1)) tests/test.h tests/list-tests | packages-test
	@mkdir -p $$(@D)
	tests/list-tests $$< >$$@.main.c
	$$(CC) $$(CFLAGS_HOST) $$(TEST_$(1)_CFLAGS) -Wno-missing-prototypes $$(TEST_SANITIZE) -o $$@ $$< \
		$$@.main.c $$($(1)_TEST_FIXTURES) $$(call test_objects,$(1)) -lcmocka \
		$$(foreach module,$$(TEST_$(1)_USES),$$($$(module)_LIBS))
endef

define test_folder
$(1)_TEST_SOURCES := $$(TEST_$(1)_SOURCES) $$(filter-out $$(foreach folder,\
	tests/$(1) $$(TEST_$(1)_ALSO),$$(wildcard $$(folder)/fixture*.c)),\
	$$(foreach folder,tests/$(1) $$(TEST_$(1)_ALSO),$$(wildcard $$(folder)/*.c)))
$(1)_TEST_FIXTURES := $$(TEST_$(1)_FIXTURES) $$(foreach folder,tests/$(1) $$(TEST_$(1)_ALSO),\
	$$(wildcard $$(folder)/fixture*.c))
$(1)_TEST_PROGRAMS := $$(foreach source,$$($(1)_TEST_SOURCES),\
	$(BUILD)/tests/$(1)/$$(basename $$(notdir $$(source))))
$(1)_TEST_SCRIPTS := $$(wildcard tests/$(1)/*.sh)

$$(foreach source,$$($(1)_TEST_SOURCES),$$(eval $$(call test_program,$(1),$$(source))))

.PHONY: test-$(1)
test-$(1): all $$($(1)_TEST_PROGRAMS)
	@tests/run $$($(1)_TEST_PROGRAMS) $$($(1)_TEST_SCRIPTS)
endef
$(foreach folder,$(TEST_FOLDERS),$(eval $(call test_folder,$(folder))))

.PHONY: test
test: all $(foreach folder,$(TEST_FOLDERS),$($(folder)_TEST_PROGRAMS))
	@tests/run tests/layering.sh tests/source.sh \
		$(foreach folder,$(TEST_FOLDERS),$($(folder)_TEST_PROGRAMS) $($(folder)_TEST_SCRIPTS))

# make conformance    runs seL4's own test suite: QUOLL_SEL4TEST="[CONFIGURATION=]IMAGE …"
.PHONY: conformance
conformance: all
	@tests/conformance $(QUOLL_SEL4TEST)

include tests/system/hostile/module.mk
