# SPDX-License-Identifier: Apache-2.0
#
# What others make of the device's frames.
$(B)/tests/opinion/wiredump: $(call objs,tests/opinion/wiredump.c) \
                             $(DEVICE_DEPS) $(DEVICE_SIM_LIB)
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(DEVICE_LIBS)

ifneq ($(wildcard hw/rtl/espalier.sv),)
TESTS += tests/opinion/test_opinion.py
TEST_DEPS += $(B)/tests/opinion/wiredump
endif
