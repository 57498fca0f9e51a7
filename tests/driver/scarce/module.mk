# SPDX-License-Identifier: Apache-2.0
#
# libespalier with its calls of the C library sent to scarce_*().
SCARCE := malloc calloc aligned_alloc free mmap munmap open eventfd socket accept4 epoll_create1 close \
          read write recv send bind listen epoll_ctl epoll_wait unlink lstat
SCARCE_TESTS := $(addprefix $(B)/tests/driver/scarce/,test_scarce test_scarce_ctl)

$(B)/tests/driver/scarce/libespalier.a: $(B)/lib/libespalier.a tests/driver/scarce/module.mk
	@mkdir -p $(@D)
	@echo "  OBJCOPY $@"
	@objcopy $(foreach f,$(SCARCE),--redefine-sym $(f)=scarce_$(f)) $< $@

$(SCARCE_TESTS): $(B)/%: $(B)/obj/%.o $(call objs,$(patsubst %,tests/driver/scarce/%.c,every_call scarce)) \
                 $(DRIVER_TESTLIB) $(B)/tests/driver/scarce/libespalier.a
	@echo "  LD  $@"
	@$(CC) -o $@ $^ $(DRIVER_LIBS) -lcunit -lpthread

TESTS += $(SCARCE_TESTS)
