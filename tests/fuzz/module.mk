# SPDX-License-Identifier: Apache-2.0
#
# A target is one file, tests/fuzz/fuzz_NAME.c, with a LLVMFuzzerTestOneInput()
# and seeds in tests/fuzz/corpus/NAME/; it is linked to libike built with
# AddressSanitizer and UndefinedBehaviorSanitizer. FUZZ_LIBS_NAME: further
# libraries of that target.
#
#   make test                           a slice of each: the corpus, and a fixed
#                                       number of inputs from a fixed seed (gcc)
#   make fuzz TARGET=NAME SECONDS=600   libFuzzer (clang) from the corpus; what
#                                       it finds stays in build/fuzz/corpus/NAME
#   make fuzz-merge TARGET=NAME         takes what is new there into the corpus
FUZZ_TARGETS := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_B   := $(B)/fuzz
FUZZ_LIB := $(IKE_LIB_C)
FUZZ_SAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FUZZ_CFLAGS = $(CSTD) $(CWARN) -O1 -g -MMD -MP $(FUZZ_SAN) -Iike -Itests/lib -Itests/fuzz -Itests/ike/lib

# $(call fuzz_objs,gcc|clang,SOURCES)
fuzz_objs = $(patsubst %.c,$(FUZZ_B)/$(1)/%.o,$(2))

$(FUZZ_B)/gcc/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC  $< (asan)"
	@$(CCACHE) $(CC) $(CPPFLAGS) $(FUZZ_CFLAGS) -c -o $@ $<

# gcc says what is a warning in this house: clang only shows its own.
$(FUZZ_B)/clang/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC  $< (libFuzzer)"
	@$(CCACHE) clang $(CPPFLAGS) $(filter-out -Werror,$(FUZZ_CFLAGS)) -fsanitize=fuzzer-no-link -c -o $@ $<

FUZZ_gcc_LINK   := $(CC) $(FUZZ_SAN)
FUZZ_gcc_MAIN   := tests/fuzz/driver.c
FUZZ_clang_LINK := clang $(FUZZ_SAN) -fsanitize=fuzzer
FUZZ_clang_MAIN :=

# $(1): gcc or clang
define fuzz_rules
$(FUZZ_B)/$(1)/libike.a: $(call fuzz_objs,$(1),$(FUZZ_LIB))
	@rm -f $$@ && ar rcs $$@ $$^

$(FUZZ_TARGETS:%=$(FUZZ_B)/$(1)/fuzz_%): $(FUZZ_B)/$(1)/fuzz_%: $(FUZZ_B)/$(1)/tests/fuzz/fuzz_%.o $(call fuzz_objs,$(1),$(FUZZ_$(1)_MAIN)) $(FUZZ_B)/$(1)/libike.a
	@echo "  LD  $$@"
	@$(FUZZ_$(1)_LINK) -o $$@ $$^ $$(FUZZ_LIBS_$$*) -lcrypto

endef
$(eval $(call fuzz_rules,gcc))
$(eval $(call fuzz_rules,clang))

$(foreach c,gcc clang,$(eval $(FUZZ_B)/$(c)/fuzz_vici: $(call fuzz_objs,$(c),tests/ike/lib/nulldb.c)))
# A whole core names the events of the device.
$(foreach t,vici core,$(FUZZ_B)/gcc/fuzz_$(t) $(FUZZ_B)/clang/fuzz_$(t)): $(B)/lib/libespalier.a

TESTS += $(FUZZ_TARGETS:%=$(FUZZ_B)/gcc/fuzz_%)

.PHONY: fuzz fuzz-merge
SECONDS ?= 60
ifneq ($(filter fuzz fuzz-merge,$(MAKECMDGOALS)),)
ifeq ($(filter $(TARGET),$(FUZZ_TARGETS)),)
$(error TARGET=$(TARGET): one of $(FUZZ_TARGETS))
endif
endif

fuzz: $(FUZZ_B)/clang/fuzz_$(TARGET)
	@mkdir -p $(FUZZ_B)/corpus/$(TARGET) tests/fuzz/corpus/$(TARGET)
	$< -max_total_time=$(SECONDS) -timeout=10 -print_final_stats=1 \
		-artifact_prefix=$(FUZZ_B)/$(TARGET)- \
		$(FUZZ_B)/corpus/$(TARGET) tests/fuzz/corpus/$(TARGET)

fuzz-merge: $(FUZZ_B)/clang/fuzz_$(TARGET)
	@mkdir -p $(FUZZ_B)/corpus/$(TARGET) tests/fuzz/corpus/$(TARGET)
	$< -merge=1 tests/fuzz/corpus/$(TARGET) $(FUZZ_B)/corpus/$(TARGET)

-include $(shell find $(FUZZ_B) -name '*.d' 2>/dev/null)
