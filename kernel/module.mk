# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

MODULE  := kernel
SOURCES := \
	call.c \
	cdt.c \
	cnode.c \
	config.c \
	debug.c \
	domain.c \
	endpoint.c \
	fault.c \
	invoke.c \
	irq.c \
	lookup.c \
	message.c \
	notification.c \
	object.c \
	refill.c \
	reply.c \
	say.c \
	sched.c \
	sched_context.c \
	sched_control.c \
	sched_mcs.c \
	syscall.c \
	tcb.c \
	tcb_caps.c \
	tcb_debug.c \
	tcb_registers.c \
	untyped.c
USES    := abi # numbers and layouts; no libc
FLAVOUR := free
