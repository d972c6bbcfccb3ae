#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# docs/tutorial.md: its changes apply, and its commands print what it shows.
cd "$(dirname "$0")/../.." && exec tests/cli/replay docs/tutorial.md
