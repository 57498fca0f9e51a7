# SPDX-License-Identifier: Apache-2.0
#
# Tests of the whole device: libespalier on the Verilated block.
DEVICE_TESTS := $(patsubst tests/device/%.c,%,$(sort $(wildcard tests/device/*.c)))
DEVICE_DEPS  := $(B)/tests/libnic.a $(B)/tests/libtest.a $(B)/tests/libref.a \
                $(B)/lib/libespalier.a
DEVICE_LIBS  := -lcunit -lcrypto $(SIM_LIBS) $(SIM_VLIBS)

# The model: `make test DEVICE_SIM=cov` takes the one with coverage.
DEVICE_SIM ?=
DEVICE_SIM_LIB := $(B)/lib/libespalier-sim$(addprefix -,$(DEVICE_SIM)).a

$(B)/tests/device/%: $(B)/obj/tests/device/%.o $(DEVICE_DEPS) $(DEVICE_SIM_LIB)
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(DEVICE_LIBS)

# The same random packets on a device with one engine, at full rate and at a quarter of it.
define diff_on
$(B)/tests/device/diff-$(1): $(B)/obj/tests/device/diff.o $(DEVICE_DEPS) $(B)/lib/libespalier-sim-$(1).a
	@mkdir -p $$(@D)
	@echo "  LD  $$@"
	@$$(CC) $$(LDFLAGS) -o $$@ $$^ $(DEVICE_LIBS)
endef
DEVICE_DIFFS := one quarter
$(foreach m,$(DEVICE_DIFFS),$(eval $(call diff_on,$(m))))

ifneq ($(wildcard hw/rtl/espalier.sv),)
TESTS += $(addprefix $(B)/tests/device/,$(DEVICE_TESTS)) $(DEVICE_DIFFS:%=$(B)/tests/device/diff-%)
endif

.PHONY: soak
soak: $(B)/tests/device/diff
	$(B)/tests/device/diff --first $$(date +%s) --seconds $(or $(SECONDS),3600)
