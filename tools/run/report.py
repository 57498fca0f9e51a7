#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the run proved. Reads the counters of both gateways and the capture of
the wire that neither of them made, lets tshark decrypt it, prints a table, and
ends non-zero when anything is off."""
import argparse
import collections
import glob
import json
import os
import subprocess
import sys

import pcapng
from traffic import MARKER

IN_ALL, OUT_ALL = "XfrmInFrames", "XfrmOutFrames"
failures = 0


def check(ok, text):
    global failures
    if not ok:
        failures += 1
    print("  %-5s %s" % ("ok" if ok else "FAIL", text))
    return ok


def decode(folder):
    """Every key that a daemon wrote down, for tshark."""
    cmd = ["-o", "esp.enable_encryption_decode:TRUE", "-o", "esp.enable_authentication_check:TRUE"]
    for table in ("esp_sa", "ikev2_decryption_table"):
        path = os.path.join(folder, "keys", table)
        if os.path.exists(path):
            with open(path) as f:
                for line in f:
                    if not line.startswith("#"):
                        cmd += ["-o", "uat:%s:%s" % (table, line.strip())]
    return cmd


FIELDS = (
    "eth.type ip.src ipv6.src ip.dst ipv6.dst ip.proto ipv6.nxt esp.spi esp.sequence esp.icv_good frame.protocols"
    " isakmp.exchangetype isakmp.enc.decrypted icmpv6.type"
).split()


class Row:
    """A frame as tshark sees it; the first occurrence of each field."""

    def __init__(self, line):
        v = dict(zip(FIELDS, line.split(";")))
        self.v6 = not v["ip.src"]
        self.src = v["ip.src"] or v["ipv6.src"]
        self.dst = v["ip.dst"] or v["ipv6.dst"]
        self.spi, self.seq = v["esp.spi"], v["esp.sequence"]
        self.icv_good = v["esp.icv_good"] in ("1", "True")
        self.inner = ":esp:" in v["frame.protocols"]
        self.exchange = int(v["isakmp.exchangetype"] or 0)
        self.decrypted = bool(v["isakmp.enc.decrypted"])
        if self.spi:
            self.kind = "ESP"
        elif self.exchange:
            self.kind = "IKE"
        elif v["eth.type"].endswith("0806"):
            self.kind = "ARP"
        elif v["icmpv6.type"] and 133 <= int(v["icmpv6.type"]) <= 137:
            self.kind = "ND"
        else:
            self.kind = "other"


def tshark(folder, capture):
    cmd = ["tshark", "-n", "-r", capture, "-T", "fields", "-E", "occurrence=f", "-E", "separator=;"]
    cmd += decode(folder)
    for f in FIELDS:
        cmd += ["-e", f]
    out = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    return [Row(line) for line in out.stdout.decode().splitlines()]


def carries(folder, capture, marker):
    """True when tshark finds @marker behind the encryption."""
    cmd = ["tshark", "-n", "-c", "4000", "-r", capture, "-T", "fields", "-e", "frame.number"]
    text = marker.decode()
    cmd += ["-Y", 'tcp contains "%s" or udp contains "%s"' % (text, text)] + decode(folder)
    out = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    return len(out.stdout.splitlines()) > 0


def codes(j, name):
    return j["device"]["codes"].get(name, {"packets": 0, "bytes": 0})["packets"]


def ended(j, prefix, entered):
    return {
        n: c["packets"]
        for n, c in j["device"]["codes"].items()
        if n.startswith(prefix) and n != entered
    }


def device(me, peer, s, o, replayed, no_policy, ike=False):
    """Gateway `me` sends to `peer`; every frame is accounted for at both. With
    @ike the kernel's own packets and IKE pass in clear."""
    out, into = ended(me, "XfrmOut", OUT_ALL), ended(peer, "XfrmIn", IN_ALL)
    sent = me["sim"]["wire"]["tx"]["frames"]
    clear = me["clear"]["in_packets"] - me["clear"]["in_not_ip"]
    protected, bypassed = out.get("XfrmOutProtected", 0), out.get("XfrmOutBypassed", 0)
    check(
        clear == codes(me, OUT_ALL) == sum(out.values()),
        "%s: %d clear packets taken, each ended under one code" % (s, clear),
    )
    check(
        sent == protected + bypassed and protected > 0 and (bypassed > 0) == ike,
        "%s: %d frames on the wire, %s" % (s, sent, "%d bypassed" % bypassed if ike else "all protected"),
    )
    allowed = {"XfrmOutProtected", "XfrmOutPolError", "XfrmOutBypassed" if ike else "XfrmOutPolBlock"}
    check(
        set(out) <= allowed and out.get("XfrmOutPolError", 0) == no_policy,
        "%s: dropped by policy only: %d without a policy" % (s, no_policy),
    )
    check(
        sent + replayed == codes(peer, IN_ALL) == sum(into.values()),
        "%s -> %s: %d received, each ended under one code" % (s, o, codes(peer, IN_ALL)),
    )
    want = (("XfrmInProtected", protected), ("XfrmInBypassed", bypassed), ("XfrmInStateSeqError", replayed))
    check(
        into == {k: v for k, v in want if v},
        "%s: %d verified, %d replays dropped" % (o, protected, replayed),
    )
    if not ike:  # SAs that were negotiated are gone by now
        check(
            sum(x["replays"] for x in peer["sas"]) == replayed
            and not sum(x["auth_failures"] for x in peer["sas"]),
            "%s: the SAs count the same" % o,
        )
    check(
        peer["clear"]["out_packets"] == sent and peer["clear"]["out_errors"] == 0,
        "%s: %d clear packets delivered" % (o, peer["clear"]["out_packets"]),
    )
    m = me["sim"]["memory"]
    check(
        m["violations"] == m["slverr"] == me["sim"]["axil_timeouts"] == 0,
        "%s: no access outside its memory" % s,
    )
    q = me["queues"]
    check(
        sum(x["tx"] > 0 for x in q) > 1 and sum(x["rx"] > 0 for x in q) > 1,
        "%s: several queues used: tx %s, rx %s" % (s, [x["tx"] for x in q], [x["rx"] for x in q]),
    )


