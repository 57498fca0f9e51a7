# SPDX-License-Identifier: Apache-2.0
"""Gateways that speak IKE, for tests: espalierd with a swanctl.conf of the
test, the swanctl client, certificates of a CA of the test."""
import os
import re
import subprocess

import netns


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, capture_output=True)


class Pki:
    """A CA and what it has signed; EC P-256."""

    def __init__(self, folder):
        self.dir = folder
        os.makedirs(folder, exist_ok=True)
        self.ca = self.path("ca.pem")
        args = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2".split()
        args += ["-keyout", self.path("ca.key"), "-out", self.ca, "-subj", "/O=Test/CN=CA"]
        openssl(*args, "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def path(self, name):
        return os.path.join(self.dir, name)

    def issue(self, name):
        """(certificate, key) of FQDN @name"""
        key, csr, cert = (self.path(name + ext) for ext in (".key", ".csr", ".pem"))
        args = "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes".split()
        openssl(*args, "-keyout", key, "-out", csr, "-subj", "/O=Test/CN=" + name)
        with open(self.path(name + ".ext"), "w") as f:
            f.write("subjectAltName=DNS:%s\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n" % name)
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
