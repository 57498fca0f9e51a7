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
