# SPDX-License-Identifier: Apache-2.0
#
# The daemon without the device: linked to the small block of tests/sim.
$(B)/tests/ike/espalierd: $(call objs,$(IKE_C)) $(B)/lib/libike.a $(B)/lib/libespalier.a $(B)/lib/libespalier-sim-stub.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CXX) -o $@ $^ $(IKE_LIBS) $(SIM_LIBS) $(SIM_VLIBS)

# And with a device that has room for the policies of 400 children.
$(B)/tests/ike/espalierd-wide: $(call objs,$(IKE_C)) $(B)/lib/libike.a $(B)/lib/libespalier.a $(B)/lib/libespalier-sim-wide.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CXX) -o $@ $^ $(IKE_LIBS) $(SIM_LIBS) $(SIM_VLIBS)

TESTS     += $(patsubst %,tests/ike/test_%,espalierd tap daemon gateway load)
TEST_DEPS += $(B)/bin/espctl $(B)/tests/ike/espalierd $(B)/tests/ike/espalierd-wide $(B)/dtb/sim-wide.dtb $(RUN_DEPS)

VICI_TEST_C := $(sort $(wildcard tests/ike/test_vici*.c))

# The rooms of libike, a program each; and two cores in one process.
IKE_TESTS := $(patsubst tests/ike/%.c,$(B)/tests/ike/%,$(sort $(filter-out $(VICI_TEST_C),$(wildcard tests/ike/test_*.c))))
IKE_TESTLIB := $(call objs,$(wildcard tests/ike/lib/*.c) tests/lib/suite.c)

$(B)/obj/tests/ike/%.o: CPPFLAGS += -Iike -Itests/lib -Itests/ike/lib

$(IKE_TESTS): $(B)/tests/ike/%: $(B)/obj/tests/ike/%.o $(IKE_TESTLIB) $(B)/lib/libike.a $(B)/lib/libespalier.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) -o $@ $^ $(IKE_TEST_LIBS) -lcrypto -lcunit

# What the daemon has of its own is no library: its tests take the files.
$(B)/tests/ike/test_sadb: $(call objs,ike/daemon/sadb_espalier.c) $(B)/lib/libespalier.a
$(B)/tests/ike/test_sadb: IKE_TEST_LIBS := -lfdt -ljansson
$(B)/tests/ike/test_sadb: | $(B)/dtb/sim-site-a.dtb
$(B)/tests/ike/test_sockets: $(call objs,$(patsubst %,ike/daemon/%.c,sockets watch log))
$(B)/tests/ike/test_frames: $(call objs,ike/daemon/udpencap.c ike/daemon/icmp.c)
$(B)/tests/ike/test_sandbox: $(call objs,ike/daemon/sandbox.c)
$(patsubst %,$(B)/obj/tests/ike/test_%.o,sockets frames sandbox): CPPFLAGS += -Iike/daemon

TESTS += $(IKE_TESTS)

# The VICI socket over a scripted core, which stands in for that of libike.
VICI_TESTS := $(patsubst tests/ike/%.c,$(B)/tests/ike/%,$(VICI_TEST_C))
VICI_TESTLIB := $(call objs,tests/ike/vici/client.c tests/ike/vici/fake_core.c tests/ike/lib/conf_files.c tests/lib/suite.c)
$(call objs,$(VICI_TEST_C)): CPPFLAGS += -Itests/ike/vici

$(VICI_TESTS): $(B)/tests/ike/%: $(B)/obj/tests/ike/%.o $(VICI_TESTLIB) $(B)/lib/libike.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) -o $@ $^ -lcrypto -lcunit

$(B)/tests/ike/vicid: $(call objs,tests/ike/vici/vicid.c tests/ike/vici/fake_core.c) $(B)/lib/libike.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) -o $@ $^ -lcrypto

TESTS     += $(VICI_TESTS) tests/ike/test_swanctl
TEST_DEPS += $(B)/tests/ike/vicid
include tests/bench/ike.mk
