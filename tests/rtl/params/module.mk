# SPDX-License-Identifier: Apache-2.0
TESTS += tests/rtl/params/test_params.sh
