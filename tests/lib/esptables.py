# SPDX-License-Identifier: Apache-2.0
"""Captures and Wireshark's esp_sa table, and what tshark makes of them."""

import ipaddress
import struct
import subprocess

PREFS = ["-o", "esp.enable_encryption_decode:TRUE",
         "-o", "esp.enable_authentication_check:TRUE"]
# Random payloads are no SCTP; a dissector that gives up takes ESP's fields
# with it.
for proto in ("tcp", "udp", "udplite", "sctp", "gre", "ospf", "icmp", "icmpv6"):
    PREFS += ["--disable-protocol", proto]


def write_pcap(path, frames):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for n, frame in enumerate(frames):
            f.write(struct.pack("<IIII", n, 0, len(frame), len(frame)) + frame)


def uat(case):
    """One line of the table for a case with spi, icv, key; any address."""
    v6 = len(case["dst"]) == 32
    return 'uat:esp_sa:"%s","*","*","0x%08x",' \
        '"AES-GCM with %d octet ICV [RFC4106]","0x%s","NULL",""' % (
            "IPv6" if v6 else "IPv4", case["spi"], case["icv"], case["key"])


def tshark_check(pcap, cases):
    """(packets with a good ICV, ESP packets) of a capture."""
    opts = list(PREFS)
    for case in cases:
        line = uat(case)
        opts += ["-o", line]
        # transport mode: the family is the datagram's own
        other = line.replace('"IPv6"', '"IPv4"') if '"IPv6"' in line \
            else line.replace('"IPv4"', '"IPv6"')
        opts += ["-o", other]
    run = subprocess.run(["tshark", "-r", pcap] + opts +
                         ["-Y", "esp", "-T", "fields", "-e", "esp.icv_good"],
                         text=True, capture_output=True)
    rows = run.stdout.splitlines()
    return sum(1 for r in rows if r.strip() in ("1", "True")), len(rows)
