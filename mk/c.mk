# SPDX-License-Identifier: Apache-2.0
#
# One rule for C, one for C++: $(B)/obj/PATH.o from PATH.c or PATH.cc.
# C++ is used only where Verilator's classes are touched.
$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC  $<"
	@$(CCACHE) $(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(B)/obj/%.o: %.cc
	@mkdir -p $(@D)
	@echo "  CXX $<"
	@$(CCACHE) $(CXX) $(CPPFLAGS) $(VL_INCLUDES) $(CXXFLAGS) -c -o $@ $<

# .clang-format is held by all C, and by the headers of C. The benches of
# tests/rtl are C++ and laid out by hand.
.PHONY: lint-format
lint-format:
	@find driver ike sim tests -name '*.[ch]' ! -path 'tests/rtl/*' -exec clang-format --dry-run -Werror {} +
LINTS += lint-format

# $(call objs,SOURCES): the object files of a list of sources
objs = $(patsubst %,$(B)/obj/%.o,$(basename $(1)))

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
