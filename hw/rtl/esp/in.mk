# SPDX-License-Identifier: Apache-2.0
#
# The inbound path, without what it shares with the outbound one.
HW_REPLAY_WINDOW_RTL := hw/rtl/espalier_pkg.sv $(HW_LIB_RTL) hw/rtl/esp/in/replay_window.sv
HW_SA_LOOKUP_RTL     := hw/rtl/espalier_pkg.sv $(HW_LIB_RTL) hw/rtl/esp/in/sa_lookup.sv

HW_IN_RTL := $(addprefix hw/rtl/esp/in/,esp_in_pkg.sv replay_window.sv sa_lookup.sv sad_in.sv \
    sa_count_in.sv in_classify.sv in_admit.sv in_feed.sv in_verify.sv in_decap.sv in_verdict.sv \
    in_prefix.sv in_deliver.sv in_table.sv esp_in.sv)
HW_LINT_TOPS += esp_in
