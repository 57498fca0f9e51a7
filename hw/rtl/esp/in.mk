# SPDX-License-Identifier: Apache-2.0
#
# The inbound path, without what it shares with the outbound one.
HW_REPLAY_WINDOW_RTL := hw/rtl/espalier_pkg.sv $(HW_LIB_RTL) hw/rtl/esp/in/replay_window.sv
HW_SA_LOOKUP_RTL     := hw/rtl/espalier_pkg.sv hw/rtl/esp/in/esp_in_pkg.sv $(HW_LIB_RTL) hw/rtl/esp/in/sa_lookup.sv

HW_IN_RTL := $(addprefix hw/rtl/esp/in/,esp_in_pkg.sv in_classify.sv in_intake.sv \
    sa_lookup.sv sad_in.sv in_admit.sv replay_window.sv sa_count_in.sv in_table.sv in_sa.sv \
    in_feed.sv in_verify.sv in_crypt.sv in_decap.sv in_verdict.sv in_judge.sv in_prefix.sv in_deliver.sv esp_in.sv)
HW_LINT_TOPS += esp_in
