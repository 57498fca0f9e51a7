# SPDX-License-Identifier: Apache-2.0
$(B)/tests/bench/bench_driver: $(B)/obj/tests/bench/bench_driver.o $(B)/obj/tests/lib/blob.o $(B)/lib/libespalier.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) -o $@ $^ $(DRIVER_LIBS)

BENCHES += $(B)/tests/bench/bench_driver
