# SPDX-License-Identifier: Apache-2.0
#
# What stands before the datapaths: frame parsing and policy lookup.
HW_FRONT_RTL := hw/rtl/esp/l2_strip.sv hw/rtl/esp/l3_parse.sv hw/rtl/esp/ingress.sv
HW_LINT_TOPS += ingress
