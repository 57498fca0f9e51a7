# SPDX-License-Identifier: Apache-2.0
#
# The ESP model and what proves it.
REF_SRC := tests/ref/parse.c tests/ref/gcm.c tests/ref/window.c \
           tests/ref/tables.c tests/ref/out.c tests/ref/in.c
CPPFLAGS += -Itests/ref -Itests/lib

$(B)/tests/libref.a: $(call objs,$(REF_SRC))
	@mkdir -p $(@D)
	@rm -f $@ && ar rcs $@ $^

$(B)/tests/ref/test_ref: $(call objs,tests/ref/test_ref.c) \
                         $(B)/tests/libtest.a $(B)/tests/libref.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) -o $@ $^ -lcunit -lcrypto

$(B)/tests/ref/refdump: $(call objs,tests/ref/refdump.c) \
                        $(B)/tests/libtest.a $(B)/tests/libref.a
	@mkdir -p $(@D)
	@echo "  LD  $@"
	@$(CC) -o $@ $^ -lcrypto

TESTS += $(B)/tests/ref/test_ref tests/ref/test_strangers.py
TEST_DEPS += $(B)/tests/ref/refdump
