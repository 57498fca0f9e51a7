# SPDX-License-Identifier: Apache-2.0
include sim/boards/boards.mk
