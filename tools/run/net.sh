# SPDX-License-Identifier: Apache-2.0
#
# Sourced: two sites, hostA - gwA == wire == gwB - hostB, each in a network
# namespace, and ways to run things there. Expects OUT; on exit everything is
# stopped and gone. Hosts: ha, hb; gateways: ga, gb.
NS=espalier$$
PIDS=
FAILED=0
MTU=1420 # of the sites: the largest packet that fits the wire once protected

in_ns() { # NAMESPACE COMMAND...
	ns=$1
	shift
	ip netns exec "$NS-$ns" "$@"
}

cleanup() {
	for p in $PIDS; do kill "$p" 2>/dev/null || :; done
	for p in $PIDS; do wait "$p" 2>/dev/null || :; done
	for n in ha ga gb hb; do ip netns del "$NS-$n" 2>/dev/null || :; done
}

die() {
	echo "run: $*" >&2
	for f in "$OUT"/*.log; do
		[ -s "$f" ] && { echo "--- $f"; tail -5 "$f"; } >&2
	done
	exit 1
}

start() { # NAME NAMESPACE COMMAND...: in the background, output in NAME.log
	name=$1
	shift
	ns=$1
	shift
	ip netns exec "$NS-$ns" "$@" >"$OUT/$name.log" 2>&1 &
	PID=$!
	PIDS="$PIDS $PID"
}

# What hangs fails; what is slow does not.
until_true() { # CONDITION...: at most two minutes
	local n=2400
	while ! "$@" 2>/dev/null; do
		n=$((n - 1))
		[ $n -gt 0 ] || return 1
		sleep 0.05
	done
}

wait_for() { # CONDITION...
	until_true "$@" || die "waited too long for: $*"
}

step() { # NAME NAMESPACE COMMAND...
	name=$1
	ns=$2
	shift 2
	if timeout 400 ip netns exec "$NS-$ns" "$@" >"$OUT/step.txt" 2>&1; then
		printf '  ok    %-10s %s\n' "$name" "$(grep . "$OUT/step.txt" | tail -1)"
	else
		printf '  FAIL  %-10s\n' "$name"
		cat "$OUT/step.txt"
		FAILED=$((FAILED + 1))
	fi
}

# one by one: ping is content with any of several answers
ping_all() { # NAME NAMESPACE COUNT SIZE ADDRESS
	step "$1" "$2" sh -c 'for i in $(seq "$1"); do
		ping -q -n -c 1 -W 60 -s "$2" "$3" || exit 1; done' ping "$3" "$4" "$5"
}

# An interface that was told to be up drops what is sent through it until the
# kernel has found time to give it a queue.
ready() { # NAMESPACE IF
	in_ns $1 ip -o link show dev "$2" up | grep -qv 'qdisc noop '
}

link() { # NSA IFA NSB IFB
	ip link add name "$2" netns "$NS-$1" type veth peer name "$4" netns "$NS-$3"
}

addr() { # NAMESPACE IF V4 V6 MTU
	in_ns $1 ip addr add "$3/24" dev "$2"
	in_ns $1 ip addr add "$4/64" dev "$2" nodad
	in_ns $1 ip link set "$2" mtu "$5" up
}

network() {
	rm -rf "$OUT"
	mkdir -p "$OUT"
	trap cleanup EXIT
	trap 'exit 130' INT TERM HUP PIPE
	ip netns add "$NS-ha" 2>"$OUT/netns.log" || die "no network namespaces here"
	for n in ga gb hb; do ip netns add "$NS-$n"; done
	for n in ha ga gb hb; do
		in_ns $n sysctl -qw net.ipv6.conf.default.accept_dad=0
		in_ns $n ip link set lo up
	done
	link ha eth0 ga lan0
	link hb eth0 gb lan0
	link ga wire0 gb wire0
	for n in ga gb; do
		in_ns $n sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
		# the wire belongs to the NIC alone: the kernel has no address on it
		in_ns $n sysctl -qw net.ipv6.conf.wire0.disable_ipv6=1
		in_ns $n ip link set wire0 arp off multicast off mtu 1500 up
	done
	addr ha eth0 10.1.0.2 fd00:a::2 $MTU
	addr ga lan0 10.1.0.1 fd00:a::1 $MTU
	addr gb lan0 10.2.0.1 fd00:b::1 $MTU
	addr hb eth0 10.2.0.2 fd00:b::2 $MTU
	in_ns ha ip route add default via 10.1.0.1
	in_ns ha ip -6 route add default via fd00:a::1
	in_ns hb ip route add default via 10.2.0.1
	in_ns hb ip -6 route add default via fd00:b::1
	for i in "ha eth0" "ga lan0" "ga wire0" "gb wire0" "gb lan0" "hb eth0"; do
		# shellcheck disable=SC2086
		wait_for ready $i
	done
}

capture_wire() {
	start dumpcap gb dumpcap -q -i wire0 -B 64 -w "$OUT/wire.pcapng"
	DUMPCAP=$PID
	wait_for grep -q Capturing "$OUT/dumpcap.log"
}

gateway() { # SITE OPTION...: espalierd on wire0, ready
	site=$1
	shift
	start espalierd-$site g$site build/bin/espalierd \
		--dtb build/dtb/sim-site-$site.dtb --wire packet:wire0 \
		--capture "$OUT/nic-$site.pcapng" --stats "$OUT/$site.json" \
		--pid "$OUT/$site.pid" "$@"
	eval "GW_$site=$PID"
	wait_for test -s "$OUT/$site.pid"
	wait_for ready g$site esp0
}

# -------------------------------------------------------------------- traffic
T=tools/run/traffic.py

traffic() { # SWEEP-STEP TCP-BYTES
	for d in "ha 10.2.0.2" "hb 10.1.0.2" "ha fd00:b::2" "hb fd00:a::2"; do
		# shellcheck disable=SC2086
		for size in 0 56 1000; do
			ping_all "ping $size" ${d% *} 3 $size "${d#* }"
		done
	done
	start echo4 hb $T udp-echo 10.2.0.2 7000
	start echo6 hb $T udp-echo fd00:b::2 7000
	start sink4 hb $T tcp-recv 10.2.0.2 7001
	start sink6 ha $T tcp-recv fd00:a::2 7002
	for s in echo4 echo6 sink4 sink6; do wait_for grep -q ready "$OUT/$s.log"; done
	# IPv4 packets of 28 bytes to the MTU, IPv6 of 48 to the MTU
	step "udp" ha $T udp-sweep 10.2.0.2 7000 0 $((MTU - 28)) "$1"
	step "udp6" ha $T udp-sweep fd00:b::2 7000 0 $((MTU - 48)) "$1"
	step "tcp" ha $T tcp-send 10.2.0.2 7001 "$2"
	step "tcp6" hb $T tcp-send fd00:a::2 7002 "$2"
}

# an attacker sends five frames again; a packet that no policy allows
attack() {
	start replay ga tools/run/replay.py wire0 5
	REPLAY=$PID
	wait_for grep -q ready "$OUT/replay.log"
	ping_all "ping" ha 5 56 10.2.0.2
	wait $REPLAY || die "replay"
	in_ns ha ping -q -n -c 3 -i 0.02 -W 1 10.2.9.9 >"$OUT/no-policy.txt" 2>&1 || :
}

# Both gateways leave their counters, and all that was sent has come.
settled() { # REPORT-OPTION...
	rm -f "$OUT/a.json" "$OUT/b.json"
	kill -USR1 "$GW_a" "$GW_b"
	until_true test -s "$OUT/a.json" -a -s "$OUT/b.json" &&
		tools/run/report.py "$OUT" "$@" --settled
}

stop_gateways() {
	for g in $GW_a $GW_b; do
		kill -TERM "$g"
		wait "$g" || { echo "  FAIL  espalierd $g ended with an error"; FAILED=$((FAILED + 1)); }
	done
	[ $FAILED = 0 ] || for f in "$OUT"/espalierd-*.log; do echo "--- $f"; cat "$f"; done
}

stop_capture() {
	kill -INT $DUMPCAP
	wait $DUMPCAP || :
}

verdict() { # REPORT-OPTION...
	tools/run/report.py "$OUT" "$@" || FAILED=$((FAILED + 1))
	[ $FAILED = 0 ] || { echo "run: FAILED"; exit 1; }
	echo "run: everything as it should be; files in $OUT"
}
