# SPDX-License-Identifier: Apache-2.0
$(eval $(call verilate,dma,dma,$(HW_PKG_RTL) $(HW_LIB_RTL) $(HW_DMA_RTL),))

TEST_DMA_OBJS := $(call objs,tests/rtl/dma/test_dma.cc)
$(TEST_DMA_OBJS): CPPFLAGS += -I. -isystem $(B)/vl/dma
$(TEST_DMA_OBJS): $(B)/vl/dma/libV.a

$(B)/tests/rtl/test_dma: $(TEST_DMA_OBJS) $(B)/vl/dma/libV.a
	@mkdir -p $(@D)
	@$(CXX) -o $@ $^ -lpthread
TESTS += $(B)/tests/rtl/test_dma
