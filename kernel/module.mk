# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

MODULE  := kernel
SOURCES := \
	boot.c \
	boot_memory.c \
	bootinfo.c \
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
	mismatch.c \
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
	untyped.c \
	x86/asid.c \
	x86/frame.c \
	x86/ioport.c \
	x86/iospace.c \
	x86/irq.c \
	x86/object.c \
	x86/paging.c \
	x86/registers.c \
	x86/table.c \
	x86/vspace.c
USES    := abi # numbers and layouts; no libc
FLAVOUR := free
