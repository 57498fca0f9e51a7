#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The uio backend against the UIO core of Linux, in a User-Mode Linux guest.
# There is no bus in it, so that the device is one that the kernel makes from
# memory: a target of target_core_user is a /dev/uio0 with a map, and a SCSI scan
# of it is an interrupt. What is not tried here is registers with gates behind.
modules=/usr/lib/uml/modules
skip() {
	echo "  skipped  $1"
	echo "test_uml: 0 passed, 0 failed, 1 skipped"
	exit 0
}
if [ "${1-}" = guest ]; then
	dir=$2
	exec >"$dir/log" 2>&1
	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	mount -t devtmpfs dev /dev 2>/dev/null
	cd $modules/*/kernel || exit
	for m in fs/configfs/configfs drivers/scsi/scsi_common drivers/scsi/scsi_mod \
		drivers/target/target_core_mod drivers/target/loopback/tcm_loop \
		drivers/uio/uio drivers/target/target_core_user; do
		insmod $m.ko
	done
	cd "$3" || exit
	mount -t configfs configfs /sys/kernel/config
	core=/sys/kernel/config/target/core/user_0/nic
	mkdir -p $core
	printf 'dev_size=1048576,dev_config=none/nic,cmd_ring_size_mb=1,max_data_area_mb=1' >$core/control
	echo 1 >$core/enable
	loop=/sys/kernel/config/target/loopback/naa.5001405000000001/tpgt_1
	(
		sleep 2
		mkdir -p $loop
		echo naa.5001405000000002 >$loop/nexus
		mkdir $loop/lun/lun_0
		ln -s $core $loop/lun/lun_0/nic # does not return before the scan ends
	) &
	timeout 120 build/tests/driver/uio/probe "$dir"
	sync
	echo o >/proc/sysrq-trigger
	sleep 60
	exit
fi

[ "$(id -u)" = 0 ] || skip "needs root, to boot a guest from the host's files"
command -v linux.uml >/dev/null || skip "no User-Mode Linux here"
ls $modules/*/kernel/drivers/target/target_core_user.ko >/dev/null 2>&1 ||
	skip "User-Mode Linux has no target_core_user, the only UIO device without a bus"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
echo 0x870000000 >"$dir/phys_addr"
echo 1048576 >"$dir/size"
echo 1 >"$dir/dma_coherent"
truncate -s 1048576 "$dir/udmabuf0"
printf '#!/bin/sh\nexec %s guest %s %s\n' "$PWD/tests/driver/uio/test_uml.sh" "$dir" "$PWD" >"$dir/init"
chmod +x "$dir/init"
TMPDIR=$dir timeout 300 linux.uml mem=96M rootfstype=hostfs rootflags=/ rw init="$dir/init" \
	con=null con0=null,fd:1 quiet </dev/null >"$dir/console" 2>&1
cat "$dir/log" 2>/dev/null
if ! tail -n 1 "$dir/log" 2>/dev/null | grep -q '^test_uml:'; then
	cat "$dir/console"
	echo "test_uml: 0 passed, 1 failed"
	exit 1
fi
tail -n 1 "$dir/log" | grep -q ' 0 failed'
