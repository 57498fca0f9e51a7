# SPDX-License-Identifier: Apache-2.0
#
# The crypto core: every pair of bodies (SBOX, GMUL) gets the same tests.
GCM_KEYS_TEST := 64
GCM_VARIANTS  := 00 01 10 11
gcm_s = $(if $(filter 0%,$(1)),0,1)
gcm_g = $(if $(filter %0,$(1)),0,1)

# $(call gcm_test,VARIANT)
define gcm_test
$$(eval $$(call verilate,gcm_core_$(1),gcm_core,$$(HW_CRYPTO_RTL) $$(HW_LIB_RTL),\
    -GSBOX=$(call gcm_s,$(1)) -GGMUL=$(call gcm_g,$(1)) -GKEY_ENTRIES=$$(GCM_KEYS_TEST) \
    --assert --x-assign unique --x-initial unique))

$$(B)/tests/gcm_core_$(1): tests/rtl/crypto/test_gcm.cc tests/rtl/crypto/cavp.cc \
    $$(wildcard tests/rtl/crypto/*.h) $$(B)/vl/gcm_core_$(1)/libV.a
	@mkdir -p $$(@D)
	@echo "  LD  $$@"
	@$$(CXX) $$(CPPFLAGS) $$(VL_INCLUDES) -I$$(B)/vl/gcm_core_$(1) \
	    $$(filter-out -MMD -MP,$$(CXXFLAGS)) \
	    -DTEST_NAME='"gcm_core sbox=$(call gcm_s,$(1)) gmul=$(call gcm_g,$(1))"' \
	    -DTEST_KEY_ENTRIES=$$(GCM_KEYS_TEST) -o $$@ $$(filter %.cc %.a,$$^) -lcrypto -lpthread

TESTS += $$(B)/tests/gcm_core_$(1)
endef
$(foreach v,$(GCM_VARIANTS),$(eval $(call gcm_test,$(v))))
