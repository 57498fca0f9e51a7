# SPDX-License-Identifier: Apache-2.0
#
# `make bench`: every entry of BENCHES; figures merged into bench.json. The block is
# the profile-guided model, if there is one.
BENCH_SIM_LIB := $(B)/lib/libespalier-sim$(SIM_PGO).a

ifneq ($(wildcard hw/rtl/espalier.sv),)
BENCHES += $(B)/tests/bench/bench_device
endif

$(B)/tests/bench/bench_device: $(call objs,tests/bench/bench_device.c) \
                               $(B)/tests/libnic.a $(B)/tests/libtest.a \
                               $(B)/tests/libref.a $(B)/lib/libespalier.a \
                               $(BENCH_SIM_LIB)
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) -o $@ $^ $(DEVICE_LIBS)

# What the profile of the simulation is made from.
$(B)/tests/bench/train: $(call objs,tests/bench/train.c) \
                        $(B)/tests/libnic.a $(B)/tests/libtest.a \
                        $(B)/tests/libref.a $(B)/lib/libespalier.a \
                        $(B)/lib/libespalier-sim-train.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CLANGXX) -fprofile-instr-generate -o $@ $^ $(DEVICE_LIBS)
