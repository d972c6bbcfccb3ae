MODULE  := microkit
SOURCES := bytes.c encode.c image.c plan.c programs.c report.c
USES    := abi
