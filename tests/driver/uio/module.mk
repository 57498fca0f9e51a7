# SPDX-License-Identifier: Apache-2.0
$(B)/tests/driver/uio/probe: $(call objs,tests/driver/uio/probe.c) $(B)/lib/libespalier.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) -o $@ $^ $(DRIVER_LIBS)

TESTS += tests/driver/uio/test_uml.sh
TEST_DEPS += $(B)/tests/driver/uio/probe
