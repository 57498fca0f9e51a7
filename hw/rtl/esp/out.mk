# SPDX-License-Identifier: Apache-2.0
#
# The outbound path, without what it shares with the inbound one.
HW_FRAME_MERGE_RTL := hw/rtl/esp/frame_merge.sv
