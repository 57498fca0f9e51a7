# SPDX-License-Identifier: Apache-2.0
HW_MGMT_RTL := $(sort $(wildcard hw/rtl/mgmt/*.sv))
HW_LINT_TOPS += mgmt
