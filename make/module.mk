# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# From a folder's module.mk to build/lib<MODULE>.a.
#
#   MODULE   its name, and its folder
#   SOURCES  C files, relative to the folder
#   USES     the folders whose headers it may include (tests/layering.sh checks it)
#   FLAVOUR  host (default) or free: without libc

define use_module
FLAVOUR := host
SOURCES :=
LIBS :=
include $(1)/module.mk
MODULES += $(1)
$(1)_USES := $$(USES)
$(1)_LIBS := $$(LIBS)
$(1)_OBJECTS := $$(SOURCES:%.c=$(BUILD)/obj/$(1)/%.o)
$(1)_CFLAGS := $$(if $$(filter free,$$(FLAVOUR)),$$(CFLAGS_FREE),$$(CFLAGS_HOST))

$$($(1)_OBJECTS): $(BUILD)/obj/$(1)/%.o: $(1)/%.c | packages-build
	@mkdir -p $$(@D)
	$$(CC) $$($(1)_CFLAGS) -MMD -MP -c -o $$@ $$<

$(BUILD)/lib$(1).a: $$($(1)_OBJECTS)
	@rm -f $$@
	$$(AR) rcsD $$@ $$^

-include $$($(1)_OBJECTS:.o=.d)
endef
