# SPDX-License-Identifier: Apache-2.0
#
# What stands before the datapaths: frame parsing and policy lookup.
HW_PKG_RTL   ?= hw/rtl/espalier_pkg.sv
HW_FRONT_LIB := hw/rtl/lib/ram_1r1w.sv hw/rtl/lib/ram_lut.sv hw/rtl/lib/fifo_sync.sv hw/rtl/lib/pkt_fifo.sv
HW_FRONT_RTL := hw/rtl/esp/l2_strip.sv hw/rtl/esp/l3_parse.sv hw/rtl/esp/ingress.sv
