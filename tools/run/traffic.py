#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Traffic between the two hosts: UDP of every size, TCP files.

Payloads carry MARKER, so that plaintext on the wire would be found.
"""
import argparse
import hashlib
import os
import select
import socket
import sys
import time

MARKER = b"ESPALIER-PLAINTEXT-MARKER!"


def family(addr):
    return socket.AF_INET6 if ":" in addr else socket.AF_INET


def payload(n, i):
    head = b"%08d" % i
    return (head + MARKER * (n // len(MARKER) + 1))[:n]


def udp_echo(a):
    s = socket.socket(family(a.addr), socket.SOCK_DGRAM)
    s.bind((a.addr, a.port))
    print("ready", flush=True)
    while True:
        data, peer = s.recvfrom(65536)
        s.sendto(data, peer)


def udp_sweep(a):
    """Every payload size from lo to hi, echoed; nothing may be lost."""
    s = socket.socket(family(a.addr), socket.SOCK_DGRAM)
    s.connect((a.addr, a.port))
    s.setblocking(False)
    todo = list(range(a.lo, a.hi + 1, a.step))
    window, waiting, done, bad = 16, {}, 0, 0
    last = time.monotonic()
    while todo or waiting:
        while todo and len(waiting) < window:
            n = todo.pop(0)
            p = payload(n, n)
            waiting[p] = n
            s.send(p)
        if not select.select([s], [], [], 1)[0]:
            if time.monotonic() - last > 60:
                break
            continue
        p = s.recv(65536)
        if waiting.pop(p, None) is None:
            bad += 1
        else:
            done += 1
        last = time.monotonic()
    print("udp %s: %d sizes echoed, %d lost, %d wrong" % (a.addr, done, len(waiting), bad))
    if waiting:
        print("lost sizes:", sorted(waiting.values())[:20])
    return bool(waiting or bad)


def udp_steady(a):
    """Echoes without a pause until the file STOP appears; each datagram is
    there once and is waited for, so that the one that is lost is known."""
    s = socket.socket(family(a.addr), socket.SOCK_DGRAM)
    s.connect((a.addr, a.port))
    s.setblocking(False)
    window, waiting, sent, done, bad = 8, {}, 0, 0, 0
    last = time.monotonic()
    while True:
        more = not os.path.exists(a.stop)
        while more and len(waiting) < window:
            p = payload(26 + sent * 61 % 1300, sent)
            waiting[p] = sent
            s.send(p)
            sent += 1
        if not more and not waiting:
            break
        if not select.select([s], [], [], 1)[0]:
            # what is late has been lost; the flow must not end with it
            if time.monotonic() - last > 10:
                break
            continue
        p = s.recv(65536)
        if waiting.pop(p, None) is None:
            bad += 1
        else:
            done += 1
            if done == 1:
                print("running", flush=True)
        last = time.monotonic()
    print("udp %s: %d of %d echoed, %d lost, %d wrong" % (a.addr, done, sent, len(waiting), bad), flush=True)
    return bool(waiting or bad)


def tcp_recv(a):
    s = socket.socket(family(a.addr), socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((a.addr, a.port))
    s.listen(1)
    print("ready", flush=True)
    c, _ = s.accept()
    h, n = hashlib.sha256(), 0
    while True:
        d = c.recv(65536)
        if not d:
            break
        h.update(d)
        n += len(d)
    c.sendall(h.hexdigest().encode())
    c.close()
    print("received %d bytes, sha256 %s" % (n, h.hexdigest()))


def tcp_send(a):
    data = payload(a.bytes, a.port)
    want = hashlib.sha256(data).hexdigest()
    s = socket.create_connection((a.addr, a.port), timeout=120)
    start = time.monotonic()
    s.sendall(data)
    s.shutdown(socket.SHUT_WR)
    got = b""
    while True:
        d = s.recv(1024)
        if not d:
            break
        got += d
    took = time.monotonic() - start
    ok = got.decode() == want
    print(
        "tcp %s: %d bytes in %.1f s (%.2f MB/s), sha256 %s"
        % (a.addr, a.bytes, took, a.bytes / took / 1e6, "equal" if ok else "DIFFERS")
    )
    return not ok


def main():
    p = argparse.ArgumentParser()
    sub = p.add_subparsers(required=True)
    for name, fn in (
        ("udp-echo", udp_echo),
        ("udp-sweep", udp_sweep),
        ("udp-steady", udp_steady),
        ("tcp-recv", tcp_recv),
        ("tcp-send", tcp_send),
    ):
        q = sub.add_parser(name)
        q.set_defaults(fn=fn)
        q.add_argument("addr")
        q.add_argument("port", type=int)
        if fn is udp_sweep:
            q.add_argument("lo", type=int)
            q.add_argument("hi", type=int)
            q.add_argument("step", type=int)
        if fn is udp_steady:
            q.add_argument("stop")
        if fn is tcp_send:
            q.add_argument("bytes", type=int)
    a = p.parse_args()
    return a.fn(a)


if __name__ == "__main__":
    sys.exit(main())
