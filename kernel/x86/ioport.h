/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* I/O ports: a range of them is issued at most once at a time. */
#pragma once

#include "kernel/call.h"

enum answer decode_io_port_control(struct call *call);
enum answer decode_io_port(struct call *call);

/* The last cap to a range is gone: it can be issued again. */
void io_port_release(struct kernel *k, unsigned first, unsigned last);
