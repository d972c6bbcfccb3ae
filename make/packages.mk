# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# What Quoll needs from Debian, by what it is needed for. A target that needs a
# package depends on packages-build or packages-test, which install what is
# missing when root or sudo is at hand, and otherwise say what to install.

PACKAGES_BUILD := gcc libc6-dev binutils libexpat1-dev libelf-dev libdw-dev libzydis-dev libjson-c-dev libarchive-dev libmd-dev
PACKAGES_TEST  := libcmocka-dev patch g++ clang clang-format clang-tidy gdb procps jq man-db zsh fish libxml2-utils gnuplot-nox

PACKAGES_DEB   := dpkg-dev lintian
PACKAGES_CONTAINER := podman runc uidmap slirp4netns fuse-overlayfs mmdebstrap

.PHONY: packages-build packages-test packages-deb packages-container
packages-build: $(BUILD)/packages-build
packages-test: $(BUILD)/packages-test
packages-deb: $(BUILD)/packages-deb
packages-container: $(BUILD)/packages-container

$(BUILD)/packages-build: make/packages.mk make/install-packages
	make/install-packages $@ $(PACKAGES_BUILD)

$(BUILD)/packages-test: make/packages.mk make/install-packages
	make/install-packages $@ $(PACKAGES_TEST)

$(BUILD)/packages-deb: make/packages.mk make/install-packages
	make/install-packages $@ $(PACKAGES_DEB)

$(BUILD)/packages-container: make/packages.mk make/install-packages
	make/install-packages $@ $(PACKAGES_CONTAINER)
