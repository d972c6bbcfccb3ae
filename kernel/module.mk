MODULE  := kernel
SOURCES :=
USES    := abi # numbers and layouts; no libc
FLAVOUR := free
