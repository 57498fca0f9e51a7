# SPDX-License-Identifier: Apache-2.0
include tests/rtl/crypto/module.mk
