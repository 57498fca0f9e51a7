# SPDX-License-Identifier: Apache-2.0
#
# What is generated from the register map is committed, so that a user needs
# no Python. `make regs` makes it again, `make regs-check` compares.
REGS_SRC   := hw/regs/espalier.rdl
REGS_OUT   := hw/regs/generated
REGS_VENV  := $(B)/venv/regs
REGS_TOOL  := tools/regs/regs.py tools/regs/regs.h.j2 tools/regs/regs_pkg.sv.j2 tools/regs/regs.md.j2

$(REGS_VENV)/.done: tools/regs/requirements.txt
	@mkdir -p $(@D)
	@python3 -m venv $(REGS_VENV) && $(REGS_VENV)/bin/pip install -q -r $< && touch $@

.PHONY: regs regs-check
regs: $(REGS_VENV)/.done $(REGS_TOOL)
	@$(REGS_VENV)/bin/python tools/regs/regs.py $(REGS_SRC) $(REGS_OUT)

# Without network and package index there is nothing to regenerate with: skip.
regs-check:
	@if $(MAKE) -s $(REGS_VENV)/.done >$(B)/regs-venv.log 2>&1; then \
	    $(REGS_VENV)/bin/python tools/regs/regs.py $(REGS_SRC) $(B)/regs && \
	    diff -ru $(REGS_OUT) $(B)/regs && echo "regs-check: generated files are current"; \
	else echo "regs-check: skipped, no Python environment (see $(B)/regs-venv.log)"; fi

LINTS += regs-check
