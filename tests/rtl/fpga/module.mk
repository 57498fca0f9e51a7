# SPDX-License-Identifier: Apache-2.0
TESTS += tests/rtl/fpga/test_ram_outreg.py tests/rtl/fpga/test_pin.py
