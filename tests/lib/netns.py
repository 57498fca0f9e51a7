# SPDX-License-Identifier: Apache-2.0
"""Network namespaces of a test: made, used, and gone again at the end."""
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import time

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def setns(fd):
    if libc.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def possible():
    """None, or why there can be no namespaces with TAP devices here."""
    if os.geteuid() != 0:
        return "not root: no network namespaces"
    name = "esp-probe-%d" % os.getpid()
    p = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
    if p.returncode:
        return "no network namespaces: " + p.stderr.strip()
    p = subprocess.run(
        ["ip", "netns", "exec", name, "ip", "tuntap", "add", "dev", "t0", "mode", "tap"], capture_output=True, text=True
    )
    subprocess.run(["ip", "netns", "del", name])
    return "no TAP devices: " + p.stderr.strip() if p.returncode else None


def possible_with(*programs):
    """None, or why there are no namespaces or programs"""
    missing = [p for p in programs if not shutil.which(p)]
    return possible() or ("not installed: " + ", ".join(missing) if missing else None)


def wait_for(what, condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("waited too long for " + what)
        time.sleep(0.02)


class Nets:
    """with Nets("a", "b") as n: ... n.run("a", "ip", "link")"""

    def __init__(self, *names):
        self.prefix = "esp-%d-" % os.getpid()
        self.names = list(names)
        self.procs = []

    def __enter__(self):
        try:
            for n in self.names:
                subprocess.run(["ip", "netns", "add", self.prefix + n], check=True)
                self.run(n, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0")
                self.run(n, "ip", "link", "set", "lo", "up")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for p in self.procs:
            if p.poll() is None:
                p.terminate()
        for p in self.procs:
            try:
                p.wait(timeout=20)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()
        for n in self.names:
            subprocess.run(["ip", "netns", "del", self.prefix + n], stderr=subprocess.DEVNULL)

    def cmd(self, ns, *cmd):
        return ["ip", "netns", "exec", self.prefix + ns, *cmd]

    def run(self, ns, *cmd, check=True, timeout=100):
        p = subprocess.run(self.cmd(ns, *cmd), capture_output=True, text=True, timeout=timeout)
        if check and p.returncode:
            raise AssertionError("%s in %s: %d: %s%s" % (" ".join(cmd), ns, p.returncode, p.stdout, p.stderr))
        return p

    def start(self, ns, *cmd, log=None, **kw):
        out = open(log, "wb") if log else subprocess.DEVNULL
        p = subprocess.Popen(self.cmd(ns, *cmd), stdout=out, stderr=out, **kw)
        self.procs.append(p)
        return p

    def link_ready(self, ns, ifname):
        """An interface that was told to be up drops what is sent through it until
        the kernel has found time to give it a queue."""

        def ready():
            link = self.run(ns, "ip", "-o", "link", "show", "dev", ifname, "up").stdout
            return link and "qdisc noop " not in link

        wait_for("the queue of " + ifname, ready)

    def stop(self, p, timeout=120):
        p.send_signal(signal.SIGTERM)
        return p.wait(timeout=timeout)

    def socket(self, ns, family=socket.AF_INET, kind=socket.SOCK_DGRAM):
        """A socket of this process in that namespace."""
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        there = os.open("/run/netns/" + self.prefix + ns, os.O_RDONLY)
        try:
            setns(there)
            try:
                return socket.socket(family, kind)
            finally:
                setns(home)
        finally:
            os.close(home)
            os.close(there)
