# SPDX-License-Identifier: Apache-2.0
"""espalierd ("ours") and strongSwan's charon ("theirs") on one net, both
driven by the stock swanctl."""
import collections
import os
import shutil
import subprocess

import gateways
import netns

OURS = "build/tests/ike/espalierd"  # without a NIC: SAs in a null device
CHARON = "/usr/sbin/charon-systemd"
NAMES = {"a": "a.example.org", "b": "b.example.org"}
PLUGINS = (
    "random nonce openssl pem x509 pubkey pkcs1 pkcs8 constraints revocation curve25519 hmac kdf gcm aes chapoly "
    "sha1 sha2 %s socket-default vici counters"
)
# swanctl may load no plugin of the system's own choice
CLIENT = "random nonce openssl pem x509 pubkey pkcs1 pkcs8 curve25519"


def possible():
    """None, or why there can be no strangers here."""
    why = netns.possible()
    for program, package in ((CHARON, "charon-systemd"), ("swanctl", "strongswan-swanctl")):
        if not why and not shutil.which(program):
            why = "no %s (package %s)" % (program, package)
    return why


# ------------------------------------------------------------------ swanctl

Child = collections.namedtuple("Child", "name state spi_in spi_out info")
Ike = collections.namedtuple("Ike", "name state spi_i spi_r children info")


def parse_pretty(text):
    """swanctl --pretty: a list of (name, dict), sections are dicts and lists lists"""
    top, stack, items = [], [], None
    for line in text.splitlines():
        line = line.strip()
        if items is not None:
            if line == "]":
                items = None
            else:
                items.append(line)
        elif line.endswith(" = [") and stack:
            items = stack[-1][line[:-4]] = []
        elif line.endswith("{"):
            new = {}
            name = line[:-1].strip()
            if stack:
                stack[-1][name] = new
            else:
                top.append((name, new))
            stack.append(new)
        elif line == "}" and stack:
            stack.pop()
        elif " = " in line and stack:
            k, v = line.split(" = ", 1)
            stack[-1][k] = v
    return top


class Driven:
    """Something that swanctl drives: files in self.dir, socket self.uri"""

    def environment(self):
        return dict(os.environ, STRONGSWAN_CONF=self.path("strongswan.conf"), SWANCTL_DIR=self.path("swanctl"))

    def path(self, name):
        return os.path.join(self.dir, name)

    def command(self, *args):
        return ["swanctl", *args, "--uri", self.uri]

    def swanctl(self, *args, check=True, timeout=100):
        p = subprocess.run(self.command(*args), capture_output=True, text=True, timeout=timeout, env=self.environment())
        if check and p.returncode:
            raise AssertionError("%s: swanctl %s: %d: %s%s" % (self.ns, " ".join(args), p.returncode, p.stdout, p.stderr))
        return p

    def load(self, text):
        """All that was loaded before goes: connections and secrets."""
        d = self.path("swanctl")
        for sub in ("x509", "x509ca", "x509crl", "private"):
            os.makedirs(os.path.join(d, sub), exist_ok=True)
        with open(d + "/swanctl.conf", "w") as f:
            f.write(text)
        self.swanctl("--load-all", "--clear")

    def clear_creds(self):
        for sub in ("x509", "x509ca", "x509crl", "private"):
            shutil.rmtree(os.path.join(self.path("swanctl"), sub), ignore_errors=True)

    def credentials(self, certs, key, cas):
        """Certificates and key of this side, CAs that it trusts"""
        self.clear_creds()
        for sub, files in (("x509", certs), ("private", [key]), ("x509ca", cas)):
            os.makedirs(os.path.join(self.path("swanctl"), sub))
            for n, f in enumerate(files):
                shutil.copy(f, os.path.join(self.path("swanctl"), sub, "%d-%s" % (n, os.path.basename(f))))

    def look(self):
        """IKE SAs with their children"""
        out = self.swanctl("--list-sas", "--pretty").stdout
        result = []
        for kind, sa in parse_pretty(out):
            if not kind.startswith("list-sa"):
                continue
            for name, i in sa.items():
                children = [
                    Child(c["name"], c["state"], c.get("spi-in"), c.get("spi-out"), c) for c in i.get("child-sas", {}).values()
                ]
                result.append(Ike(name, i["state"], i.get("initiator-spi"), i.get("responder-spi"), children, i))
        return result


