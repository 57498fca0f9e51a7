#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An attacker on the wire: takes COUNT ESP frames that leave through INTERFACE
and sends each of them once more."""
import socket
import sys

ETH_P_ALL = 3
PACKET_OUTGOING = 4
ESP = 50


def is_esp(frame):
    return frame[23 if frame[12:14] == b"\x08\x00" else 20] == ESP



def main():
    ifname, count = sys.argv[1], int(sys.argv[2])
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    s.bind((ifname, ETH_P_ALL))
    s.settimeout(120)
    print("ready", flush=True)
    frames = []
    while len(frames) < count:
        data, addr = s.recvfrom(65536)
        if addr[2] == PACKET_OUTGOING and is_esp(data):
            frames.append(data)
    for f in frames:
        s.send(f)
    print("replayed %d frames" % count)


if __name__ == "__main__":
    main()
