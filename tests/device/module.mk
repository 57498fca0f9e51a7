# SPDX-License-Identifier: Apache-2.0
#
# Tests of the whole device: libespalier on the Verilated block.
DEVICE_TESTS := $(patsubst tests/device/%.c,%,$(sort $(wildcard tests/device/*.c)))
DEVICE_DEPS  := $(B)/tests/libnic.a $(B)/tests/libtest.a $(B)/tests/libref.a \
                $(B)/lib/libespalier.a
DEVICE_LIBS  := -lcunit -lcrypto -lfdt -lpcap -ljansson -lstdc++ -lm -lz -lpthread

# The model: `make test DEVICE_SIM=cov` takes the one with coverage.
DEVICE_SIM ?=
DEVICE_SIM_LIB := $(B)/lib/libespalier-sim$(addprefix -,$(DEVICE_SIM)).a

$(B)/tests/device/%: $(B)/obj/tests/device/%.o $(DEVICE_DEPS) $(DEVICE_SIM_LIB)
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(DEVICE_LIBS)

ifneq ($(wildcard hw/rtl/espalier.sv),)
TESTS += $(addprefix $(B)/tests/device/,$(DEVICE_TESTS))
endif

.PHONY: soak
soak: $(B)/tests/device/diff
	$(B)/tests/device/diff --first $$(date +%s) --seconds $(or $(SECONDS),3600)
