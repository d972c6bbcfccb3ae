MODULE  := cli
SOURCES :=
USES    := abi kernel platform machine microkit

$(BUILD)/quoll: $(foreach module,cli microkit machine platform kernel,$(BUILD)/lib$(module).a)
	$(CC) $(CFLAGS_HOST) -o $@ $^ $(foreach module,cli microkit machine platform,$($(module)_LIBS))
