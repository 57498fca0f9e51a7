# SPDX-License-Identifier: Apache-2.0

$(eval $(call verilate,frame_merge,frame_merge,$(HW_LIB_RTL) $(HW_FRAME_MERGE_RTL),-GUSER_W=16))

$(B)/obj/tests/rtl/esp/out/test_frame_merge.o: CXXFLAGS += -I$(B)/vl/frame_merge
$(B)/obj/tests/rtl/esp/out/test_frame_merge.o: $(B)/vl/frame_merge/libV.a
$(B)/tests/test_frame_merge: $(B)/obj/tests/rtl/esp/out/test_frame_merge.o $(B)/vl/frame_merge/libV.a
	@mkdir -p $(@D)
	@$(CXX) -o $@ $^
TESTS += $(B)/tests/test_frame_merge

$(eval $(call verilate,esp_out_tb,esp_out_tb,$(HW_PKG_RTL) $(HW_LIB_RTL) $(filter-out %/gcm_share.sv %/gcm_pair.sv,$(HW_CRYPTO_RTL)) $(HW_FRONT_RTL) $(HW_OUT_RTL) tests/rtl/esp/out/esp_out_tb.sv,))
OUT_TEST := tests/rtl/esp/out/test_esp_out.cc tests/rtl/esp/out/out_bench.cc tests/rtl/esp/out/out_model.cc
$(call objs,$(OUT_TEST)): CXXFLAGS += -I$(B)/vl/esp_out_tb
$(call objs,$(OUT_TEST)): $(B)/vl/esp_out_tb/libV.a
$(B)/tests/test_esp_out: $(call objs,$(OUT_TEST)) $(B)/vl/esp_out_tb/libV.a
	@mkdir -p $(@D)
	@$(CXX) -o $@ $^ -lcrypto
TESTS += $(B)/tests/test_esp_out
