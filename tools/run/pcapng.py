# SPDX-License-Identifier: Apache-2.0
"""Reads and writes the little of pcap and pcapng that the run needs."""
import struct

IN, OUT = 1, 2


def read(path):
    """Yields (direction or None, frame) of a little-endian pcapng."""
    with open(path, "rb") as f:
        data = f.read()
    pos = 0
    while pos + 12 <= len(data):
        kind, size = struct.unpack_from("<II", data, pos)
        if size < 12 or pos + size > len(data):
            break  # the writer was in the middle of it
        if kind == 6:
            caplen = struct.unpack_from("<I", data, pos + 20)[0]
            frame = data[pos + 28 : pos + 28 + caplen]
            opt = pos + 28 + (caplen + 3) // 4 * 4
            direction = None
            while opt + 4 <= pos + size - 4:
                code, length = struct.unpack_from("<HH", data, opt)
                if code == 2 and length == 4:
                    direction = struct.unpack_from("<I", data, opt + 4)[0] & 3
                if code == 0:
                    break
                opt += 4 + (length + 3) // 4 * 4
            yield direction, frame
        pos += size


def read_pcap(path):
    """Packets of a little-endian pcap."""
    with open(path, "rb") as f:
        data = f.read()
    if data[:4] != b"\xd4\xc3\xb2\xa1":
        raise ValueError(path + ": not a little-endian pcap")
    pos, out = 24, []
    while pos + 16 <= len(data):
        length = struct.unpack_from("<I", data, pos + 8)[0]
        out.append(data[pos + 16 : pos + 16 + length])
        pos += 16 + length
    return out


def write_pcap(path, packets, linktype=101):
    """pcap of raw IP."""
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, linktype))
        for p in packets:
            f.write(struct.pack("<IIII", 0, 0, len(p), len(p)) + p)
