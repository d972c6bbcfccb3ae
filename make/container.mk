# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# make container       CONTAINER_STEPS (demo test compare) in a container, as an ordinary user; results in OUT (out)
# make container-base  a base image for it out of Debian's packages, where there is no registry

OUT             ?= out
CONTAINER_STEPS ?= demo test compare

.PHONY: container
container:
	@make/container run "$(OUT)" make/pipeline $(CONTAINER_STEPS)

.PHONY: container-base
container-base:
	@make/container base
