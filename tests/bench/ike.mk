# SPDX-License-Identifier: Apache-2.0
$(B)/obj/tests/bench/bench_ike.o $(B)/obj/tests/bench/ike_limit.o: CPPFLAGS += -Iike -Itests/ike/lib
$(B)/tests/bench/bench_ike: $(B)/obj/tests/bench/bench_ike.o $(B)/obj/tests/bench/ike_limit.o $(B)/obj/tests/ike/lib/pki.o $(B)/lib/libike.a $(B)/lib/libespalier.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) -o $@ $^ -lcrypto

BENCHES += $(B)/tests/bench/bench_ike
