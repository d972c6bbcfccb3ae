MODULE  := kernel
SOURCES := \
	call.c \
	cdt.c \
	cnode.c \
	config.c \
	debug.c \
	invoke.c \
	lookup.c \
	object.c \
	say.c \
	syscall.c \
	untyped.c
USES    := abi # numbers and layouts; no libc
FLAVOUR := free
