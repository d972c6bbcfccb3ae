/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* Receiving, as the classic kernel does. */
#pragma once

#include "kernel/endpoint.h"

/* Receive on an endpoint cap, or poll its thread's bound notification first. */
void ep_receive(struct kernel *k, struct cap cap, struct tcb *receiver, enum ep_blocking blocking);
