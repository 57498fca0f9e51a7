# SPDX-License-Identifier: Apache-2.0
# The package first.
HW_CRYPTO_RTL := $(addprefix hw/rtl/crypto/, \
    gcm_pkg.sv aes_sbox.sv aes_round.sv aes_pipe_table.sv aes_pipe_tower.sv aes_pipe.sv \
    clmul64.sv gf128_mul_int.sv gf128_mul_karatsuba.sv gf128_mul_serial.sv gf128_mul.sv \
    gcm_keys.sv gcm_seq.sv gcm_core.sv gcm_share.sv gcm_pair.sv)
HW_LINT_TOPS += gcm_pair

.PHONY: formal-crypto
formal-crypto:
	@hw/formal/prove-crypto
formal: formal-crypto

# A few seconds: also among the tests.
TESTS += hw/formal/prove-crypto