def settled(gw, folder, replayed, no_policy):
    """Nothing is on its way any more: the verdict can be spoken."""
    sent = sum(gw[s]["sim"]["wire"]["tx"]["frames"] for s in "ab")
    came = sum(codes(gw[s], IN_ALL) for s in "ab")
    out = sum(gw[s]["clear"]["out_packets"] for s in "ab")
    return (
        came == sent + replayed == sum(1 for _ in pcapng.read(folder + "/wire.pcapng"))
        and out == sent
        and codes(gw["a"], "XfrmOutPolError") == no_policy
    )


def table(gw):
    print()
    row = "  %-34s %14s %14s"
    print(row % ("", "gateway A", "gateway B"))

    def line(name, fn):
        print(row % (name, fn(gw["a"]), fn(gw["b"])))

    line("clear packets in", lambda j: j["clear"]["in_packets"])
    line("clear bytes in", lambda j: j["clear"]["in_bytes"])
    line("clear packets out", lambda j: j["clear"]["out_packets"])
    line("clear bytes out", lambda j: j["clear"]["out_bytes"])
    line("clear packets lost before the NIC", lambda j: j["clear"]["in_dropped"])
    for d in ("tx", "rx"):
        line("wire frames " + d, lambda j: j["sim"]["wire"][d]["frames"])
        line("wire bytes " + d, lambda j: j["sim"]["wire"][d]["bytes"])
        line(
            "bytes per word " + d,
            lambda j: "%.2f" % (j["sim"]["wire"][d]["bytes"] / max(1, j["sim"]["wire"][d]["beats"])),
        )
    line("cycles", lambda j: j["sim"]["cycles"])
    line(
        "wire bytes per cycle, both ways",
        lambda j: "%.3f"
        % (sum(j["sim"]["wire"][d]["bytes"] for d in ("tx", "rx")) / max(1, j["sim"]["cycles"])),
    )
    good = {IN_ALL, OUT_ALL, "XfrmInProtected", "XfrmOutProtected"}
    names = sorted(set(gw["a"]["device"]["codes"]) | set(gw["b"]["device"]["codes"]))
    for n in names:
        if n not in good:
            line("dropped " + n, lambda j: codes(j, n))
    print()


def load(folder):
    gw = {}
    for s in "ab":
        with open("%s/%s.json" % (folder, s)) as f:
            gw[s] = json.load(f)
        with open("%s/%s.json.sim" % (folder, s)) as f:
            gw[s]["sim"] = json.load(f)
    return gw