def write_strongswan(charon, kernel, settings):
    with open(charon.path("strongswan.conf"), "w") as f:
        f.write("charon-systemd {\n  load = %s\n" % (PLUGINS % kernel))
        f.write("  plugins {\n    vici { socket = %s }\n    kernel-libipsec { allow_peer_ts = yes }\n  }\n" % charon.uri)
        f.write("  filelog { log { path = %s\n default = 1\n ike = 2\n cfg = 2\n flush_line = yes } }\n" % charon.path("log"))
        f.write("%s\n}\nswanctl { load = %s }\n" % (settings, CLIENT))


class Charon(Driven):
    """charon in namespace @ns of @nets; @settings: lines of its section"""

    def __init__(self, nets, ns, folder, settings="", kernel="kernel-libipsec kernel-netlink", **kw):
        self.nets, self.ns, self.dir = nets, ns, folder
        os.makedirs(self.path("swanctl"), exist_ok=True)
        self.uri = "unix://" + self.path("vici")
        write_strongswan(self, kernel, settings)
        env = dict(os.environ, STRONGSWAN_CONF=self.path("strongswan.conf"))
        self.proc = nets.start(ns, CHARON, log=self.path("out"), env=env, **kw)
        netns.wait_for("charon in " + ns, self.ready)

    def ready(self):
        if self.proc.poll() is not None:
            raise AssertionError("charon ended with %s: %s" % (self.proc.returncode, self.log()))
        return os.path.exists(self.path("vici")) and self.swanctl("--version", check=False).returncode == 0

    def log(self):
        with open(self.path("log"), errors="replace") as f:
            return f.read()

    def stop(self):
        return self.nets.stop(self.proc)


class Espalierd(Driven):
    """espalierd, by default with a null device and nothing loaded"""

    def __init__(self, nets, ns, folder, *options, binary=OURS, device="null", dtb="build/dtb/sim-site-a.dtb", **kw):
        self.nets, self.ns, self.dir = nets, ns, folder
        os.makedirs(self.path("swanctl"), exist_ok=True)
        os.makedirs(self.path("keys"), exist_ok=True)
        self.uri = "unix://" + self.path("vici")
        with open(self.path("strongswan.conf"), "w") as f:
            f.write("swanctl { load = %s }\n" % CLIENT)
        cmd = [binary, "--dtb", dtb, "--device", device, "--vici", self.path("vici"), "--debug"]
        cmd += ["--pid", self.path("pid"), "--stats", self.path("stats"), "--wireshark", self.path("keys"), *options]
        self.proc = nets.start(ns, *cmd, log=self.path("log"), **kw)
        netns.wait_for("espalierd in " + ns, self.ready)

    ready = gateways.Gateway.ready
    log = gateways.Gateway.log
    stop = gateways.Gateway.stop


# -------------------------------------------------------------- connections

# What both sides are told; "%s" keys are of the side that reads it.
CONN = """connections {
  site {
    version = 2
    local_addrs = %(here)s
    remote_addrs = %(there)s
    proposals = %(ike)s
    rekey_time = %(ike_rekey)s
    %(conn)s
    local { %(local)s
      id = %(me)s
    }
    remote { %(remote)s
      id = %(peer)s
    }
    children {
      net {
        local_ts = %(local_ts)s
        remote_ts = %(remote_ts)s
        esp_proposals = %(esp)s
        rekey_time = 0s
        %(child)s
      }
    }
  }
}
"""
SECRETS = """secrets {
  ike-site {
    secret = "%s"
  }
}
"""
ADDR = {"a": "192.0.2.1", "b": "192.0.2.2"}
INNER = {"a": "10.1.0.0/24", "b": "10.2.0.0/24"}


