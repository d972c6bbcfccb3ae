# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

MODULE  := compare
SOURCES := against.c archive.c child.c comparison.c distribution.c fault.c figures.c histogram.c html.c interrupt.c list.c \
	noise.c output.c parts.c pipeline.c plot.c process.c progress.c protocol.c real_kernel.c report.c results.c run.c \
	subjects.c summary.c table.c testbed.c trace.c unit.c $(addprefix plot/,fault.c latency.c memory.c throughput.c)
USES    := machine
LIBS    := -lm -ljson-c -larchive -lmd
