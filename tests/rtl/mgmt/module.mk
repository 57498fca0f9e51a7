# SPDX-License-Identifier: Apache-2.0
$(eval $(call verilate,mgmt_top,mgmt_top,$(HW_PKG_RTL) $(HW_LIB_RTL) $(HW_MGMT_RTL) tests/rtl/mgmt/mgmt_top.sv,))

TEST_MGMT_OBJS := $(call objs,tests/rtl/mgmt/test_mgmt.cc)
$(TEST_MGMT_OBJS): CPPFLAGS += -I. -isystem $(B)/vl/mgmt_top
$(TEST_MGMT_OBJS): $(B)/vl/mgmt_top/libV.a

$(B)/tests/rtl/test_mgmt: $(TEST_MGMT_OBJS) $(B)/vl/mgmt_top/libV.a
	@mkdir -p $(@D)
	@$(CXX) -o $@ $^ -lpthread
TESTS += $(B)/tests/rtl/test_mgmt
