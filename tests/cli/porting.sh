#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# docs/porting.md: its project is made, checked and changed, and its commands print what it shows.
cd "$(dirname "$0")/../.." && exec tests/cli/replay docs/porting.md
