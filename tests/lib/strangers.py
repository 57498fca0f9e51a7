# SPDX-License-Identifier: Apache-2.0
"""ESP packets in the judgement of scapy and tshark.

A case is a dictionary as tests/ref/refdump prints it: the SA, the frame of the
host and the frame on the wire.
"""

import logging
import os
import struct
import tempfile

logging.getLogger("scapy").setLevel(logging.ERROR)
from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.layers.ipsec import ESP, SecurityAssociation

from esptables import tshark_check, write_pcap

passed = failed = 0


def check(ok, what):
    global passed, failed
    if ok:
        passed += 1
    else:
        failed += 1
        print("FAILED:", what)


def finish(name):
    print("%s: %d passed, %d failed" % (name, passed, failed))
    return failed != 0 or passed == 0


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
        inner_df = inner[0] >> 4 == 6 or inner[6] & 0x40
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


def scapy_opens(cases):
    """scapy decrypts each, and the outer header is as the SA says."""
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


def tshark_opens(cases):
    """tshark knows 32-bit numbers only."""
    cases = [c for c in cases if not c["esn"]]
    with tempfile.TemporaryDirectory() as tmp:
        pcap = os.path.join(tmp, "ref.pcap")
        write_pcap(pcap, [bytes.fromhex(c["wire"]) for c in cases])
        good, total = tshark_check(pcap, cases)
    check(total == len(cases), "tshark sees %d of %d" % (total, len(cases)))
    check(good == total, "tshark finds %d of %d ICVs good" % (good, total))
