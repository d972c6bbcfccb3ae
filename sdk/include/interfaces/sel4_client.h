/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright 2026, the Quoll authors */

/* All invocations. */
#pragma once

#include <interfaces/cnode.h>
#include <interfaces/domain.h>
#include <interfaces/irq.h>
#include <interfaces/sched_context.h>
#include <interfaces/tcb.h>
#include <interfaces/untyped.h>
#include <interfaces/x86_ioport.h>
#include <interfaces/x86_paging.h>
#include <interfaces/x86_vcpu.h>
