# SPDX-License-Identifier: Apache-2.0
# The sources are HW_LIB_RTL of hw/module.mk. Here: their proofs.
.PHONY: formal-lib
formal-lib:
	@hw/formal/prove-lib full
formal: formal-lib

# Under a minute without what takes long: also among the tests.
TESTS += hw/formal/prove-lib
