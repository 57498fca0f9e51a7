# SPDX-License-Identifier: Apache-2.0
#
# The simulation library against a block of its own, without and with traces.
STUB_RTL := tests/sim/stub/espalier.sv hw/rtl/lib/fifo_sync.sv hw/rtl/lib/ram_lut.sv

$(eval $(call verilate,stub,espalier,$(STUB_RTL),))
$(eval $(call verilate,stub_trace,espalier,$(STUB_RTL),--trace-fst))
$(eval $(call sim-shim,stub,))
$(eval $(call sim-shim,stub_trace,-DSHIM_TRACE=1))
$(eval $(call sim-lib,stub,libespalier-sim-stub.a))
$(eval $(call sim-lib,stub_trace,libespalier-sim-stub-trace.a))

$(B)/tests/sim/stub.dtb: tests/sim/stub/stub.dts
	@mkdir -p $(@D)
	@dtc -q -I dts -O dtb -o $@ $<

TEST_SIM_C := tests/sim/stub_sim.c
TEST_SIM_DEPS := $(TEST_SIM_C) tests/sim/stub_sim.h $(B)/obj/tests/lib/suite.o $(B)/tests/sim/stub.dtb
TEST_SIM_FLAGS = $(CPPFLAGS) $(CFLAGS) -DSTUB_DTB='"$(B)/tests/sim/stub.dtb"' $(1) \
    -o $@ $< $(TEST_SIM_C) $(filter %.o %.a,$^) $(SIM_LIBS) -lcunit $(SIM_VLIBS)

$(B)/tests/sim/test_sim $(B)/tests/sim/test_sim_wire: $(B)/%: %.c $(TEST_SIM_DEPS) $(B)/lib/libespalier-sim-stub.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) $(call TEST_SIM_FLAGS,)

$(B)/tests/sim/test_sim_trace: tests/sim/test_sim.c $(TEST_SIM_DEPS) $(B)/lib/libespalier-sim-stub-trace.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) $(call TEST_SIM_FLAGS,-DTRACE)

TESTS += $(addprefix $(B)/tests/sim/,test_sim test_sim_wire test_sim_trace)
