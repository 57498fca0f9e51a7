# SPDX-License-Identifier: Apache-2.0
#
# The outbound path, without what it shares with the inbound one.
HW_FRAME_MERGE_RTL := hw/rtl/esp/out/frame_merge.sv
HW_OUT_RTL := $(addprefix hw/rtl/esp/out/, \
    espalier_out_pkg.sv out_policy.sv out_events.sv sad_out.sv plain_shift.sv word_pack.sv out_prefix.sv \
    cipher_buf.sv icv_append.sv frame_merge.sv out_done.sv esp_out.sv)
HW_LINT_TOPS += esp_out
