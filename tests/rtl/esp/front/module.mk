# SPDX-License-Identifier: Apache-2.0
FRONT_T := tests/rtl/esp/front
FRONT_INGRESS_SRC := hw/rtl/espalier_pkg.sv $(HW_LIB_RTL) \
    $(HW_INGRESS_RTL)

$(eval $(call verilate,ingress,ingress,$(FRONT_INGRESS_SRC),-GUSER_W=16))
$(eval $(call verilate,ingress_drop,ingress,$(FRONT_INGRESS_SRC),-GUSER_W=16 -GDROP_FULL=1 -GBUF_BEATS=1024 -GIN_CODE=6\'h22 -GSHORT_CODE=6\'h28))
$(eval $(call verilate,l3_parse,l3_parse,hw/rtl/espalier_pkg.sv hw/rtl/esp/front/l3_parse.sv,))

# $(call front_test,TEST,MODEL)
define front_test
$(B)/obj/$(FRONT_T)/$(1).o: CXXFLAGS += -I$(B)/vl/$(2)
$(B)/obj/$(FRONT_T)/$(1).o: $(B)/vl/$(2)/libV.a
$(B)/tests/$(1): $(B)/obj/$(FRONT_T)/$(1).o $(B)/vl/$(2)/libV.a
	@mkdir -p $$(@D)
	@$(CXX) -o $$@ $$^
TESTS += $(B)/tests/$(1)
endef

$(eval $(call front_test,test_ingress,ingress))
$(eval $(call front_test,test_ingress_drop,ingress_drop))
$(eval $(call front_test,test_l3_parse,l3_parse))

FRONT_SPD_SRC := hw/rtl/espalier_pkg.sv $(HW_LIB_RTL) $(HW_SPD_RTL)
$(eval $(call verilate,spd_tiny,spd,$(FRONT_SPD_SRC),-GENTRIES=32 -GCACHE_SETS=16 -GEPOCH_W=2 -GTEST_HOOKS=1))
$(eval $(call front_test,test_spd,spd_tiny))
$(eval $(call verilate,spd_full,spd,$(FRONT_SPD_SRC),-GTEST_HOOKS=1 $(FRONT_T)/spd_full.vlt))
$(eval $(call front_test,test_spd_full,spd_full))
