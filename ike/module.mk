# SPDX-License-Identifier: Apache-2.0
#
# espalierd, the gateway daemon: what knows of no socket and no device is a
# library of its own, so that tests can put two of them into one process.
IKE_ROOMS := wire crypto conf core vici
IKE_LIB_C := $(foreach r,$(IKE_ROOMS),$(wildcard ike/$(r)/*.c))
IKE_C     := $(wildcard ike/daemon/*.c)
IKE_LIBS  := -lcrypto -lconfig

$(B)/obj/ike/%.o: CPPFLAGS += -Iike

$(B)/lib/libike.a: $(call objs,$(IKE_LIB_C))
	@mkdir -p $(@D)
	@rm -f $@ && ar rcs $@ $^

$(B)/bin/espalierd: $(call objs,$(IKE_C)) $(B)/lib/libike.a $(B)/lib/libespalier.a $(B)/lib/libespalier-sim.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CXX) -o $@ $^ $(IKE_LIBS) $(SIM_LIBS) $(SIM_VLIBS)

ifneq ($(wildcard hw/rtl/espalier.sv),)
ALL += $(B)/bin/espalierd

# Two sites and real traffic between them, with IKE or with static keys; without
# privileges the path of the latter with packets from files.
RUN_DEPS := $(B)/bin/espalierd $(B)/dtb/sim-site-a.dtb $(B)/dtb/sim-site-b.dtb
run run-static: setup
	@$(MAKE) --no-print-directory $(RUN_DEPS)
	@if [ "$$(id -u)" -eq 0 ]; then tools/run/$@; else tools/run/run-user; fi

run-user: setup
	@$(MAKE) --no-print-directory $(RUN_DEPS)
	@tools/run/run-user

UNITDIR ?= $(PREFIX)/lib/systemd/system
.PHONY: install-ike
install-ike: $(B)/bin/espalierd
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/share/man/man8 $(DESTDIR)$(PREFIX)/share/man/man5 \
	    $(DESTDIR)$(UNITDIR)
	install -m 755 $(B)/bin/espalierd $(DESTDIR)$(PREFIX)/sbin
	install -m 644 ike/man/espalierd.8 $(DESTDIR)$(PREFIX)/share/man/man8
	install -m 644 ike/man/espalierd-swanctl.conf.5 $(DESTDIR)$(PREFIX)/share/man/man5
	sed 's|@SBINDIR@|$(PREFIX)/sbin|' ike/systemd/espalierd.service.in >$(DESTDIR)$(UNITDIR)/espalierd.service
	chmod 644 $(DESTDIR)$(UNITDIR)/espalierd.service
INSTALLS += install-ike
endif
