# SPDX-License-Identifier: Apache-2.0
#
# The crypto core: every pair of bodies (SBOX, GMUL) gets the same tests.
GCM_KEYS_TEST := 64
GCM_VL_TEST   := -GKEY_ENTRIES=$(GCM_KEYS_TEST) --assert --x-assign unique --x-initial unique

# $(call gcm_model,NAME,TOP,PARAMETERS)
gcm_model = $(eval $(call verilate,$(1),$(2),$(HW_CRYPTO_RTL) $(HW_LIB_RTL),$(GCM_VL_TEST) $(3)))

# $(call gcm_test,NAME,TEXT,SOURCES,DEFINES): $(B)/tests/NAME with model NAME
define gcm_test
$(B)/tests/$(1): $(3) $(wildcard tests/rtl/crypto/*.h) $(B)/vl/$(1)/libV.a
	@mkdir -p $$(@D)
	@echo "  LD  $$@"
	@$$(CXX) $$(CPPFLAGS) $$(VL_INCLUDES) -I$(B)/vl/$(1) $$(filter-out -MMD -MP,$$(CXXFLAGS)) \
	    -DTEST_NAME='"$(2)"' -DTEST_KEY_ENTRIES=$(GCM_KEYS_TEST) $(4) \
	    -o $$@ $$(filter %.cc %.a,$$^) -lcrypto -lpthread
TESTS += $(B)/tests/$(1)
endef

GCM_CORE_SRC := tests/rtl/crypto/test_gcm.cc tests/rtl/crypto/cavp.cc
$(foreach s,0 1,$(foreach g,0 1,\
  $(call gcm_model,gcm_core_$(s)$(g),gcm_core,-GSBOX=$(s) -GGMUL=$(g) tests/rtl/crypto/peek.vlt)\
  $(eval $(call gcm_test,gcm_core_$(s)$(g),gcm_core sbox=$(s) gmul=$(g),$(GCM_CORE_SRC),-DTEST_SBOX=$(s)))))

$(foreach e,1 2,\
  $(call gcm_model,gcm_pair_$(e),gcm_pair,-GENGINES=$(e))\
  $(eval $(call gcm_test,gcm_pair_$(e),gcm_pair engines=$(e),tests/rtl/crypto/test_pair.cc,-DENGINES=$(e))))

# The bench uses the bodies that simulate fast, without assertions.
$(eval $(call verilate,gcm_core_bench,gcm_core,$(HW_CRYPTO_RTL) $(HW_LIB_RTL),-GKEY_ENTRIES=1024))
$(B)/bench/bench_gcm: tests/bench/bench_gcm.cc $(wildcard tests/rtl/crypto/*.h) \
    $(B)/vl/gcm_core_bench/libV.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CXX) $(CPPFLAGS) $(VL_INCLUDES) -I$(B)/vl/gcm_core_bench -Itests/rtl/crypto \
	    $(filter-out -MMD -MP,$(CXXFLAGS)) -o $@ $(filter %.cc %.a,$^) -lpthread
BENCHES += $(B)/bench/bench_gcm
