#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The ESP model against scapy, both ways, and against tshark."""

import json
import logging
import os
import random
import struct
import subprocess
import sys
import tempfile

logging.getLogger("scapy").setLevel(logging.ERROR)
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.ipsec import ESP, SecurityAssociation
from scapy.layers.l2 import Ether
from scapy.packet import Raw

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from esptables import tshark_check, write_pcap

REFDUMP = "build/tests/ref/refdump"
passed = failed = 0


def check(ok, what):
    global passed, failed
    if ok:
        passed += 1
    else:
        failed += 1
        print("FAILED:", what)


def l2_len(frame):
    n = 14
    while frame[n - 2:n] in (b"\x81\x00", b"\x88\xa8") and n < 22:
        n += 4
    return n


def datagram(frame):
    """The IP datagram without Ethernet header and padding."""
    p = frame[l2_len(frame):]
    n = struct.unpack(">H", p[2:4])[0] if p[0] >> 4 == 4 else \
        40 + struct.unpack(">H", p[4:6])[0]
    return p[:n]


# scapy writes and reads GCM tags of 16 bytes only; a shorter ICV is the front
# of one (NIST SP 800-38D section 5.2.1.2), which these two make of it.
def truncate(pkt, icv):
    cut = 16 - icv
    p = bytearray(pkt[:len(pkt) - cut])
    if p[0] >> 4 == 4:
        struct.pack_into(">H", p, 2, len(p))
        ip = IP(bytes(p))
        del ip.chksum
        return bytes(ip)
    struct.pack_into(">H", p, 4, len(p) - 40)
    return bytes(p)


def complete(case, inner, outer):
    """The outer datagram with the missing bytes of the ICV by scapy."""
    cut = 16 - case["icv"]
    if not cut:
        return outer
    iv = struct.pack(">Q", case["seq"])
    cls = IP if inner[0] >> 4 == 4 else IPv6
    tunnel = None
    if case["tunnel"]:
        tunnel = IP() if outer[0] >> 4 == 4 else IPv6()
    full = bytes(sa_of(case, tunnel).encrypt(cls(inner), iv=iv))
    p = bytearray(outer + full[-cut:])
    if p[0] >> 4 == 4:
        struct.pack_into(">H", p, 2, len(p))
    else:
        struct.pack_into(">H", p, 4, len(p) - 40)
    return bytes(p)


def sa_of(case, tunnel=None):
    return SecurityAssociation(
        ESP, spi=case["spi"], seq_num=case["seq"] & 0xffffffff,
        crypt_algo="AES-GCM", crypt_key=bytes.fromhex(case["key"]),
        crypt_icv_size=16, tunnel_header=tunnel,
        esn_en=bool(case["esn"]), esn=case["seq"] >> 32)


def header_rules(case, inner, outer):
    """RFC 4301 section 5.1.2 and RFC 6040 section 4.1."""
    v4 = outer[0] >> 4 == 4

    def tos(p):
        return p[1] if p[0] >> 4 == 4 else (p[0] << 4 | p[1] >> 4) & 0xff

    def hops(p):
        return p[8] if p[0] >> 4 == 4 else p[7]

    want = tos(inner) & 0xfc if case["dscp"] < 0 else case["dscp"] << 2
    want |= tos(inner) & 3 if case["ecn"] else 0
    ok = tos(outer) == want and hops(outer) == (case["ttl"] or hops(inner))
    if v4:
        inner_df = inner[0] >> 4 == 4 and inner[6] & 0x40
        df = [bool(inner_df), True, False][case["df"]]
        ok &= bool(outer[6] & 0x40) == df
    else:
        ok &= struct.unpack(">I", outer[:4])[0] & 0xfffff == case["flow"]
    return ok


def has_options(p):
    """scapy puts ESP behind destination options (RFC 4303 section 3.1.1 allows
    both) and cannot read routing headers without addresses."""
    if p[0] >> 4 == 4:
        return False
    nh, o = p[6], 40
    while nh in (0, 44):
        nh, o = p[o], o + 8 * (p[o + 1] + 1)
    return nh in (43, 60)


def model_to_scapy(cases):
    for case in cases:
        wire = bytes.fromhex(case["wire"])
        inner = datagram(bytes.fromhex(case["host"]))
        if has_options(inner):
            continue
        outer = complete(case, inner, datagram(wire))
        pkt = (IP if outer[0] >> 4 == 4 else IPv6)(outer)
        header = (IP() if outer[0] >> 4 == 4 else IPv6()) \
            if case["tunnel"] else None
        try:
            got = bytes(sa_of(case, header).decrypt(pkt))
        except Exception as e:
            got = repr(e)
        check(got == inner, "scapy opens case %d: %s" % (case["n"], got))
        if case["tunnel"]:
            check(header_rules(case, inner, outer),
                  "outer header of case %d" % case["n"])


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


def model_to_tshark(cases):
    cases = [c for c in cases if not c["esn"]]
    with tempfile.TemporaryDirectory() as tmp:
        pcap = os.path.join(tmp, "ref.pcap")
        write_pcap(pcap, [bytes.fromhex(c["wire"]) for c in cases])
        good, total = tshark_check(pcap, cases)
    check(total == len(cases), "tshark sees %d of %d" % (total, len(cases)))
    check(good == total, "tshark finds %d of %d ICVs good" % (good, total))


def main():
    run = subprocess.run([REFDUMP, "out", "400", "1"], text=True,
                         capture_output=True, check=True)
    cases = [json.loads(line) for line in run.stdout.splitlines()]
    model_to_scapy(cases)
    scapy_to_model(cases)
    model_to_tshark(cases)
    print("strangers: %d passed, %d failed" % (passed, failed))
    return failed != 0


sys.exit(main())
