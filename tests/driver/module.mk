# SPDX-License-Identifier: Apache-2.0
#
# The whole library on the null device.
DRIVER_TESTS := $(patsubst tests/driver/%.c,$(B)/tests/driver/%,$(sort $(wildcard tests/driver/test_*.c)))
DRIVER_TESTLIB := $(call objs,tests/driver/fixture.c tests/lib/blob.c tests/lib/suite.c)

$(B)/obj/tests/driver/%.o: CPPFLAGS += -Itests/lib -Itests/driver -Idriver/src

$(DRIVER_TESTS): $(B)/tests/driver/%: $(B)/obj/tests/driver/%.o $(DRIVER_TESTLIB) $(B)/lib/libespalier.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) -o $@ $^ $(DRIVER_LIBS) -lcunit -lpthread

TESTS += $(DRIVER_TESTS)
TEST_DEPS += $(B)/bin/espctl
$(B)/tests/driver/test_ctl $(B)/tests/driver/test_espctl: $(call objs,tests/driver/ctl_fixture.c)
$(B)/tests/driver/test_espctl: | $(B)/bin/espctl
TESTS += tests/driver/test_install.sh
TEST_DEPS += $(B)/lib/libespalier.so

include tests/bench/driver.mk