def config(s, **over):
    """Connection "site" with child "net" for side @s; @over: other values,
    a tuple is (of a, of b)"""
    o = "b" if s == "a" else "a"
    v = {
        "here": ADDR[s], "there": ADDR[o], "me": NAMES[s], "peer": NAMES[o],
        "ike": "aes128gcm16-prfsha256-x25519", "esp": "aes128gcm16-x25519", "ike_rekey": "0s",
        "local": "auth = psk", "remote": "auth = psk", "local_ts": INNER[s], "remote_ts": INNER[o],
        "conn": "", "child": "", "secret": "a secret of both",
    }  # fmt: skip
    v.update({k: x[s == "b"] if isinstance(x, tuple) else x for k, x in over.items()})
    if v["local"] == "auth = psk":
        return CONN % v + SECRETS % v["secret"]
    return CONN % v


class Net:
    """Namespaces a (ours) and b (theirs) on a veth pair, or, with @nat, b
    behind a router n that masquerades for @nat ("a" or "b")."""

    def __init__(self, folder, nat=None):
        self.dir, self.nat = folder, nat
        self.nets = netns.Nets("a", "b", *(["n"] if nat else []))

    def __enter__(self):
        n = self.nets.__enter__()
        try:
            self.links(n)
        except BaseException:
            n.__exit__()
            raise
        return self

    def links(self, n):
        if not self.nat:
            n.run("a", *"ip link add eth0 type veth peer name eth0 netns".split(), n.prefix + "b")
        for s in "ab":
            if self.nat:
                n.run("n", *("ip link add name to-%s type veth peer name eth0 netns" % s).split(), n.prefix + s)
                hidden = s == self.nat
                addr, gate = ("172.16.0.2", "172.16.0.1") if hidden else (ADDR[s], "192.0.2.254")
                n.run("n", "ip", "addr", "add", gate + "/24", "dev", "to-" + s)
                n.run("n", "ip", "link", "set", "to-" + s, "up")
            else:
                addr = ADDR[s]
            n.run(s, "ip", "addr", "add", addr + "/24", "dev", "eth0")
            n.run(s, "ip", "link", "set", "eth0", "up")
            if self.nat:
                n.run(s, "ip", "route", "add", "default", "via", gate)
            # charon's own ESP needs an address within local_ts
            n.run(s, "ip", "addr", "add", INNER[s].replace(".0/", ".1/"), "dev", "lo")
        if self.nat:
            out = "b" if self.nat == "a" else "a"
            n.run("n", "sysctl", "-qw", "net.ipv4.ip_forward=1")
            n.run("n", "nft", "add table ip nat")
            n.run("n", "nft", "add chain ip nat post { type nat hook postrouting priority 100 ; }")
            n.run("n", "nft", 'add rule ip nat post oifname "to-%s" masquerade' % out)

    def __exit__(self, *_):
        self.nets.__exit__()

    def ours(self, *options, s="a", **kw):
        return Espalierd(self.nets, s, os.path.join(self.dir, "ours"), *options, **kw)

    def theirs(self, settings="", s="b", **kw):
        return Charon(self.nets, s, os.path.join(self.dir, "theirs"), settings, **kw)


