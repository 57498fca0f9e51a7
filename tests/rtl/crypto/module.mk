# SPDX-License-Identifier: Apache-2.0
#
# The crypto core: every pair of bodies (SBOX, GMUL) and the three rates (CYCLES of a
# block) get the same tests.
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
# $(call gcm_core_test,SBOX,GMUL,CYCLES)
gcm_core_test = \
  $(call gcm_model,gcm_core_$(1)$(2)$(3),gcm_core,-GSBOX=$(1) -GGMUL=$(2) -GCYCLES=$(3) tests/rtl/crypto/peek.vlt)\
  $(eval $(call gcm_test,gcm_core_$(1)$(2)$(3),gcm_core sbox=$(1) gmul=$(2) cycles=$(3),$(GCM_CORE_SRC),\
    -DTEST_SBOX=$(1) -DTEST_CYCLES=$(3)))
$(foreach s,0 1,$(foreach g,0 1,$(foreach c,1 2 4,$(call gcm_core_test,$(s),$(g),$(c)))))

# $(call gcm_pair_test,ENGINES,CYCLES)
gcm_pair_test = \
  $(call gcm_model,gcm_pair_$(1)$(2),gcm_pair,-GENGINES=$(1) -GCYCLES=$(2))\
  $(eval $(call gcm_test,gcm_pair_$(1)$(2),gcm_pair engines=$(1) cycles=$(2),tests/rtl/crypto/test_pair.cc,\
    -DENGINES=$(1) -DTEST_CYCLES=$(2)))
$(foreach e,1 2,$(foreach c,1 2 4,$(call gcm_pair_test,$(e),$(c))))

# The bench uses the bodies that simulate fast, without assertions.
$(eval $(call verilate,gcm_core_bench,gcm_core,$(HW_CRYPTO_RTL) $(HW_LIB_RTL),-GKEY_ENTRIES=1024))
$(B)/bench/bench_gcm: tests/bench/bench_gcm.cc $(wildcard tests/rtl/crypto/*.h) \
    $(B)/vl/gcm_core_bench/libV.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CXX) $(CPPFLAGS) $(VL_INCLUDES) -I$(B)/vl/gcm_core_bench -Itests/rtl/crypto \
	    $(filter-out -MMD -MP,$(CXXFLAGS)) -o $@ $(filter %.cc %.a,$^) -lpthread
BENCHES += $(B)/bench/bench_gcm
