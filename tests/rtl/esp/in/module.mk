# SPDX-License-Identifier: Apache-2.0
#
# Tests of the inbound path.
IN_T := tests/rtl/esp/in

$(eval $(call verilate,replay_window,replay_window,$(HW_REPLAY_WINDOW_RTL),-GSA_ENTRIES=16 -GWINDOW_MAX=1024))
$(eval $(call verilate,replay_window_64,replay_window,$(HW_REPLAY_WINDOW_RTL),-GSA_ENTRIES=16 -GWINDOW_MAX=64))
$(eval $(call verilate,sa_lookup,sa_lookup,$(HW_SA_LOOKUP_RTL),-GSA_ENTRIES=256 -GTEST_HOOKS=1))

# $(call in_test,NAME,MODEL): test_NAME.cc with the model MODEL
define in_test
$(B)/obj/$(IN_T)/test_$(1).o: CXXFLAGS += -I$(B)/vl/$(2)
$(B)/obj/$(IN_T)/test_$(1).o: $(B)/vl/$(2)/libV.a
$(B)/tests/test_$(1): $(B)/obj/$(IN_T)/test_$(1).o $(B)/vl/$(2)/libV.a
	@mkdir -p $$(@D)
	@$$(CXX) -o $$@ $$^ -lcrypto
TESTS += $(B)/tests/test_$(1)
endef

$(eval $(call in_test,replay_window,replay_window))
$(eval $(call in_test,replay_window_64,replay_window_64))
$(eval $(call in_test,sa_lookup,sa_lookup))

$(eval $(call verilate,esp_in_tb,esp_in_tb,hw/rtl/espalier_pkg.sv $(HW_LIB_RTL) $(HW_CRYPTO_RTL) \
    $(HW_FRONT_RTL) $(HW_FRAME_MERGE_RTL) $(HW_IN_RTL) $(IN_T)/esp_in_tb.sv,-GSA_ENTRIES=64))
$(eval $(call in_test,esp_in,esp_in_tb))
$(eval $(call in_test,esp_in_rate,esp_in_tb))
$(eval $(call in_test,esp_in_drops,esp_in_tb))
$(eval $(call in_test,esp_in_tables,esp_in_tb))
