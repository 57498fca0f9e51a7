# SPDX-License-Identifier: Apache-2.0
#
# The inbound path.
HW_REPLAY_WINDOW_RTL := hw/rtl/espalier_pkg.sv hw/rtl/lib/ram_1r1w.sv hw/rtl/lib/ram_lut.sv \
    hw/rtl/lib/fifo_sync.sv hw/rtl/esp/replay_window.sv
HW_SA_LOOKUP_RTL := hw/rtl/espalier_pkg.sv hw/rtl/lib/ram_1r1w.sv hw/rtl/lib/ram_lut.sv \
    hw/rtl/lib/fifo_sync.sv hw/rtl/esp/sa_lookup.sv
