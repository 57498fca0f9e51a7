# SPDX-License-Identifier: Apache-2.0
#
# What the whole-device tests share.
$(B)/tests/libtest.a: $(call objs,tests/lib/gen.c tests/lib/vectors.c)
	@mkdir -p $(@D)
	@rm -f $@ && ar rcs $@ $^
