# SPDX-License-Identifier: Apache-2.0
#
# What the whole-device tests share: generator and vectors (no device), and the
# simulated NIC with its driver and its model.
TESTLIB_SRC := tests/lib/gen.c tests/lib/vectors.c tests/lib/craft.c \
               tests/lib/suite.c tests/lib/casedump.c
NICLIB_SRC  := tests/lib/nic.c tests/lib/blob.c tests/lib/table.c tests/lib/pair.c tests/lib/meter.c tests/lib/drop.c \
               tests/lib/world.c

$(B)/tests/libtest.a: $(call objs,$(TESTLIB_SRC))
	@mkdir -p $(@D)
	@rm -f $@ && ar rcs $@ $^

$(B)/tests/libnic.a: $(call objs,$(NICLIB_SRC))
	@mkdir -p $(@D)
	@rm -f $@ && ar rcs $@ $^
