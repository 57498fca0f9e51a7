#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""First process of a User-Mode Linux guest: mounts, loads the modules of
IPsec, brings up the interfaces, then runs commands that come as JSON, one a
connection: {"cmd": [...], "env": {}, "background": false}.

Parameters of the kernel line that the kernel does not know are environment
variables here: CTL, WIRE (addresses with prefix length, WIRE may be several
separated by commas), LO (further addresses)."""
import ctypes
import json
import os
import socket
import subprocess

MODULES = """jitterentropy_rng drbg xfrm_user esp4 ah4 esp6 ah6 gcm cbc hmac seqiv echainiv authenc ctr ghash-generic
chacha20poly1305 xfrm4_tunnel tunnel4 xfrm_algo"""
ROOT = "/run/kernel"
POWER_OFF = 0x4321FEDC


def run(*cmd):
    return subprocess.run(cmd, capture_output=True, text=True, check=False)


def prepare():
    os.environ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    run("mount", "-t", "proc", "proc", "/proc")
    run("mount", "-t", "sysfs", "sysfs", "/sys")
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    os.makedirs(ROOT + "/lib")
    os.symlink("/usr/lib/uml/modules", ROOT + "/lib/modules")
    # an AEAD that is asked for by name is loaded by this, or there is none
    with open(ROOT + "/modprobe", "w") as f:
        f.write('#!/bin/sh\nexec /sbin/modprobe -d %s "$@"\n' % ROOT)
    os.chmod(ROOT + "/modprobe", 0o755)
    with open("/proc/sys/kernel/modprobe", "w") as f:
        f.write(ROOT + "/modprobe")
    for m in MODULES.split():
        run("modprobe", "-d", ROOT, m)
    run("sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0")
    run("ip", "link", "set", "lo", "up")
    for dev, addrs in (("vec0", "WIRE"), ("vec1", "CTL"), ("lo", "LO")):
        run("ip", "link", "set", dev, "up")
        for a in os.environ.get(addrs, "").split(","):
            if a:
                run("ip", "addr", "add", a, "dev", dev, *(["nodad"] if ":" in a else []))


def serve(conn, running):
    data = b""
    while not data.endswith(b"\n"):
        more = conn.recv(65536)
        if not more:
            return
        data += more
    r = json.loads(data)
    env = dict(os.environ, **r.get("env", {}))
    if r["cmd"] == ["halt"]:
        os.sync()
        ctypes.CDLL(None).reboot(POWER_OFF)
    elif r.get("background"):
        with open(r["log"], "wb") as log:
            running.append(subprocess.Popen(r["cmd"], env=env, stdout=log, stderr=log))
        answer = {"code": 0, "out": ""}
    else:
        p = subprocess.run(r["cmd"], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        answer = {"code": p.returncode, "out": p.stdout}
    conn.sendall(json.dumps(answer).encode())


def main():
    prepare()
    s = socket.create_server((os.environ["CTL"].split("/")[0], 1))
    running = []
    while True:
        conn, _ = s.accept()
        with conn:
            try:
                serve(conn, running)
            except (OSError, ValueError) as e:
                conn.sendall(json.dumps({"code": 127, "out": str(e)}).encode())


if __name__ == "__main__":
    main()
