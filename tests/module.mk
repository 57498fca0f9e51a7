# SPDX-License-Identifier: Apache-2.0
#
# Every sub-room has its own module.mk.
include $(sort $(wildcard tests/*/module.mk tests/*/*/module.mk tests/*/*/*/module.mk))
