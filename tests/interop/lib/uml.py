# SPDX-License-Identifier: Apache-2.0
"""A Linux kernel with its own ESP as an ordinary process, User-Mode Linux: one
end of the wire, and charon in it."""
import json
import os
import shutil
import signal
import socket
import subprocess

import ikepeers
import netns

KERNEL = "/usr/bin/linux.uml"
CTL, HOST = "192.168.77.2", "192.168.77.1"
VICI_PORT = 4502


def die_with_us():
    """Even if this process is killed outright, the guest does not stay."""
    netns.libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def possible():
    why = ikepeers.possible()
    for program, package in ((KERNEL, "user-mode-linux"), ("/sbin/modprobe", "kmod")):
        if not why and not shutil.which(program):
            why = "no %s (package %s)" % (program, package)
    return why


class Guest:
    """A guest whose interface vec0 is the socket @wire, one frame a datagram;
    commands go over a TAP in namespace @ns of @nets."""

    def __init__(self, nets, ns, folder, wire, addrs, lo):
        self.nets, self.ns, self.dir = nets, ns, folder
        os.makedirs(folder, exist_ok=True)
        nets.run(ns, *"ip tuntap add dev ctl mode tap".split())
        nets.run(ns, "ip", "addr", "add", HOST + "/24", "dev", "ctl")
        nets.run(ns, *"ip link set ctl up".split())
        fd = wire.fileno()
        init = os.path.join(os.path.dirname(os.path.abspath(__file__)), "guest.py")
        cmd = [KERNEL, "mem=256M", "rootfstype=hostfs", "rootflags=/", "rw", "init=" + init]
        cmd += ["vec0:transport=fd,fd=%d,depth=128" % fd, "vec1:transport=tap,ifname=ctl,depth=128"]
        cmd += ["CTL=%s/24" % CTL, "WIRE=" + ",".join(addrs), "LO=" + ",".join(lo)]
        cmd += "con=null con0=null,fd:1 ssl=null quiet".split()
        self.console = os.path.join(folder, "console")
        with open(self.console, "wb") as out:
            self.proc = subprocess.Popen(
                nets.cmd(ns, *cmd), stdin=subprocess.DEVNULL, stdout=out, stderr=out, pass_fds=[fd],
                start_new_session=True, preexec_fn=die_with_us,
            )  # fmt: skip
        try:
            netns.wait_for("the guest", self.ready, 120)
        except BaseException:
            self.stop()
            raise

    def ready(self):
        if self.proc.poll() is not None:
            with open(self.console, errors="replace") as f:
                raise AssertionError("User-Mode Linux ended with %s: %s" % (self.proc.returncode, f.read()[-2000:]))
        try:
            return self.ask(["true"])["code"] == 0
        except OSError:
            return False

    def ask(self, cmd, timeout=100, **more):
        s = self.nets.socket(self.ns, kind=socket.SOCK_STREAM)
        with s:
            s.settimeout(2 if cmd == ["true"] else timeout)
            s.connect((CTL, 1))
            s.sendall(json.dumps(dict(cmd=cmd, **more)).encode() + b"\n")
            data = b""
            while True:
                d = s.recv(65536)
                if not d:
                    break
                data += d
        if not data:
            raise OSError("the guest has not answered")
        return json.loads(data)

    def run(self, *cmd, check=True):
        r = self.ask(list(cmd))
        if check and r["code"]:
            raise AssertionError("%s in the guest: %d: %s" % (" ".join(cmd), r["code"], r["out"]))
        return r["out"]

    def start(self, *cmd, log, env=None):
        self.ask(list(cmd), background=True, log=log, env=env or {})

    def stop(self):
        """It is a group of processes of its own."""
        try:
            self.ask(["halt"], timeout=1)
        except OSError:
            pass
        try:
            self.proc.wait(timeout=5)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self.proc.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.proc.wait()


class Charon(ikepeers.Driven):
    """charon in @guest with the guest's kernel for ESP; swanctl runs outside"""

    def __init__(self, guest, folder, settings=""):
        self.guest, self.dir, self.ns, self.nets = guest, folder, "b", guest.nets
        self.proc = guest.proc
        os.makedirs(self.path("swanctl"), exist_ok=True)
        self.uri = "tcp://%s:%d" % (CTL, VICI_PORT)
        ikepeers.write_strongswan(self, "kernel-netlink", settings)
        env = {"STRONGSWAN_CONF": self.path("strongswan.conf")}
        guest.start(ikepeers.CHARON, log=self.path("out"), env=env)
        netns.wait_for("charon in the guest", lambda: self.swanctl("--version", check=False).returncode == 0, 120)

    def command(self, *args):
        return self.nets.cmd(self.guest.ns, "swanctl", *args, "--uri", self.uri)

    log = ikepeers.Charon.log
