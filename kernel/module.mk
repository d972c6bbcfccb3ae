MODULE  := kernel
SOURCES := \
	call.c \
	cdt.c \
	cnode.c \
	config.c \
	debug.c \
	endpoint.c \
	fault.c \
	invoke.c \
	lookup.c \
	message.c \
	notification.c \
	object.c \
	reply.c \
	say.c \
	syscall.c \
	tcb.c \
	tcb_caps.c \
	tcb_debug.c \
	tcb_registers.c \
	untyped.c
USES    := abi # numbers and layouts; no libc
FLAVOUR := free
