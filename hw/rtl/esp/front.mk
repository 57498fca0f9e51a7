# SPDX-License-Identifier: Apache-2.0
#
# What stands before the datapaths: frame parsing and policy lookup.
HW_INGRESS_RTL := $(addprefix hw/rtl/esp/front/,l2_strip.sv l3_parse.sv ingress.sv)
HW_SPD_RTL := $(addprefix hw/rtl/esp/front/,spd_client.sv flow_cache.sv spd_side.sv spd_walk.sv spd_table.sv spd.sv)
HW_FRONT_RTL := $(HW_INGRESS_RTL) $(HW_SPD_RTL)
HW_LINT_TOPS += ingress spd
