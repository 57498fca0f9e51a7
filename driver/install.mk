# SPDX-License-Identifier: Apache-2.0
#
# Library, headers, pkg-config file, espctl, man pages. PREFIX, LIBDIR and
# DESTDIR as usual.
DRIVER_VERSION := $(shell sed -n 's/^.define ESPALIER_VERSION_TEXT "\(.*\)"/\1/p' driver/src/internal.h)
LIBDIR ?= $(PREFIX)/lib
MANDIR ?= $(PREFIX)/share/man
DRIVER_HEADERS := $(sort $(wildcard driver/include/espalier/*.h))
DRIVER_MAN3 := $(sort $(wildcard driver/man/*.3))

# Pages of section 3 into MANDIR; every name of a page has its own, by reference.
define install-man3
	install -d $(DESTDIR)$(MANDIR)/man3
	install -m 644 $(1) $(DESTDIR)$(MANDIR)/man3/
	@for p in $(1); do \
	    for n in $$(sed -n '/^\.Sh NAME/,/^\.Nd/s/^\.Nm \([a-z0-9_]*\).*/\1/p' $$p); do \
	        [ $$n = $$(basename $$p .3) ] || echo ".so man3/$$(basename $$p)" >$(DESTDIR)$(MANDIR)/man3/$$n.3; done; done
endef

.PHONY: install-driver
install-driver: $(B)/lib/libespalier.a $(B)/lib/libespalier.so $(B)/bin/espctl
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(PREFIX)/bin \
	    $(DESTDIR)$(PREFIX)/include/espalier $(DESTDIR)$(MANDIR)/man1
	install -m 755 $(B)/lib/libespalier.so $(DESTDIR)$(LIBDIR)/libespalier.so.$(DRIVER_VERSION)
	ln -sf libespalier.so.$(DRIVER_VERSION) $(DESTDIR)$(LIBDIR)/$(DRIVER_SONAME)
	ln -sf $(DRIVER_SONAME) $(DESTDIR)$(LIBDIR)/libespalier.so
	install -m 644 $(B)/lib/libespalier.a $(DESTDIR)$(LIBDIR)/
	install -m 644 $(DRIVER_HEADERS) $(DESTDIR)$(PREFIX)/include/espalier/
	sed 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@VERSION@|$(DRIVER_VERSION)|' \
	    driver/espalier.pc.in >$(DESTDIR)$(LIBDIR)/pkgconfig/espalier.pc
	install -m 755 $(B)/bin/espctl $(DESTDIR)$(PREFIX)/bin/
	install -m 644 driver/man/espctl.1 $(DESTDIR)$(MANDIR)/man1/
	$(call install-man3,$(DRIVER_MAN3))

INSTALLS += install-driver

.PHONY: lint-man
lint-man:
	@echo "  MAN */man"
	@mandoc -Tlint */man/* | grep -v 'referenced manual not found' || exit 0; exit 1
LINTS += lint-man
