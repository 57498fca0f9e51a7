# SPDX-License-Identifier: Apache-2.0
#
# One file of the driver at a time, against the source tree.
UNIT_TESTLIB := $(call objs,tests/lib/suite.c)
UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(sort $(wildcard tests/unit/test_*.c)))

$(B)/obj/tests/unit/%.o: CPPFLAGS += -Itests/lib -Itests/driver -Idriver/src

$(UNIT_TESTS): $(B)/tests/unit/%: $(B)/obj/tests/unit/%.o $(UNIT_TESTLIB) $(B)/lib/libespalier.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) -o $@ $^ $(DRIVER_LIBS) -lcunit

TESTS += $(UNIT_TESTS)
