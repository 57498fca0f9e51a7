# SPDX-License-Identifier: Apache-2.0
#
# The block in other shapes: each test with the model of its name.
SHAPES := many small

define shape-test
$(B)/tests/device/shape/$(1): $(B)/obj/tests/device/shape/$(1).o $(B)/obj/tests/device/shape/board.o \
                              $(DEVICE_DEPS) $(B)/lib/libespalier-sim-$(1).a
	@mkdir -p $$(@D)
	@echo "  LD  $$@"
	@$(CC) $(LDFLAGS) -o $$@ $$^ $(DEVICE_LIBS)
endef
$(foreach s,$(SHAPES),$(eval $(call shape-test,$(s))))

ifneq ($(wildcard hw/rtl/espalier.sv),)
TESTS += $(SHAPES:%=$(B)/tests/device/shape/%)
TEST_DEPS += $(SHAPES:%=$(B)/dtb/sim-%.dtb)
endif
