# SPDX-License-Identifier: Apache-2.0
#
# `make bench`: every entry of BENCHES; figures merged into bench.json.
ifneq ($(wildcard hw/rtl/espalier.sv),)
BENCHES += $(B)/tests/bench/bench_device
endif

$(B)/tests/bench/bench_device: $(call objs,tests/bench/bench_device.c) \
                               $(B)/tests/libnic.a $(B)/tests/libtest.a \
                               $(B)/tests/libref.a $(B)/lib/libespalier.a \
                               $(B)/lib/libespalier-sim.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) -o $@ $^ $(DEVICE_LIBS)
