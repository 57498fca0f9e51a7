# SPDX-License-Identifier: Apache-2.0
"""libreswan's pluto in a guest of User-Mode Linux, unpacked, not installed
(tools/unpack-libreswan)."""
import os
import shutil
import subprocess

import netns
import uml

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
LIBEXEC = TOP + "/build/strangers/libreswan/usr/libexec"


def possible():
    why = uml.possible()
    if not why and not os.path.exists(LIBEXEC + "/ipsec/pluto"):
        why = "no libreswan (tools/unpack-libreswan)"
    if not why and subprocess.run(["ldd", LIBEXEC + "/ipsec/pluto"], capture_output=True, text=True).stdout.count("not found"):
        why = "libraries of libreswan are missing (tools/packages.txt)"
    if not why and not shutil.which("pk12util"):
        why = "no pk12util (package libnss3-tools)"
    return why


class Pluto:
    """pluto in @guest; connections come by load()"""

    ns = "b"

    def __init__(self, guest, folder):
        self.guest, self.dir, self.proc = guest, folder, guest.proc
        os.makedirs(self.path("run"))
        os.makedirs(self.path("nss"))
        subprocess.run(["certutil", "-N", "-d", "sql:" + self.path("nss"), "--empty-password"], check=True)
        self.write("ipsec.conf", "")
        self.write("ipsec.secrets", "")
        self.prepare()
        args = ["--nofork", "--no-dnssec", "--rundir", self.path("run"), "--config", self.path("ipsec.conf")]
        args += ["--secretsfile", self.path("ipsec.secrets"), "--nssdir", self.path("nss"), "--ipsecdir", self.dir]
        args += ["--logfile", self.path("log")]
        # its programs look for one another where they would be installed
        self.guest.run("mount", "--bind", LIBEXEC, "/usr/libexec")
        self.guest.start("/usr/libexec/ipsec/pluto", *args, log=self.path("out"))
        netns.wait_for("pluto", lambda: "listening for IKE messages" in self.log(), 120)

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)

    def log(self):
        try:
            with open(self.path("log"), errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def whack(self, *args, check=True):
        return self.guest.run("timeout", "60", "/usr/libexec/ipsec/whack", "--ctlsocket", self.path("run/pluto.ctl"), *args, check=check)

    def load(self, conn, secrets=""):
        """Connection "site", whatever was there before"""
        self.whack("--name", "site", "--delete", check=False)
        self.write("ipsec.conf", "conn site\n" + "".join("\t%s=%s\n" % kv for kv in conn.items()))
        self.write("ipsec.secrets", secrets)
        self.whack("--rereadsecrets")
        args = ["--verbose", "--config", self.path("ipsec.conf"), "--ctlsocket", self.path("run/pluto.ctl"), "site"]
        out = self.guest.run("/usr/libexec/ipsec/addconn", *args, check=False)
        if '"site"' not in self.whack("--status"):
            raise AssertionError("pluto does not take the connection: %s%s" % (out, self.log()[-1500:]))

    def prepare(self):
        """What has to be in its store before it begins, for derived classes"""

    def take_certificate(self, name, cert, key, ca):
        """Into its store, under @name"""
        p12, db = self.path(name + ".p12"), "sql:" + self.path("nss")
        args = ["-out", p12, "-inkey", key, "-in", cert, "-certfile", ca, "-name", name, "-passout", "pass:x"]
        subprocess.run(["openssl", "pkcs12", "-export", *args], check=True, capture_output=True)
        subprocess.run(["pk12util", "-i", p12, "-d", db, "-W", "x"], check=True, capture_output=True)
        subprocess.run(["certutil", "-A", "-d", db, "-n", "CA " + name, "-t", "CT,,", "-a", "-i", ca], check=True, capture_output=True)

    def up(self):
        return self.whack("--initiate", "--name", "site")

    def down(self):
        return self.whack("--terminate", "--name", "site")
