# SPDX-License-Identifier: Apache-2.0
#
# Blobs of the simulated boards: build/dtb/NAME.dtb
DTBS := $(patsubst sim/boards/%.dts,$(B)/dtb/%.dtb,$(sort $(wildcard sim/boards/*.dts)))
ALL += $(DTBS)

$(B)/dtb/%.dtb: sim/boards/%.dts
	@mkdir -p $(@D)
	@echo "  DTC $<"
	@dtc -q -I dts -O dtb -o $@ $<

# The binding, its example and the boards against it. dt-doc-validate and
# dt-validate return 0 whatever they find, so that any word of theirs is a
# failure; and a blob that must fail shows that they looked at all.
BINDINGS := docs/bindings
BINDING  := $(BINDINGS)/net/espalier,inline-ipsec.yaml

.PHONY: lint-binding
lint-binding: $(DTBS)
	@echo "  BINDING $(BINDING)"
	@mkdir -p $(B)/binding
	@dt-doc-validate -u $(BINDINGS) $(BINDING) >$(B)/binding/doc.log 2>&1; \
	    if [ -s $(B)/binding/doc.log ]; then cat $(B)/binding/doc.log; exit 1; fi
	@dt-extract-example $(BINDING) >$(B)/binding/example.dts
	@dtc -q -I dts -O dtb -o $(B)/binding/example.dtb $(B)/binding/example.dts
	@dt-validate -s $(BINDINGS) $(B)/binding/example.dtb $(DTBS) >$(B)/binding/dtb.log 2>&1; \
	    if [ -s $(B)/binding/dtb.log ]; then cat $(B)/binding/dtb.log; exit 1; fi
	@sed 's/espalier,num-queues = <4>/espalier,num-queues = <3>/' $(B)/binding/example.dts | \
	    dtc -q -I dts -O dtb -o $(B)/binding/bad.dtb
	@dt-validate -s $(BINDINGS) $(B)/binding/bad.dtb 2>&1 | grep -q num-queues || \
	    { echo "lint-binding: three queues were not refused"; exit 1; }

LINTS += lint-binding
