# SPDX-License-Identifier: Apache-2.0
HW_DMA_RTL := $(sort $(wildcard hw/rtl/dma/*.sv))
HW_LINT_TOPS += dma
