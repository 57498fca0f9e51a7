#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs two espalierd on the two ends of a socketpair with packets from files,
and compares what comes out with what went in."""
import collections
import ipaddress
import json
import os
import random
import socket
import struct
import subprocess
import sys

import pcapng
import report
from traffic import MARKER

MTU = 1420


def checksum(data):
    s = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while s >> 16:
        s = (s & 0xFFFF) + (s >> 16)
    return ~s & 0xFFFF


def packet(rng, i, src, dst):
    """A UDP packet between two sites; sizes from the smallest to the MTU."""
    v6 = rng.random() < 0.5
    head = 48 if v6 else 28
    size = head + (i % (MTU - head + 1) if rng.random() < 0.7 else rng.randrange(MTU - head + 1))
    data = (struct.pack("!I", i) + MARKER * 60)[: size - head]
    udp = struct.pack("!HHHH", rng.randrange(1024, 1088), 7000, 8 + len(data), 0) + data
    if v6:
        a = [ipaddress.ip_address("fd00:%s::%x" % (s, rng.randrange(2, 6))).packed for s in (src, dst)]
        return struct.pack("!IHBB", 6 << 28, len(udp), 17, 64) + a[0] + a[1] + udp
    net = {"a": 1, "b": 2}
    a = [bytes((10, net[s], 0, rng.randrange(2, 6))) for s in (src, dst)]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), i & 0xFFFF, 0, 63, 17, 0) + a[0] + a[1]
    return ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] + udp


def flow(p):
    return (p[12:20], p[20:22]) if p[0] >> 4 == 4 else (p[8:40], p[40:42])


def by_flow(packets):
    d = collections.defaultdict(list)
    for p in packets:
        d[flow(p)].append(p)
    return d


def main():
    out, n = sys.argv[1], int(sys.argv[2])
    rng = random.Random(1)
    sent = {}
    for s, o in (("a", "b"), ("b", "a")):
        sent[s] = [packet(rng, i, s, o) for i in range(n)]
        pcapng.write_pcap("%s/%s-in.pcap" % (out, s), sent[s])
    ends = dict(zip("ab", socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)))
    procs = {}
    for s in "ab":
        fd = ends[s].fileno()
        cmd = ["build/bin/espalierd", "--config", "%s/%s.conf" % (out, s)]
        cmd += ["--dtb", "build/dtb/sim-site-%s.dtb" % s, "--wire", "dgram:%d" % fd]
        cmd += ["--packets", "%s/%s-in.pcap" % (out, s), "--packets-out", "%s/%s-out.pcap" % (out, s)]
        cmd += ["--count", str(n), "--capture", "%s/nic-%s.pcapng" % (out, s)]
        cmd += ["--stats", "%s/%s.json" % (out, s)]
        if s == "a":
            cmd += ["--wireshark", out + "/keys"]
        with open("%s/espalierd-%s.log" % (out, s), "wb") as log:
            procs[s] = subprocess.Popen(cmd, pass_fds=[fd], stdout=log, stderr=log)
    for e in ends.values():
        e.close()
    for s, p in procs.items():
        try:
            ok = p.wait(timeout=400) == 0
        except subprocess.TimeoutExpired:
            ok = False
            p.kill()
        if not report.check(ok, "espalierd of site %s ended in order" % s):
            with open("%s/espalierd-%s.log" % (out, s)) as log:
                print(log.read())
    if report.failures:
        return 1
    for s, o in (("a", "b"), ("b", "a")):
        got = pcapng.read_pcap("%s/%s-out.pcap" % (out, o))
        report.check(
            by_flow(got) == by_flow(sent[s]),
            "%s -> %s: %d packets in, %d out, equal byte for byte and in the order of each flow"
            % (s, o, n, len(got)),
        )
    gw = report.load(out)
    for s, o in (("a", "b"), ("b", "a")):
        report.device(gw[s], gw[o], s, o, 0, 0)
    report.wire(out, out + "/nic-a.pcapng", 0)
    report.table(gw)
    print("run-user: %s; files in %s" % ("FAILED" if report.failures else "everything as it should be", out))
    return report.failures != 0


if __name__ == "__main__":
    sys.exit(main())
