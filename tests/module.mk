# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# make test     every test; the last line counts passed and failed
# make test-X   only the tests under tests/X, for example test-kernel

# tests/FOLDER/NOUN.c is a program of unit tests, with the folder's module and those it uses
# linked in. Files whose names start with `fixture` belong to every program of their folder.
# tests/FOLDER/NOUN.sh is a test program as it stands.
TEST_FOLDERS := kernel platform machine microkit cli sdk system

TEST_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all

TEST_kernel_USES   := kernel
TEST_platform_USES := platform
TEST_machine_USES  := machine # with doubles of the kernel and the platform
TEST_microkit_USES := microkit
TEST_cli_USES      := cli microkit machine platform kernel

# Unit tests run with the sanitizers, on objects of their own.
define test_module_objects
$(BUILD)/tests/obj/$(1)/%.o: $(1)/%.c | packages-build
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS_HOST) $$(TEST_SANITIZE) -MMD -MP -c -o $$@ $$<
-include $$(patsubst $(BUILD)/obj/%.o,$(BUILD)/tests/obj/%.d,$$($(1)_OBJECTS))
endef
$(foreach module,$(MODULES),$(eval $(call test_module_objects,$(module))))

test_objects = $(patsubst $(BUILD)/obj/%.o,$(BUILD)/tests/obj/%.o,\
	$(foreach module,$(TEST_$(1)_USES),$($(module)_OBJECTS)))

define test_folder
$(1)_TEST_SOURCES := $$(filter-out tests/$(1)/fixture%,$$(wildcard tests/$(1)/*.c))
$(1)_TEST_FIXTURES := $$(wildcard tests/$(1)/fixture*.c)
$(1)_TEST_PROGRAMS := $$($(1)_TEST_SOURCES:%.c=$(BUILD)/%)
$(1)_TEST_SCRIPTS := $$(wildcard tests/$(1)/*.sh)

$$($(1)_TEST_PROGRAMS): $(BUILD)/tests/$(1)/%: tests/$(1)/%.c $$($(1)_TEST_FIXTURES) \
		$$(call test_objects,$(1)) tests/test.h tests/list-tests | packages-test
	@mkdir -p $$(@D)
	tests/list-tests $$< >$$@.main.c
	$$(CC) $$(CFLAGS_HOST) -Wno-missing-prototypes $$(TEST_SANITIZE) -o $$@ $$< $$@.main.c \
		$$($(1)_TEST_FIXTURES) $$(call test_objects,$(1)) -lcmocka \
		$$(foreach module,$$(TEST_$(1)_USES),$$($$(module)_LIBS))

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