class Pair:
    """Both daemons, and what has to hold between them."""

    def __init__(self, ours, theirs):
        self.ours, self.theirs = ours, theirs

    def both(self):
        return (self.ours, self.theirs)

    def load(self, **over):
        self.ours.load(config(self.ours.ns, **over))
        self.theirs.load(config(self.theirs.ns, **over))

    def other(self, side):
        return self.theirs if side is self.ours else self.ours

    def reset(self):
        """Nothing is up any more, whatever the case before has left"""
        for side in self.both():
            if side.proc.poll() is not None:
                raise AssertionError("%s has ended with %s: %s" % (side.ns, side.proc.returncode, side.log()[-2000:]))
        for side in self.both():
            side.swanctl("--terminate", "--ike", "site", "--force", check=False)
        self.wait_down()
        for side in self.both():
            side.clear_creds()

    def up(self, by):
        p = by.swanctl("--initiate", "--child", "net", "--timeout", "60", check=False)
        if p.returncode:
            raise AssertionError("%s cannot initiate: %s%s\nours: %s" % (by.ns, p.stdout[-1500:], p.stderr, self.tail()))
        return self.wait_up()

    def tail(self, lines=12):
        return "\n".join(self.ours.log().splitlines()[-lines:])

    def keep_logs(self):
        """In the folder INTEROP_LOGS, for whoever wants to know why"""
        folder = os.environ.get("INTEROP_LOGS")
        for side in self.both() if folder else ():
            with open(os.path.join(folder, side.ns + ".log"), "w") as f:
                f.write(side.log())

    def state(self):
        """(ours, theirs), or None while they do not agree on one IKE SA and
        its one child"""
        seen = []
        for side in self.both():
            # not those that never got further, nor one that goes: charon drops
            # an answer that comes with the same number as the request that it
            # is working on, and then never has the loser of two rekeys
            ike = [i for i in side.look() if i.state not in ("CONNECTING", "DELETING") or i.children]
            self.last = (self.last if side is self.theirs else []) + [(side.ns, [(i.state, [c.state for c in i.children]) for i in ike])]
            if len(ike) != 1 or ike[0].state != "ESTABLISHED":
                return None
            # an old one receives what is late, after it was deleted
            now = [c for c in ike[0].children if c.state != "DELETED"]
            if [c.state for c in now] != ["INSTALLED"]:
                return None
            seen.append(ike[0]._replace(children=now))
        x, y = seen
        cx, cy = x.children[0], y.children[0]
        if (x.spi_i, x.spi_r) != (y.spi_i, y.spi_r) or (cx.spi_in, cx.spi_out) != (cy.spi_out, cy.spi_in):
            self.last.append(("SPIs differ", [x.spi_i, y.spi_i, cx.spi_in, cy.spi_out]))
            return None
        return seen

    last = None

    def wait_up(self, but=None, seconds=60):
        """Agreed, and as @but(ours) wants it"""
        got = []

        def there():
            got[:] = [self.state()]
            return got[0] and (not but or but(got[0][0]))

        try:
            netns.wait_for("SAs", there, seconds)
        except AssertionError:
            self.keep_logs()
            raise AssertionError("SAs: %s\nours: %s" % (self.last, self.tail())) from None
        return got[0]

    def wait_down(self, seconds=60):
        for side in self.both():
            try:
                # of those that never got further, each has to time out
                netns.wait_for(
                    "end of SAs", lambda side=side: all(i.state == "CONNECTING" for i in side.look()), seconds
                )
            except AssertionError:
                raise AssertionError("%s still has %s\nours: %s" % (side.ns, side.look(), self.tail())) from None

    def rekey_child(self, by):
        old = self.wait_up()[0].children[0]
        by.swanctl("--rekey", "--child", "net")
        self.wait_up(lambda x: x.children[0].spi_in != old.spi_in and x.children[0].spi_out != old.spi_out)

    def rekey_ike(self, by):
        old = self.wait_up()[0]
        by.swanctl("--rekey", "--ike", "site")
        new, _ = self.wait_up(lambda x: x.spi_i != old.spi_i)
        # the child went along as it was
        assert new.children[0].spi_in == old.children[0].spi_in

    def terminate(self, by):
        by.swanctl("--terminate", "--ike", "site")
        self.wait_down()
