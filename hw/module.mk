# SPDX-License-Identifier: Apache-2.0
#
# Every room under hw/rtl lists its sources.
include $(sort $(wildcard hw/rtl/*/*.mk))
