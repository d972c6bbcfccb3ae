MODULE  := machine
SOURCES :=
USES    := abi kernel platform
