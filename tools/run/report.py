#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the run proved. Reads the counters of both gateways and the capture of
the wire that neither of them made, lets tshark decrypt it, prints a table, and
ends non-zero when anything is off."""
import argparse
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
    cmd = ["-o", "esp.enable_encryption_decode:TRUE", "-o", "esp.enable_authentication_check:TRUE"]
    with open(os.path.join(folder, "keys/esp_sa")) as f:
        for line in f:
            cmd += ["-o", "uat:esp_sa:" + line.strip()]
    return cmd


def tshark(folder, capture):
    """One row a frame: outer addresses, SPI, sequence number, ICV verdict."""
    cmd = ["tshark", "-n", "-r", capture, "-T", "fields", "-E", "occurrence=f", "-E", "separator=;"]
    cmd += decode(folder)
    fields = "eth.type ip.src ipv6.src ip.dst ipv6.dst ip.proto ipv6.nxt esp.spi esp.sequence esp.icv_good frame.protocols"
    for f in fields.split():
        cmd += ["-e", f]
    out = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    return [line.split(";") for line in out.stdout.decode().splitlines()]


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


def device(me, peer, s, o, replayed, no_policy):
    """Gateway `me` sends to `peer`; every frame is accounted for at both."""
    out, into = ended(me, "XfrmOut", OUT_ALL), ended(peer, "XfrmIn", IN_ALL)
    sent = me["sim"]["wire"]["tx"]["frames"]
    clear = me["clear"]["in_packets"] - me["clear"]["in_not_ip"]
    check(
        clear == codes(me, OUT_ALL) == sum(out.values()),
        "%s: %d clear packets taken, each ended under one code" % (s, clear),
    )
    check(
        sent == out.get("XfrmOutProtected", 0) > 0 and not out.get("XfrmOutBypassed", 0),
        "%s: %d frames on the wire, all protected" % (s, sent),
    )
    allowed = {"XfrmOutProtected", "XfrmOutPolError", "XfrmOutPolBlock"}
    check(
        set(out) <= allowed and out.get("XfrmOutPolError", 0) == no_policy,
        "%s: dropped by policy only: %d without a policy" % (s, no_policy),
    )
    check(
        sent + replayed == codes(peer, IN_ALL) == sum(into.values()),
        "%s -> %s: %d received, each ended under one code" % (s, o, codes(peer, IN_ALL)),
    )
    check(
        into == {k: v for k, v in (("XfrmInProtected", sent), ("XfrmInStateSeqError", replayed)) if v},
        "%s: %d verified, %d replays dropped" % (o, sent, replayed),
    )
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


def wire(folder, capture, replayed):
    """The capture of the wire, which tshark decrypts."""
    frames = [f for _, f in pcapng.read(capture)]
    print("wire, %s:" % capture)
    rows = tshark(folder, capture)
    esp = [r for r in rows if r[7]]
    gateways = {"192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2"}
    check(len(rows) == len(frames) > 0, "%d frames captured" % len(rows))
    check(len(esp) == len(rows), "%d of them are ESP" % len(esp))
    check(
        all(r[1] in gateways or r[2] in gateways for r in rows)
        and all(r[3] in gateways or r[4] in gateways for r in rows),
        "all between the two gateways",
    )
    good = sum(r[9] in ("1", "True") for r in rows)
    check(good == len(rows), "%d ICVs found good by tshark" % good)
    inner = sum(":esp:" in r[10] for r in rows)
    check(inner == len(rows), "%d decrypted by tshark to a known protocol" % inner)
    pairs = [(r[7], r[8]) for r in rows]
    check(
        len(pairs) - len(set(pairs)) == replayed,
        "no sequence number twice under one SPI, but for the %d replayed" % replayed,
    )
    families = {("4" if r[1] else "6") for r in rows}
    check(families == {"4", "6"}, "IPv4 and IPv6 outer headers")
    found = 0
    for path in [capture] + glob.glob(folder + "/nic-*.pcapng"):
        with open(path, "rb") as f:
            found += f.read().count(MARKER)
    check(
        found == 0 and carries(folder, capture, MARKER),
        "payload marker found on the wire %d times, though it is there once decrypted" % found,
    )


def main():
    p = argparse.ArgumentParser()
    p.add_argument("folder")
    p.add_argument("--replayed", type=int, default=0)
    p.add_argument("--no-policy", type=int, default=0)
    p.add_argument("--settled", action="store_true", help="only say whether everything sent has come")
    a = p.parse_args()
    gw = load(a.folder)
    if a.settled:
        return not settled(gw, a.folder, a.replayed, a.no_policy)
    wire(a.folder, a.folder + "/wire.pcapng", a.replayed)
    print("devices:")
    for s, o in (("a", "b"), ("b", "a")):
        replayed = a.replayed if s == "a" else 0  # by an attacker at A's end
        device(gw[s], gw[o], s, o, replayed, a.no_policy if s == "a" else 0)
    table(gw)
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
