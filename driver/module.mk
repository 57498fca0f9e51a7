# SPDX-License-Identifier: Apache-2.0
include sim/boards/boards.mk

# ---- libespalier ----
DRIVER_SRC := $(sort $(wildcard driver/src/*.c))
DRIVER_OBJ := $(call objs,$(DRIVER_SRC))
DRIVER_LIBS := -lfdt -ljansson
DRIVER_SONAME := libespalier.so.0
LIBESPALIER := $(B)/lib/libespalier.a

$(B)/lib/libespalier.a: $(DRIVER_OBJ)
	@mkdir -p $(@D)
	@echo "  AR  $@"
	@rm -f $@ && ar rcs $@ $^

$(B)/lib/libespalier.so: $(DRIVER_OBJ) driver/libespalier.map
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) -shared -o $@ -Wl,-soname,$(DRIVER_SONAME) -Wl,-z,defs \
	    -Wl,--version-script,driver/libespalier.map $(DRIVER_OBJ) $(DRIVER_LIBS)

ALL += $(B)/lib/libespalier.a $(B)/lib/libespalier.so

# Names of the registers for `espctl regs`, from the generated header.
$(B)/gen/reg_names.h: hw/regs/generated/espalier_regs.h driver/reg_names.awk
	@mkdir -p $(@D)
	@echo "  AWK $@"
	@awk -f driver/reg_names.awk $< >$@
$(B)/obj/driver/src/ctl_info.o: $(B)/gen/reg_names.h
$(B)/obj/driver/src/ctl_info.o: CPPFLAGS += -I$(B)/gen

# ---- espctl ----
ESPCTL_OBJ := $(call objs,$(sort $(wildcard driver/tools/espctl/*.c)))

$(B)/bin/espctl: $(ESPCTL_OBJ) $(B)/lib/libespalier.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) -o $@ $^ $(DRIVER_LIBS)

ALL += $(B)/bin/espctl

include driver/install.mk
