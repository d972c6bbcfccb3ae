# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# From a folder's module.mk to build/lib<MODULE>.a.
#
#   MODULE   its name, and its folder
#   SOURCES  C files, relative to the folder
#   USES     the folders whose headers it may include (tests/layering.sh checks it)
#   FLAVOUR  host (default) or free: without libc
#
# A module can have parts that are linked on their own and show nothing but one name, so that in each
# of them a name can stand for something else:
#
#   PRODUCTS         their names; the one name that PRODUCT shows is MODULE_PRODUCT
#   PRODUCT_<name>   C files of this one
#   SHARED           C files of all of them

# link_product FOLDER-OF-OBJECTS,MODULE,PRODUCT
define link_product
$(1)/$(2)/$(3).o: $$($(2)_SHARED_SOURCES:%.c=$(1)/$(2)/%.o) $$($(2)_$(3)_SOURCES:%.c=$(1)/$(2)/%.o)
	$$(LD) -r -o $$@ $$^
	$$(OBJCOPY) --keep-global-symbol=$(2)_$(3) $$@
endef

define use_module
FLAVOUR := host
SOURCES :=
SHARED :=
PRODUCTS :=
LIBS :=
include $(1)/module.mk
MODULES += $(1)
$(1)_USES := $$(USES)
$(1)_LIBS := $$(LIBS)
$(1)_PRODUCTS := $$(PRODUCTS)
$(1)_SHARED_SOURCES := $$(SHARED)
$$(foreach product,$$(PRODUCTS),$$(eval $(1)_$$(product)_SOURCES := $$(PRODUCT_$$(product))))
$(1)_SOURCES := $$(SOURCES) $$(SHARED) $$(foreach product,$$(PRODUCTS),$$(PRODUCT_$$(product)))
$(1)_OBJECTS := $$(SOURCES:%.c=$(BUILD)/obj/$(1)/%.o) $$(PRODUCTS:%=$(BUILD)/obj/$(1)/%.o)
$(1)_CFLAGS := $$(if $$(filter free,$$(FLAVOUR)),$$(CFLAGS_FREE),$$(CFLAGS_HOST))

$$(foreach product,$$(PRODUCTS),$$(eval $$(call link_product,$(BUILD)/obj,$(1),$$(product))))

$$($(1)_SOURCES:%.c=$(BUILD)/obj/$(1)/%.o): $(BUILD)/obj/$(1)/%.o: $(1)/%.c | packages-build
	@mkdir -p $$(@D)
	$$(CC) $$($(1)_CFLAGS) -MMD -MP -c -o $$@ $$<

$(BUILD)/lib$(1).a: $$($(1)_OBJECTS)
	@rm -f $$@
	$$(AR) rcsD $$@ $$^

-include $$($(1)_SOURCES:%.c=$(BUILD)/obj/$(1)/%.d)
endef