GATEWAYS = {"192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"}
IKE_SA_INIT = 34


def esp(rows, replayed):
    """The ESP of the capture, all SAs of it."""
    check(
        all(r.src in GATEWAYS and r.dst in GATEWAYS for r in rows),
        "all between the two gateways",
    )
    good = sum(r.icv_good for r in rows)
    check(good == len(rows), "%d ICVs found good by tshark" % good)
    inner = sum(r.inner for r in rows)
    check(inner == len(rows), "%d decrypted by tshark to a known protocol" % inner)
    numbers = [(r.dst, r.spi, r.seq) for r in rows]
    check(
        len(numbers) - len(set(numbers)) == replayed,
        "no sequence number twice under one SPI, but for the %d replayed" % replayed,
    )
    check({r.v6 for r in rows} == {False, True}, "IPv4 and IPv6 outer headers")


def ike(rows, rekeys):
    """IKE in the capture, and how many SAs came of it in each direction."""
    messages = [r for r in rows if r.kind == "IKE"]
    sealed = [r for r in messages if r.exchange != IKE_SA_INIT]
    opened = sum(r.decrypted for r in sealed)
    check(
        opened == len(sealed) > 0,
        "%d IKE messages, %d of %d encrypted ones decrypted by tshark" % (len(messages), opened, len(sealed)),
    )
    check(all(r.src in GATEWAYS and r.dst in GATEWAYS for r in messages), "all between the two gateways")
    spis = {}
    for r in rows:
        if r.kind == "ESP":
            spis.setdefault((r.src, r.dst), set()).add(r.spi)
    check(
        len(spis) == 4 and all(len(s) >= 1 + 2 * rekeys for s in spis.values()),
        "SAs that carried traffic, by direction: %s, after %d rekeys of each"
        % (sorted(len(s) for s in spis.values()), 2 * rekeys),
    )


def wire(folder, capture, replayed, rekeys=None):
    """The capture of the wire, which tshark decrypts. @rekeys: IKE was there,
    and each side has rekeyed every child that often."""
    frames = [f for _, f in pcapng.read(capture)]
    print("wire, %s:" % capture)
    rows = tshark(folder, capture)
    kinds = collections.Counter(r.kind for r in rows)
    allowed = {"ESP"} if rekeys is None else {"ESP", "IKE", "ARP", "ND"}
    check(len(rows) == len(frames) > 0, "%d frames captured" % len(rows))
    check(
        set(kinds) == {"ESP"} if rekeys is None else set(kinds) <= allowed,
        "%d of them are ESP%s" % (kinds["ESP"], "".join(", %d %s" % (kinds[k], k) for k in sorted(kinds) if k != "ESP")),
    )
    esp([r for r in rows if r.kind == "ESP"], replayed)
    if rekeys is not None:
        ike(rows, rekeys)
    found = 0
    for path in [capture] + glob.glob(folder + "/nic-*.pcapng"):
        with open(path, "rb") as f:
            found += f.read().count(MARKER)
    check(
        found == 0 and carries(folder, capture, MARKER),
        "payload marker found on the wire %d times, though it is there once decrypted" % found,
    )


def mld_reports(path):
    """What the kernel says to nobody in particular: no policy has it."""
    with open(path) as f:
        return sum(int(line.split()[1]) for line in f if line.startswith("Icmp6OutType143"))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("folder")
    p.add_argument("--replayed", type=int, default=0)
    p.add_argument("--no-policy", type=int, default=0)
    p.add_argument("--rekeys", type=int, help="IKE: each side has rekeyed every child that often")
    p.add_argument("--settled", action="store_true", help="only say whether everything sent has come")
    a = p.parse_args()
    gw = load(a.folder)
    unknown = {"a": a.no_policy, "b": 0}
    if a.rekeys is not None:
        for s in "ab":
            unknown[s] += mld_reports("%s/%s.snmp6" % (a.folder, s))
    if a.settled:
        return not settled(gw, a.folder, a.replayed, unknown["a"])
    wire(a.folder, a.folder + "/wire.pcapng", a.replayed, a.rekeys)
    print("devices:")
    for s, o in (("a", "b"), ("b", "a")):
        replayed = a.replayed if s == "a" else 0  # by an attacker at A's end
        device(gw[s], gw[o], s, o, replayed, unknown[s], a.rekeys is not None)
    table(gw)
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
