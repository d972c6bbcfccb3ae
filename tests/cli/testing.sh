#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# docs/testing.md: its commands print what it shows.
cd "$(dirname "$0")/../.." && exec tests/cli/replay docs/testing.md
