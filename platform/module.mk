MODULE  := platform
SOURCES :=
USES    := abi
