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

# $(call objs,SOURCES): the object files of a list of sources
objs = $(patsubst %,$(B)/obj/%.o,$(basename $(1)))

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
