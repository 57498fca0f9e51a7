# SPDX-License-Identifier: Apache-2.0

$(eval $(call verilate,frame_merge,frame_merge,$(HW_FRAME_MERGE_RTL),-GUSER_W=16))

$(B)/obj/tests/rtl/esp/out/test_frame_merge.o: CXXFLAGS += -I$(B)/vl/frame_merge
$(B)/obj/tests/rtl/esp/out/test_frame_merge.o: $(B)/vl/frame_merge/libV.a
$(B)/tests/test_frame_merge: $(B)/obj/tests/rtl/esp/out/test_frame_merge.o $(B)/vl/frame_merge/libV.a
	@mkdir -p $(@D)
	@$(CXX) -o $@ $^
TESTS += $(B)/tests/test_frame_merge
