# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# make install      quoll, its SDK, man pages, completion, docs and examples to PREFIX (/usr/local) below DESTDIR
# make uninstall    away with them

PREFIX  ?= /usr/local
DESTDIR ?=

INSTALL_BIN  := $(PREFIX)/bin
INSTALL_LIB  := $(PREFIX)/lib/quoll
INSTALL_MAN  := $(PREFIX)/share/man/man1
INSTALL_DOC  := $(PREFIX)/share/doc/quoll
INSTALL_BASH := $(PREFIX)/share/bash-completion/completions
INSTALL_FISH := $(PREFIX)/share/fish/vendor_completions.d
INSTALL_ZSH  ?= $(PREFIX)/share/zsh/site-functions # /usr has another place for Debian's packages

MAN_PAGES := quoll.1 microkit.1 quoll-qemu.1
EXAMPLE_FILES = $(shell find examples -name build -prune -o -type f ! -name module.mk -print)

# The SDK goes as a whole: $(INSTALL_LIB)/sdk is a MICROKIT_SDK for any Makefile, and where quoll looks.
.PHONY: install
install: quoll sdk measured linux_baseline
	install -D -m 755 $(BUILD)/quoll $(DESTDIR)$(INSTALL_BIN)/quoll
	install -D -m 755 cli/quoll-qemu $(DESTDIR)$(INSTALL_BIN)/quoll-qemu
	rm -rf $(DESTDIR)$(INSTALL_LIB)/sdk
	install -d -m 755 $(DESTDIR)$(INSTALL_LIB)
	cp -R $(SDK) $(DESTDIR)$(INSTALL_LIB)/sdk
	chmod -R u=rwX,go=rX $(DESTDIR)$(INSTALL_LIB)/sdk
	rm -rf $(DESTDIR)$(INSTALL_LIB)/measured $(DESTDIR)$(INSTALL_LIB)/linux_baseline
	cp -R $(MEASURED) $(BASELINE) $(DESTDIR)$(INSTALL_LIB)
	chmod -R u=rwX,go=rX $(DESTDIR)$(INSTALL_LIB)/measured $(DESTDIR)$(INSTALL_LIB)/linux_baseline
	ln -sf ../lib/quoll/sdk/bin/microkit $(DESTDIR)$(INSTALL_BIN)/microkit
	install -D -m 644 -t $(DESTDIR)$(INSTALL_MAN) $(MAN_PAGES:%=docs/man/%)
	install -D -m 644 cli/completion/quoll.bash $(DESTDIR)$(INSTALL_BASH)/quoll
	install -D -m 644 -t $(DESTDIR)$(INSTALL_FISH) cli/completion/quoll.fish
	install -D -m 644 -t $(DESTDIR)$(strip $(INSTALL_ZSH)) cli/completion/_quoll
	install -D -m 644 -t $(DESTDIR)$(INSTALL_DOC) README.md LICENSE
	install -D -m 644 -t $(DESTDIR)$(INSTALL_DOC)/docs $(wildcard docs/*.md)
	install -D -m 644 -t $(DESTDIR)$(INSTALL_DOC)/docs/ci $(wildcard docs/ci/*.yml)
	for file in $(EXAMPLE_FILES); do \
		install -D -m 644 $$file $(DESTDIR)$(INSTALL_DOC)/$$file || exit 1; \
	done

.PHONY: uninstall
uninstall:
	rm -f $(addprefix $(DESTDIR)$(INSTALL_BIN)/,quoll quoll-qemu microkit)
	rm -f $(MAN_PAGES:%=$(DESTDIR)$(INSTALL_MAN)/%)
	rm -f $(DESTDIR)$(INSTALL_BASH)/quoll $(DESTDIR)$(INSTALL_FISH)/quoll.fish
	rm -f $(DESTDIR)$(strip $(INSTALL_ZSH))/_quoll
	rm -rf $(DESTDIR)$(INSTALL_LIB) $(DESTDIR)$(INSTALL_DOC)
