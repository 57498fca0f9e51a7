#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sites for the block RAMs of a placed design: nextpnr's JSON in, a floorplan out.

nextpnr's placer puts block RAMs on the first free site that it draws near the
place it wants; with nine of ten sites taken that is far away, and the logic
has to follow. Here the logic stays where it was placed, and block RAMs change
sites, two at a time, as long as that makes nets shorter (half the perimeter of
a net's box). The floorplan has a line `CELL SITE` for each block RAM.

By hand it has lines `closed ROW FIRST LAST`: no logic in this row of tiles, from
column FIRST to LAST. The placer fills the device evenly, whatever the wires need;
closed rows thin it out where nets are many and long (rows and not columns, since carry
chains run along them).
"""
import argparse
import collections
import itertools
import json
import re
import sys


RAM = "DP16KD"
# Rows of tiles with logic in an LFE5U-85F: the others have block RAMs or multipliers.
LOGIC_ROWS = [row for row in range(2, 94) if row % 12 != 10]
COLUMNS = range(2, 125)


def load(path):
    """Site of each cell of a floorplan, and its closed rows: (row, first, last)."""
    with open(path) as f:
        lines = [line.split() for line in f if not line.startswith("#")]
    closed = [tuple(map(int, line[1:])) for line in lines if line[0] == "closed"]
    for row, first, last in closed:
        if row not in LOGIC_ROWS or first not in COLUMNS or last not in COLUMNS:
            sys.exit(f"{path}: closed {row} {first} {last}: rows of logic are 2 to 93 without 10, 22, 34 and so on, columns 2 to 124")
    return dict(line for line in lines if line[0] != "closed"), closed


def location(bel):
    x, y = re.match(r"X(\d+)/Y(\d+)/", bel).groups()
    return int(x), int(y)


def read(path):
    """Sites of block RAMs, and for each the boxes of the other ends of its nets."""
    with open(path) as f:
        cells = max(json.load(f)["modules"].values(), key=lambda m: len(m["cells"]))["cells"]
    site, at, nets = {}, {}, collections.defaultdict(set)
    for name, cell in cells.items():
        bel = cell["attributes"].get("NEXTPNR_BEL")
        if not bel:
            continue
        at[name] = location(bel)
        if cell["type"] == RAM:
            site[name] = bel
        for bits in cell["connections"].values():
            for bit in bits:
                nets[bit].add(name)
    ends = {bit: members for bit, members in nets.items()
            if 1 < len(members) < 1000 and any(m in site for m in members)}
    return site, at, ends


class Plan:
    def __init__(self, site, at, ends):
        self.site, self.at = dict(site), dict(at)
        self.of = collections.defaultdict(list)
        self.fixed = {}
        for bit, members in ends.items():
            rams = [m for m in members if m in site]
            rest = [at[m] for m in members if m not in site]
            box = None
            if rest:
                xs, ys = zip(*rest)
                box = (min(xs), max(xs), min(ys), max(ys))
            self.fixed[bit] = (box, rams)
            for ram in rams:
                self.of[ram].append(bit)

    def net(self, bit):
        box, rams = self.fixed[bit]
        xs = [self.at[r][0] for r in rams] + ([box[0], box[1]] if box else [])
        ys = [self.at[r][1] for r in rams] + ([box[2], box[3]] if box else [])
        return max(xs) - min(xs) + max(ys) - min(ys)

    def cost(self, rams):
        return sum(self.net(b) for b in {b for r in rams for b in self.of[r]})

    def put(self, ram, bel):
        self.site[ram] = bel
        self.at[ram] = location(bel)

    def total(self):
        return sum(self.net(b) for b in self.fixed)

    def swap(self, a, b):
        """Whether nets are shorter with the sites of a and b exchanged, which is then done."""
        before = self.cost((a, b))
        site_a, site_b = self.site[a], self.site[b]
        self.put(a, site_b)
        self.put(b, site_a)
        if self.cost((a, b)) < before:
            return True
        self.put(a, site_a)
        self.put(b, site_b)
        return False

    def improve(self):
        return sum(self.swap(a, b) for a, b in itertools.combinations(self.site, 2))


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("placed", help="JSON that nextpnr --write left")
    ap.add_argument("floorplan", help="file to rewrite, closed rows kept")
    args = ap.parse_args()

    _, closed = load(args.floorplan)
    plan = Plan(*read(args.placed))
    print(f"{len(plan.site)} block RAMs, their nets {plan.total()} tiles long", flush=True)
    while plan.improve():
        print(f"  {plan.total()}", flush=True)
    with open(args.floorplan, "w") as f:
        f.write("# SPDX-License-Identifier: Apache-2.0\n"
                "# Sites of block RAMs, made by tools/fpga/floorplan.py; closed rows, by hand\n")
        f.writelines("closed %d %d %d\n" % row for row in closed)
        f.writelines(f"{cell} {site}\n" for cell, site in sorted(plan.site.items()))


if __name__ == "__main__":
    main()
