MODULE  := microkit
SOURCES := arena.c bytes.c check.c diagnostic.c encode.c file.c format.c image.c model.c names.c \
	parse.c plan.c programs.c report.c spelling.c target.c xml.c
USES    := abi
LIBS    := -lexpat
