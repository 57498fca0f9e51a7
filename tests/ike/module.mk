# SPDX-License-Identifier: Apache-2.0
#
# The daemon without the device: linked to the small block of tests/sim.
$(B)/tests/ike/espalierd: $(call objs,$(IKE_C)) $(B)/lib/libespalier.a $(B)/lib/libespalier-sim-stub.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CXX) -o $@ $^ -lconfig $(SIM_LIBS) $(SIM_VLIBS)

TESTS     += tests/ike/test_espalierd
TEST_DEPS += $(B)/bin/espctl $(B)/tests/ike/espalierd $(B)/dtb/sim-site-a.dtb
