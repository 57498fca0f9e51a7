# SPDX-License-Identifier: Apache-2.0
#
# Whole gateways against strangers.
ifneq ($(wildcard hw/rtl/espalier.sv),)
TESTS     += $(patsubst %,tests/interop/%,run_slice test_strongswan test_native_esp test_libreswan)
TEST_DEPS += $(RUN_DEPS) $(B)/tests/ike/espalierd

# Every combination, not the slice of `make test`.
INTEROP := $(patsubst %,tests/interop/%,test_strongswan test_native_esp test_libreswan)
.PHONY: interop-all
interop-all: setup
	@$(MAKE) --no-print-directory -j $(JOBS) $(RUN_DEPS) $(B)/tests/ike/espalierd
	@for t in $(INTEROP); do $$t --all || exit 1; done
endif
