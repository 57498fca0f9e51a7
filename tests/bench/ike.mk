# SPDX-License-Identifier: Apache-2.0
IKE_BENCH_OBJS := $(call objs,tests/bench/ike_side.c tests/ike/lib/pki.c tests/ike/lib/nulldb.c) $(B)/lib/libike.a $(B)/lib/libespalier.a
$(patsubst %,$(B)/obj/tests/bench/%.o,bench_ike ike_limit ike_side ike_initiator): CPPFLAGS += -Iike -Iike/daemon -Itests/ike/lib

$(B)/tests/bench/bench_ike: $(call objs,tests/bench/bench_ike.c tests/bench/ike_limit.c) $(IKE_BENCH_OBJS)
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) -o $@ $^ -lcrypto

# Our core as the initiator of strangers, over the daemon's sockets.
$(B)/tests/bench/ike_initiator: $(call objs,tests/bench/ike_initiator.c $(patsubst %,ike/daemon/%.c,sockets watch log)) $(IKE_BENCH_OBJS)
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) -o $@ $^ -lcrypto

BENCHES += $(B)/tests/bench/bench_ike tests/bench/bench_responders
tests/bench/bench_responders: $(B)/tests/bench/ike_initiator $(B)/tests/ike/espalierd $(B)/dtb/sim-site-a.dtb
