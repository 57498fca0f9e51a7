# SPDX-License-Identifier: Apache-2.0
"""Gateways that speak IKE, for tests: espalierd with a swanctl.conf of the
test, the swanctl client, certificates of a CA of the test."""
import json
import os
import re
import socket
import subprocess

import netns
import pcapng

# Of the NIC's interface; of a net behind the gateway, that is on its lo.
ADDR = {
    "a": ("192.0.2.1", "2001:db8::1", "10.1.0.1", "fd00:a::1"),
    "b": ("192.0.2.2", "2001:db8::2", "10.2.0.1", "fd00:b::1"),
}


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, capture_output=True)


KEYS = {
    "rsa": ["rsa:2048"],
    "rsa4096": ["rsa:4096"],
    "ecdsa": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "ecdsa384": ["ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "ecdsa521": ["ec", "-pkeyopt", "ec_paramgen_curve:P-521"],
    "ed25519": ["ed25519"],
    "ed448": ["ed448"],
}


rsa_keys = {}  # (kind, whose): what takes long to make is made once a program


def new_key(kind, whose, path):
    """Arguments of openssl req for a key of @kind that is to be in @path"""
    if (kind, whose) in rsa_keys:
        with open(path, "w") as f:
            f.write(rsa_keys[kind, whose])
        return ["-key", path]
    return ["-newkey", *KEYS[kind], "-keyout", path, "-nodes"]


def keep_key(kind, whose, path):
    if kind.startswith("rsa"):
        with open(path) as f:
            rsa_keys[kind, whose] = f.read()


class Pki:
    """A CA and what it has signed; keys of @kind."""

    def __init__(self, folder, kind="ecdsa", name="CA", parent=None):
        self.dir = folder
        self.kind = kind
        os.makedirs(folder, exist_ok=True)
        self.ca = self.path("ca.pem")
        exts = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
        if parent:
            cert, key = parent.issue("ca-" + name, kind, exts)
            os.link(cert, self.ca)
            os.link(key, self.path("ca.key"))
            return
        key = self.path("ca.key")
        args = ["req", "-x509", *new_key(kind, "CA", key), "-days", "2", "-out", self.ca, "-subj", "/O=Test/CN=" + name]
        for e in exts.split():
            args += ["-addext", e]
        openssl(*args)
        keep_key(kind, "CA", key)

    def path(self, name):
        return os.path.join(self.dir, name)

    def issue(self, name, kind=None, exts=None):
        """(certificate, key) of FQDN @name"""
        key, csr, cert = (self.path(name + ext) for ext in (".key", ".csr", ".pem"))
        kind = kind or self.kind
        openssl("req", "-new", *new_key(kind, name, key), "-out", csr, "-subj", "/O=Test/CN=" + name)
        keep_key(kind, name, key)
        with open(self.path(name + ".ext"), "w") as f:
            f.write(exts or "subjectAltName=DNS:%s\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n" % name)
        args = ["x509", "-req", "-in", csr, "-CA", self.ca, "-CAkey", self.path("ca.key"), "-CAcreateserial"]
        openssl(*args, "-days", "2", "-extfile", self.path(name + ".ext"), "-out", cert)
        return cert, key


def write_swanctl(folder, text, pki=None, name=None):
    """FOLDER/swanctl.conf, and beside it the certificate of @name"""
    for d in ("x509", "x509ca", "private"):
        os.makedirs(os.path.join(folder, d), exist_ok=True)
    if pki:
        cert, key = pki.issue(name)
        os.link(cert, os.path.join(folder, "x509", name + ".pem"))
        os.link(key, os.path.join(folder, "private", name + ".key"))
        os.link(pki.ca, os.path.join(folder, "x509ca", "ca.pem"))
    path = os.path.join(folder, "swanctl.conf")
    with open(path, "w") as f:
        f.write(text)
    return path


class Gateway:
    """espalierd in namespace @ns of @nets; files in @folder."""

    def __init__(self, nets, ns, folder, *options, binary="build/bin/espalierd", dtb="build/dtb/sim-site-a.dtb", **kw):
        self.nets, self.ns, self.dir = nets, ns, folder
        os.makedirs(folder, exist_ok=True)
        with open(self.path("strongswan.conf"), "w") as f:
            f.write("swanctl { load = random nonce openssl pem x509 pubkey pkcs1 pkcs8 }\n")
        cmd = [binary, "--dtb", dtb, "--pid", self.path("pid"), "--stats", self.path("stats")]
        cmd += ["--vici", self.path("vici"), *options]
        self.proc = nets.start(ns, *cmd, log=self.path("log"), **kw)
        netns.wait_for("espalierd in " + ns, self.ready)

    def path(self, name):
        return os.path.join(self.dir, name)

    def log(self):
        with open(self.path("log"), errors="replace") as f:
            return f.read()

    def ready(self):
        if self.proc.poll() is not None:
            raise AssertionError("espalierd ended with %s: %s" % (self.proc.returncode, self.log()))
        return os.path.exists(self.path("pid"))

    def swanctl(self, *args, check=True):
        env = dict(os.environ, STRONGSWAN_CONF=self.path("strongswan.conf"))
        cmd = ["swanctl", *args, "--uri", "unix://" + self.path("vici")]
        p = subprocess.run(cmd, capture_output=True, text=True, timeout=100, env=env)
        if check and p.returncode:
            raise AssertionError("%s: %d: %s%s\n%s" % (" ".join(args), p.returncode, p.stdout, p.stderr, self.log()))
        return p

    def sas(self):
        """States of IKE SAs and of children, as swanctl lists them"""
        out = self.swanctl("--list-sas").stdout
        ike = re.findall(r"^(\S+): #\d+, (\w+), IKEv2", out, re.M)
        children = re.findall(r"^  (\S+): #\d+, reqid \d+, (\w+),", out, re.M)
        return ike, children

    def wait_sas(self, ike, children):
        """until the states are these, in any order"""
        got = []

        def there():
            got[:] = self.sas()
            return sorted(got[0]) == sorted(ike) and sorted(got[1]) == sorted(children)

        try:
            netns.wait_for("SAs", there)
        except AssertionError:
            raise AssertionError("%s: SAs are %s, not %s\n%s" % (self.ns, got, (ike, children), self.log())) from None

    def stop(self):
        return self.nets.stop(self.proc)


class Wired:
    """Two namespaces a and b, each the kernel behind a simulated NIC with the
    interface esp0; the NICs are on the two ends of one wire."""

    def __init__(self, folder):
        self.dir = folder
        self.nets = netns.Nets("a", "b")
        self.gw, self.ends = {}, {}

    def path(self, name):
        return os.path.join(self.dir, name)

    def wiring(self):
        """What each NIC is attached to"""
        return dict(zip("ab", socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)))

    def launch(self, s, options, **kw):
        """Start the gateway of @s and return its process; for derived classes."""
        raise NotImplementedError

    def __enter__(self):
        self.nets.__enter__()
        try:
            self.ends = self.wiring()
            for s in "ab":
                self.start(s)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.nets.__exit__()
        for e in self.ends.values():
            e.close()

    def start(self, s):
        """The interface is there before the daemon, with its addresses."""
        v4, v6, inner, inner6 = ADDR[s]
        run = self.nets.run
        if not run(s, "ip", "link", "show", "esp0", check=False).returncode == 0:
            run(s, *"ip tuntap add dev esp0 mode tap".split())
            run(s, *"ip link set esp0 up".split())
            run(s, "ip", "addr", "add", v4 + "/24", "dev", "esp0")
            run(s, "ip", "addr", "add", v6 + "/64", "dev", "esp0", "nodad")
            run(s, "ip", "addr", "add", inner + "/24", "dev", "lo")
            run(s, "ip", "addr", "add", inner6 + "/64", "dev", "lo", "nodad")
            run(s, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        fd = self.ends[s].fileno()
        options = ["--wire", "dgram:%d" % fd, "--tap", "esp0", "--capture", self.path(s + ".pcapng")]
        self.gw[s] = self.launch(s, options, pass_fds=[fd])
        self.nets.link_ready(s, "esp0")

    def route(self, s, *more):
        """To the nets behind the other side, through its gateway."""
        o = "b" if s == "a" else "a"
        for i, family in ((0, "-4"), (1, "-6")):
            via = ["via", ADDR[o][i], "dev", "esp0", "src", ADDR[s][i + 2]]
            self.nets.run(s, "ip", family, "route", "add", ADDR[o][i + 2], *via, *more)

    def ping(self, s, addr, count=3, *more, ok=True):
        """One by one, each with time enough; without @ok briefly."""
        wait = "60" if ok else "1"
        for _ in range(count):
            p = self.nets.run(s, "ping", "-n", "-c", "1", "-W", wait, *more, addr, check=False)
            if (p.returncode == 0) != ok:
                raise AssertionError("ping %s from %s: %s" % (addr, s, p.stdout + p.stderr))

    def wire(self, s="a"):
        return [f for _, f in pcapng.read(self.path(s + ".pcapng"))]


def codes(stats, name):
    """Packets that ended under the code @name, of a file of --stats."""
    if not isinstance(stats, dict):
        with open(stats) as f:
            stats = json.load(f)
    return stats["device"]["codes"].get(name, {"packets": 0})["packets"]
