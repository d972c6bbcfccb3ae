MODULE  := microkit
SOURCES :=
USES    := abi
