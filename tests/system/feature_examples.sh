#!/bin/bash
# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# What the examples of one feature each do beyond the tests beside them: without that feature.
cd "$(dirname "$0")/../.." || exit 1
. tests/system/harness

sed 's/ passive="true"//' examples/passive_server/passive_server.system >"$work/active.system"
machine run --search-path examples/passive_server/build "$work/active.system"
verdict a_server_that_is_not_passive_works_on_its_own_time says \
    "client: the server worked on its own time"

build/sdk/bin/microkit examples/clean_restart/clean_restart.system \
    --search-path examples/clean_restart/build --board x86_64_generic --config debug \
    --capdl-json "$work/spec.json" -o "$work/image" -r "$work/report" >"$work/said"
machine run --search-path examples/clean_restart/build "$work/spec.json"
verdict a_spec_in_capdl_knows_no_clean_restarts says \
    "parent quoll_pd_restart_clean: the image does not know of any child"
verdict a_child_that_cannot_be_restarted_clean_is_left_alone ended 0
