MODULE  := kernel
SOURCES := \
	call.c \
	cdt.c
USES    := abi # numbers and layouts; no libc
FLAVOUR := free
