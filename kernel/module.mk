# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# Two products of one source: mcs/ and classic/ have what they do not share. Each is linked on its
# own, so that in both a name can stand for something else, and shows nothing but its table.

MODULE  := kernel
SOURCES := config.c kernel.c
USES    := abi # numbers and layouts; no libc
FLAVOUR := free

PRODUCTS        := mcs classic
PRODUCT_mcs     := $(addprefix mcs/, \
	boot.c endpoint.c fault.c invoke.c notification.c product.c refill.c reply.c sched.c \
	sched_context.c sched_control.c syscall.c tcb.c)
PRODUCT_classic := $(addprefix classic/, \
	boot.c endpoint.c fault.c invoke.c notification.c product.c reply.c sched.c syscall.c tcb.c)
SHARED          := \
	boot.c \
	boot_memory.c \
	bootinfo.c \
	call.c \
	cdt.c \
	cnode.c \
	config_tables.c \
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
	receive.c \
	say.c \
	sched.c \
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
