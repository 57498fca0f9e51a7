# SPDX-License-Identifier: Apache-2.0
#
# Whole gateways against strangers.
ifneq ($(wildcard hw/rtl/espalier.sv),)
TESTS     += tests/interop/run_slice
TEST_DEPS += $(RUN_DEPS)
endif
