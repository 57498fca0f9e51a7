#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Parameters that the block cannot have are refused at elaboration, by Verilator
# and by yosys, in a sentence that names the parameter; the limits are taken.
set -u
sv=hw/rtl/espalier_params.sv
passed=0 failed=0
ok() { passed=$((passed + 1)); }
bad() {
	failed=$((failed + 1))
	echo "  FAILED  $*"
}

verilate() {
	verilator --lint-only -Wall --top-module espalier_params "$@" $sv 2>&1
}
synthesize() { # NAME=VALUE...
	set=
	for p in "$@"; do set="$set -set ${p%=*} ${p#*=}"; done
	yosys -q -p "read_verilog -sv $sv; chparam$set espalier_params
		hierarchy -check -top espalier_params" 2>&1
}

takes() { # NAME=VALUE...
	out=$(verilate $(printf ' -G%s' "$@")) && [ -z "$out" ] && ok || bad "$* is refused: $out"
}
refuses() { # WORDS NAME=VALUE...
	words=$1
	shift
	for tool in verilate synthesize; do
		if [ $tool = verilate ]; then
			out=$(verilate $(printf ' -G%s' "$@")) && { bad "$tool: $* is taken"; continue; }
		else
			out=$(synthesize "$@") && { bad "$tool: $* is taken"; continue; }
		fi
		case $out in
		*"$words"*) ok ;;
		*) bad "$tool: $*: no \"$words\" in: $out" ;;
		esac
	done
}

for v in 1 2 4 8 16; do takes NUM_QUEUES=$v; done
for v in 0 3 12 17 32; do refuses 'NUM_QUEUES: allowed are 1, 2, 4, 8, 16' NUM_QUEUES=$v; done
takes SA_ENTRIES=16
takes SA_ENTRIES=4096
for v in 8 1000 8192; do refuses 'SA_ENTRIES: allowed are the powers of two from 16 to 4096' SA_ENTRIES=$v; done
takes SPD_ENTRIES=8
takes SPD_ENTRIES=4096
for v in 0 7 4097; do refuses 'SPD_ENTRIES: allowed are 8 to 4096' SPD_ENTRIES=$v; done
takes SPD_CACHE_SETS=16
takes SPD_CACHE_SETS=16384
for v in 8 100 32768; do refuses 'SPD_CACHE_SETS: allowed are the powers of two from 16' SPD_CACHE_SETS=$v; done
takes WINDOW_MAX=64
takes WINDOW_MAX=4096
for v in 32 96 8192; do refuses 'WINDOW_MAX: allowed are the powers of two from 64 to 4096' WINDOW_MAX=$v; done
takes BUF_BEATS=512 FRAME_MAX=7936
takes BUF_BEATS=4096
for v in 256 1000 8192; do refuses 'BUF_BEATS: allowed are 512, 1024, 2048, 4096' BUF_BEATS=$v; done
takes FRAME_MAX=1514
for v in 64 1513 9217; do refuses 'FRAME_MAX: allowed are 1514 to 9216' FRAME_MAX=$v; done
refuses 'FRAME_MAX: allowed are at most 16 * BUF_BEATS - 256' BUF_BEATS=512 FRAME_MAX=7937
takes GCM_ENGINES=1
for v in 0 3; do refuses 'GCM_ENGINES: allowed are 1, 2' GCM_ENGINES=$v; done
for v in 2 4; do takes GCM_CYCLES=$v; done
for v in 0 3 5; do refuses 'GCM_CYCLES: allowed are 1, 2, 4' GCM_CYCLES=$v; done
takes SBOX=1 GMUL=1 TEST_HOOKS=1
refuses 'SBOX: allowed are 0, 1' SBOX=2
refuses 'GMUL: allowed are 0, 1' GMUL=2
refuses 'TEST_HOOKS: allowed are 0, 1' TEST_HOOKS=2

# The block passes all of them on.
names=$(sed -n 's/^ *parameter int \([A-Z_]*\) = \([0-9]*\).*/\1=\2/p' $sv)
[ "$names" = "$(sed -n 's/^ *parameter int \([A-Z_]*\) = \([0-9]*\).*/\1=\2/p' hw/rtl/espalier.sv)" ] && ok || bad "espalier has other parameters or defaults"
for n in $names; do
	grep -q "\.${n%=*}(${n%=*})" hw/rtl/espalier.sv && ok || bad "espalier does not pass on ${n%=*}"
done

echo "test_params: $passed passed, $failed failed"
[ $failed -eq 0 ]
