# SPDX-License-Identifier: Apache-2.0
"""espalierd with the simulated NIC, and a guest of User-Mode Linux at the other
end of its wire."""
import os
import socket

import gateways
import ikepeers
import netns
import pcapng
import uml
from traffic import MARKER

ADDR = gateways.ADDR
TRAFFIC = os.path.join(os.path.dirname(os.path.abspath(pcapng.__file__)), "traffic.py")


class Wire(ikepeers.Pair):
    """Namespace a: the kernel behind the NIC, namespace m: ways to the guest.
    @stranger: class of what runs in the guest, made from (guest, folder)"""

    def __init__(self, folder, stranger):
        self.dir, self.stranger = folder, stranger
        self.nets = netns.Nets("a", "m")
        self.guest = None

    def path(self, name):
        return os.path.join(self.dir, name)

    def __enter__(self):
        self.nets.__enter__()
        try:
            self.begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def begin(self):
        run = self.nets.run
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        v4, v6, inner, inner6 = ADDR["b"]
        with near, far:
            self.guest = uml.Guest(self.nets, "m", self.path("guest"), far, [v4 + "/24", v6 + "/64"], [inner + "/32", inner6 + "/128"])
            v4, v6, inner, inner6 = ADDR["a"]
            run("a", *"ip tuntap add dev esp0 mode tap".split())
            run("a", *"ip link set esp0 up".split())
            run("a", "ip", "addr", "add", v4 + "/24", "dev", "esp0")
            run("a", "ip", "addr", "add", v6 + "/64", "dev", "esp0", "nodad")
            run("a", "ip", "addr", "add", inner + "/32", "dev", "lo")
            run("a", "ip", "addr", "add", inner6 + "/128", "dev", "lo", "nodad")
            for i, family in ((0, "-4"), (1, "-6")):
                via = ["via", ADDR["b"][i], "dev", "esp0", "src", ADDR["a"][i + 2], "mtu", "1400"]
                run("a", "ip", family, "route", "add", ADDR["b"][i + 2], *via)
                via = ["via", ADDR["a"][i], "dev", "vec0", "src", ADDR["b"][i + 2], "mtu", "1400"]
                self.guest.run("ip", family, "route", "add", ADDR["a"][i + 2], *via)
            fd = near.fileno()
            options = ["--wire", "dgram:%d" % fd, "--tap", "esp0", "--capture", self.path("wire.pcapng")]
            self.ours = ikepeers.Espalierd(
                self.nets, "a", self.path("ours"), *options, binary="build/bin/espalierd", device="sim", pass_fds=[fd]
            )
        self.theirs = self.stranger(self.guest, self.path("theirs"))

    def __exit__(self, *_):
        if self.guest:
            self.guest.stop()
        self.nets.__exit__()

    def frames(self):
        return [f for _, f in pcapng.read(self.path("wire.pcapng"))]

    def ping(self, addr, size, back=None):
        """From the namespace; with @back from the guest"""
        cmd = ["ping", "-n", "-c", "1", "-W", "60", "-s", str(size), "-p", MARKER[:16].hex(), addr]
        if back:
            self.guest.run(*cmd)
        else:
            self.nets.run("a", *cmd)

    def tcp(self, size, family=2):
        """A transfer in each direction, checked by its digest"""
        here, there = ADDR["a"][family], ADDR["b"][family]
        self.guest.start(TRAFFIC, "tcp-recv", there, "7001", log=self.path("sink-guest"))
        self.nets.start("a", TRAFFIC, "tcp-recv", here, "7002", log=self.path("sink"))
        for name in ("sink-guest", "sink"):
            netns.wait_for(name, lambda n=name: "ready" in open(self.path(n)).read())
        out = self.nets.run("a", TRAFFIC, "tcp-send", there, "7001", str(size), timeout=300).stdout
        back = self.guest.run(TRAFFIC, "tcp-send", here, "7002", str(size))
        assert "equal" in out and "equal" in back, (out, back)


def esp_only(frames):
    """Nothing but ESP, IKE, ARP and neighbour discovery, and no payload in clear"""
    esp = 0
    for f in frames:
        kind = f[12:14]
        if kind == b"\x08\x06":
            continue
        if kind == b"\x08\x00":
            proto, at = f[23], 34
        elif kind == b"\x86\xdd":
            proto, at = f[20], 54
        else:
            raise AssertionError("a frame of type " + kind.hex())
        assert MARKER[:16] not in f, f.hex()
        if proto == 50:
            esp += 1
            continue
        icmp6 = proto == 58 and 133 <= f[at] <= 137
        # hop by hop: the guest's kernel reports multicast groups (MLD)
        mld = proto == 0 and f[6:12] != b""
        ike = proto == 17 and f[at : at + 2] in (b"\x01\xf4", b"\x11\x94")
        assert ike or icmp6 or mld, f.hex()
    return esp
