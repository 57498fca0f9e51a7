# SPDX-License-Identifier: Apache-2.0
#
# The Verilated block behind a C API. Eight models of the same block: `sim`
# (fast), `sim_trace` (FST), `sim_cov` (coverage), `sim_wide` (1024 policies),
# `sim_one` (one engine), `sim_quarter` (one engine at a quarter of the rate), `sim_many` (16
# queue pairs) and `sim_small` (everything as small as can be); each with its own
# shim, the rest of the library is common. Boards stand in sim/boards.
#
# `make sim-pgo` builds `sim` once more, guided by a profile (libespalier-sim-pgo;
# `make install PGO=1` installs it in the place of the other). The profile is that
# of an instrumented model, `sim_train`, under the mixed traffic of
# tests/bench/train.c.
SIM_C      := $(wildcard sim/src/*.c)
SIM_LIBS   := -lfdt -lpcap -ljansson
# libatomic: clang asks it whether an atomic integer is free of locks.
SIM_VLIBS  := -lstdc++ -lm -lz -lpthread -latomic
# A simulation is there to have faults put in: OP_CORRUPT exists in it.
SIM_VFLAGS := -GTEST_HOOKS=1 sim/rooms.vlt
$(addprefix $(B)/vl/,$(addsuffix /libV.a,sim sim_trace sim_cov sim_wide sim_one sim_quarter sim_many sim_small \
    sim_train sim_pgo)): sim/rooms.vlt
SIM_MANY   := -GNUM_QUEUES=16 -GSA_ENTRIES=16 -GSPD_ENTRIES=16 -GSPD_CACHE_SETS=16 \
              -GWINDOW_MAX=64 -GBUF_BEATS=512 -GFRAME_MAX=2048
SIM_SMALL  := -GNUM_QUEUES=1 -GSA_ENTRIES=16 -GSPD_ENTRIES=8 -GSPD_CACHE_SETS=16 \
              -GWINDOW_MAX=64 -GBUF_BEATS=512 -GFRAME_MAX=1514 -GGCM_ENGINES=1

# $(call sim-shim,MODEL,DEFINES): the shim of a model
define sim-shim
$(B)/vl/$(1)/parts.inc: sim/parts.awk $(B)/vl/$(1)/libV.a
	@awk -f $$< $$$$(sed -n 's|^\t\([^ ]*__DepSet[^ ]*\) .*|$$(@D)/\1.cpp|p' $$(@D)/Vespalier_classes.mk) >$$@

$(B)/obj/sim/$(1)/shim.o: sim/src/shim.cc sim/src/shim.h $(B)/vl/$(1)/parts.inc
	@mkdir -p $$(@D)
	@echo "  CXX $$< ($(1))"
	@$(CCACHE) $$(VL_CXX) -I$(B)/vl/$(1) $(VL_INCLUDES) $(CXXFLAGS) -Wno-bool-operation \
	    $(VL_OPT) $(2) -c -o $$@ $$<
endef

# $(call sim-lib,MODEL,LIBRARY): a static library with everything in it
define sim-lib
$(B)/lib/$(2): $(call objs,$(SIM_C)) $(B)/obj/sim/$(1)/shim.o $(B)/vl/$(1)/libV.a
	@mkdir -p $$(@D)
	@echo "  AR  $$@"
	@cp $(B)/vl/$(1)/libV.a $$@.tmp && ar r $$@.tmp $$(filter %.o,$$^) && mv $$@.tmp $$@
endef

# $(call sim-so,LIBRARY,MODEL): the same as a shared library
define sim-so
$(B)/lib/$(1): $(call objs,$(SIM_C)) $(B)/obj/sim/$(2)/shim.o $(B)/vl/$(2)/libV.a
	@echo "  LD  $$@"
	@$(CXX) -shared -Wl,-soname,libespalier-sim.so.0 -Wl,--exclude-libs,ALL -o $$@ $$^ \
	    $(SIM_LIBS) $(SIM_VLIBS)
endef

# The model that runs most: clang's is about a seventh faster than gcc's.
CLANGXX := $(notdir $(firstword $(shell command -v clang++ 2>/dev/null) $(CXX)))
PROFDATA := $(shell command -v llvm-profdata 2>/dev/null)
$(foreach m,sim sim_train sim_pgo,$(B)/vl/$(m)/libV.a $(B)/obj/sim/$(m)/shim.o): VL_CXX := $(CLANGXX)

# Counts are taken where the source branches, so the instrumented model may be
# optimised less. A cycle runs through more code than an instruction cache holds:
# the final model is made small, and for the processor that makes it. SIM_PGO_ARCH=
# (nothing) gives one that runs on any.
SIM_PROFILE := $(B)/vl/sim_train/profile.profdata
SIM_TRAIN_OPT := -O1 -fprofile-instr-generate
SIM_PGO_ARCH ?= $(if $(shell grep -w avx2 /proc/cpuinfo 2>/dev/null | grep -w bmi2),-march=x86-64-v3)
SIM_PGO_OPT := -Os $(SIM_PGO_ARCH) -fprofile-instr-use=$(CURDIR)/$(SIM_PROFILE) -Wno-profile-instr-unprofiled

ifneq ($(wildcard hw/rtl/espalier.sv),)
$(eval $(call verilate,sim,espalier,$(HW_RTL),$(SIM_VFLAGS)))
$(eval $(call verilate,sim_trace,espalier,$(HW_RTL),$(SIM_VFLAGS) --trace-fst --trace-structs))
$(eval $(call verilate,sim_cov,espalier,$(HW_RTL),$(SIM_VFLAGS) --coverage-line))
$(eval $(call verilate,sim_wide,espalier,$(HW_RTL),$(SIM_VFLAGS) -GSPD_ENTRIES=1024))
$(eval $(call verilate,sim_one,espalier,$(HW_RTL),$(SIM_VFLAGS) -GGCM_ENGINES=1,-O1))
$(eval $(call verilate,sim_quarter,espalier,$(HW_RTL),$(SIM_VFLAGS) -GGCM_ENGINES=1 -GGCM_CYCLES=4,-O1))
$(eval $(call verilate,sim_many,espalier,$(HW_RTL),$(SIM_VFLAGS) $(SIM_MANY),-O1))
$(eval $(call verilate,sim_small,espalier,$(HW_RTL),$(SIM_VFLAGS) $(SIM_SMALL),-O1))
$(eval $(call sim-shim,sim,))
$(eval $(call sim-shim,sim_one,))
$(eval $(call sim-shim,sim_quarter,))
$(eval $(call sim-shim,sim_wide,))
$(eval $(call sim-shim,sim_many,))
$(eval $(call sim-shim,sim_small,))
$(eval $(call sim-shim,sim_trace,-DSHIM_TRACE=1))
$(eval $(call sim-shim,sim_cov,-DSHIM_COV=1 -DVM_COVERAGE=1))
$(eval $(call sim-lib,sim,libespalier-sim.a))
$(eval $(call sim-lib,sim_wide,libespalier-sim-wide.a))
$(eval $(call sim-lib,sim_one,libespalier-sim-one.a))
$(eval $(call sim-lib,sim_quarter,libespalier-sim-quarter.a))
$(eval $(call sim-lib,sim_many,libespalier-sim-many.a))
$(eval $(call sim-lib,sim_small,libespalier-sim-small.a))
$(eval $(call sim-lib,sim_trace,libespalier-sim-trace.a))
$(eval $(call sim-lib,sim_cov,libespalier-sim-cov.a))

$(eval $(call sim-so,libespalier-sim.so,sim))

# With other compilers than clang there is no such model.
SIM_PGO :=
ifneq ($(and $(PROFDATA),$(filter clang++%,$(CLANGXX))),)
SIM_PGO := -pgo
$(eval $(call verilate,sim_train,espalier,$(HW_RTL),$(SIM_VFLAGS),$(SIM_TRAIN_OPT)))
$(eval $(call verilate,sim_pgo,espalier,$(HW_RTL),$(SIM_VFLAGS),$(SIM_PGO_OPT)))
$(eval $(call sim-shim,sim_train,$(SIM_TRAIN_OPT)))
$(eval $(call sim-shim,sim_pgo,$(SIM_PGO_OPT)))
$(eval $(call sim-lib,sim_train,libespalier-sim-train.a))
$(eval $(call sim-lib,sim_pgo,libespalier-sim-pgo.a))
$(eval $(call sim-so,libespalier-sim-pgo.so,sim_pgo))
$(B)/vl/sim_pgo/libV.a: $(SIM_PROFILE)

$(SIM_PROFILE): $(B)/tests/bench/train
	@echo "  PROFILE"
	@LLVM_PROFILE_FILE=$(@D)/profile.profraw $< >/dev/null
	@$(PROFDATA) merge -o $@ $(@D)/profile.profraw
endif

.PHONY: sim-pgo
sim-pgo: $(if $(SIM_PGO),$(B)/lib/libespalier-sim-pgo.a $(B)/lib/libespalier-sim-pgo.so)
	$(if $(SIM_PGO),,$(error sim-pgo needs clang++ and llvm-profdata))

ALL += $(B)/lib/libespalier-sim.a $(B)/lib/libespalier-sim.so

# PGO: anything but nothing takes the profile-guided model
PGO ?=
SIM_INSTALL := $(B)/lib/libespalier-sim$(if $(PGO),-pgo)

.PHONY: install-sim
install-sim: $(SIM_INSTALL).a $(SIM_INSTALL).so
	install -d $(DESTDIR)$(PREFIX)/lib $(DESTDIR)$(PREFIX)/include/espalier
	install -m 644 $(SIM_INSTALL).a $(DESTDIR)$(PREFIX)/lib/libespalier-sim.a
	install -m 755 $(SIM_INSTALL).so $(DESTDIR)$(PREFIX)/lib/libespalier-sim.so.0
	ln -sf libespalier-sim.so.0 $(DESTDIR)$(PREFIX)/lib/libespalier-sim.so
	install -m 644 sim/include/espalier/sim.h $(DESTDIR)$(PREFIX)/include/espalier
	$(call install-man3,sim/man/espalier_sim.3)
INSTALLS += install-sim
endif
