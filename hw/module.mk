# SPDX-License-Identifier: Apache-2.0
#
# Every room under hw/rtl lists its sources in HW_<ROOM>_RTL and its tops for
# `make lint` in HW_LINT_TOPS.
HW_LIB_RTL   := $(sort $(wildcard hw/rtl/lib/*.sv))
HW_PKG_RTL   := hw/rtl/espalier_pkg.sv hw/regs/generated/espalier_regs_pkg.sv
HW_LINT_TOPS :=

include hw/regs/regs.mk
include $(sort $(wildcard hw/rtl/*/*.mk))

# packages first
HW_RTL := $(HW_PKG_RTL) $(HW_LIB_RTL) $(HW_CRYPTO_RTL) \
          $(HW_FRONT_RTL) $(HW_OUT_RTL) $(HW_IN_RTL) $(HW_DMA_RTL) \
          $(HW_MGMT_RTL) hw/rtl/espalier_params.sv $(wildcard hw/rtl/espalier.sv)

HW_LINT_TOPS += espalier

# For users of the block: the sources in order.
.PHONY: print-rtl
print-rtl:
	@echo $(HW_RTL)

# Verilator's lint with every warning an error, and elaboration by yosys.
VL_LINT := $(VERILATOR) --lint-only -Wall --unroll-count 2048 --unroll-stmts 100000
.PHONY: lint-rtl
lint-rtl:
	@for t in $(HW_LINT_TOPS); do \
	    echo "  LINT $$t"; \
	    $(VL_LINT) --top-module $$t $(HW_RTL) || exit 1; done
	@for c in 1 2 4; do \
	    echo "  LINT gcm_pair, one small engine, a block every $$c cycles"; \
	    $(VL_LINT) --top-module gcm_pair -GENGINES=1 -GCYCLES=$$c -GSBOX=1 -GGMUL=1 $(HW_RTL) || exit 1; done
	@echo "  YOSYS espalier"
	@yosys -q -e 'blackbox|conflict|driver' -p "read_verilog -sv $(HW_RTL); \
	    hierarchy -check -top espalier; proc; check -assert"

LINTS += lint-rtl
