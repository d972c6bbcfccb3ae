# SPDX-License-Identifier: BSD-2-Clause
# Copyright 2026, the Quoll authors

# make deb          a Debian package for amd64, build/quoll_VERSION_amd64.deb

DEB         := $(BUILD)/deb
DEB_ROOT    := $(DEB)/root
DEB_DOC     := $(DEB_ROOT)/usr/share/doc/quoll
DEB_VERSION := $(shell sed -n 's/^\#define QUOLL_VERSION "\(.*\)"/\1/p' cli/main.c)
DEB_FILE    := $(BUILD)/quoll_$(DEB_VERSION)_amd64.deb
# Of all files in the package: the same inputs make the same bytes. Without git it is that of the file with the version.
DEB_DATE    := $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null || stat -c %Y cli/main.c))

.PHONY: deb
deb: quoll sdk measured linux_baseline | packages-deb
	rm -rf $(DEB)
	$(MAKE) --no-print-directory install DESTDIR=$(DEB_ROOT) PREFIX=/usr \
		INSTALL_ZSH=/usr/share/zsh/vendor-completions
	strip --remove-section=.comment $(DEB_ROOT)/usr/bin/quoll $(DEB_ROOT)/usr/lib/quoll/sdk/bin/microkit \
		$(DEB_ROOT)/usr/lib/quoll/linux_baseline/*
	@# Debian wants the licence in a file of its own, in a form of its own.
	rm $(DEB_DOC)/LICENSE $(DEB_ROOT)/usr/lib/quoll/sdk/LICENSE
	gzip -9n $(DEB_ROOT)/usr/share/man/man1/*.1
	install -D -m 644 make/deb/copyright $(DEB_DOC)/copyright
	sed -n '/^Redistribution/,$$p' LICENSE | \
		sed 's/^$$/./; s/^/ /' >>$(DEB_DOC)/copyright
	install -D -m 644 make/deb/lintian-overrides $(DEB_ROOT)/usr/share/lintian/overrides/quoll
	make/deb/changelog $(DEB_VERSION) $(DEB_DATE) | gzip -9n >$(DEB_DOC)/changelog.gz
	make/deb/control $(DEB_ROOT) $(DEB_VERSION)
	chmod -R u=rwX,go=rX $(DEB_ROOT)
	find $(DEB_ROOT) -exec touch --no-dereference --date=@$(DEB_DATE) {} +
	SOURCE_DATE_EPOCH=$(DEB_DATE) dpkg-deb --root-owner-group --build $(DEB_ROOT) $(DEB_FILE)
