# SPDX-License-Identifier: Apache-2.0
#
# $(call verilate,NAME,TOP,SOURCES,FLAGS[,OPT])
#
# Rules for $(B)/vl/NAME/libV.a: the model of module TOP (class VTOP, header
# $(B)/vl/NAME/VTOP.h) together with the Verilator runtime. FLAGS are extra
# Verilator flags (-GPARAM=value, --trace-fst, --coverage ...). Optimisation is
# given to the generated makefile by OPT_FAST, since -CFLAGS -O3 is overridden
# there. (The folder is looked for because make -n runs the line, too.)
VERILATOR   ?= verilator
VL_ROOT     := $(shell $(VERILATOR) --getenv VERILATOR_ROOT 2>/dev/null)
VL_INCLUDES := -isystem $(VL_ROOT)/include -isystem $(VL_ROOT)/include/vltstd
# Not -march=native: with AVX-512 gcc keeps integers in vector registers, which
# costs a quarter of the speed (measured on the crypto core, gcc 12).
VL_OPT      ?= -O3
# Compiler of the models; a target may have one of its own.
VL_CXX      := $(CXX)
VL_FLAGS    := --cc -Wall -Wno-fatal -Werror-USERERROR --x-assign 0 --x-initial 0 -O3 \
               --unroll-count 2048 --unroll-stmts 100000 --noassert

define verilate
$(B)/vl/$(1)/libV.a: $(3)
	@mkdir -p $$(@D)
	@echo "  VERILATE $(1)"
	@$(VERILATOR) $(VL_FLAGS) $(4) --top-module $(2) --prefix V$(2) \
	    --Mdir $$(@D) $$(filter %.sv %.v,$$^)
	@[ ! -d $$(@D) ] || $$(MAKE) -s -C $$(@D) -f V$(2).mk -j $(JOBS) \
	    OPT_FAST="$(or $(5),$(VL_OPT)) -fPIC" OPT_SLOW="-O1 -fPIC" OPT_GLOBAL="-O2 -fPIC" \
	    CXX="$$(VL_CXX)" $$(if $(CCACHE),OBJCACHE=ccache) V$(2)__ALL.a verilated.o verilated_threads.o \
	    $$(if $$(findstring trace-fst,$(4)),verilated_fst_c.o) \
	    $$(if $$(findstring coverage,$(4)),verilated_cov.o) >/dev/null
	@rm -f $$@ && cp $$(@D)/V$(2)__ALL.a $$@ && ar r $$@ $$(@D)/verilated*.o 2>/dev/null
endef
