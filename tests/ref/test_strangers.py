#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The ESP model against scapy, both ways, and against tshark."""

import json
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from strangers import (IP, IPv6, check, finish, sa_of, scapy_opens,
                       truncate, tshark_opens)
from scapy.layers.inet import UDP
from scapy.packet import Raw

REFDUMP = "build/tests/ref/refdump"


def scapy_to_model(cases):
    lines, expect = [], []
    rng = random.Random(4)
    for case in cases:
        v6 = rng.random() < 0.5
        ip = IPv6(src="2001:db8::1", dst="2001:db8:1::2", tc=rng.randrange(64) * 4) \
            if v6 else IP(src="10.0.0.1", dst="10.1.0.2", tos=rng.randrange(64) * 4)
        inner = bytes(ip / UDP(sport=1000, dport=2000) /
                      Raw(rng.randbytes(rng.randrange(0, 1400))))
        cls = IPv6 if v6 else IP
        tunnel = None
        dst = inner[24:40] if v6 else inner[16:20]
        if case["tunnel"]:
            if len(case["dst"]) == 8:
                tunnel = IP(src="192.0.2.1", dst="192.0.2.2")
                dst = bytes([192, 0, 2, 2])
            else:
                tunnel = IPv6(src="fe80::1", dst="fe80::2")
                dst = b"\xfe\x80" + bytes(13) + b"\x02"
        pkt = truncate(bytes(sa_of(case, tunnel).encrypt(cls(inner))),
                       case["icv"])
        frame = bytes(12) + (b"\x08\x00" if pkt[0] >> 4 == 4 else b"\x86\xdd") + pkt
        lines.append("%d %d %d %d 64 %d %s %s %s" % (
            case["tunnel"], case["esn"], case["icv"], case["spi"],
            max(0, case["seq"] - 5), case["key"], dst.hex(), frame.hex()))
        expect.append(bytes(12) + (b"\x86\xdd" if v6 else b"\x08\x00") + inner)
    run = subprocess.run([REFDUMP, "in"], input="\n".join(lines) + "\n",
                         text=True, capture_output=True, check=True)
    answers = run.stdout.splitlines()
    check(len(answers) == len(lines), "an answer for every packet")
    for case, want, line in zip(cases, expect, answers):
        code, _, frame = line.partition(" ")
        check(int(code) == 0x20 and bytes.fromhex(frame) == want,
              "model opens scapy's case %d: code %s" % (case["n"], code))


def main():
    run = subprocess.run([REFDUMP, "out", "400", "1"], text=True,
                         capture_output=True, check=True)
    cases = [json.loads(line) for line in run.stdout.splitlines()]
    scapy_opens(cases)
    scapy_to_model(cases)
    tshark_opens(cases)
    return finish("strangers")


sys.exit(main())
