#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts measured figures into pages: figures.py bench.json|report.json... PAGE

Replaces what stands between `<!-- figures: KIND -->` and `<!-- end -->`. KIND
bench: table of bench.json; fpga: table of the FPGA reports given.
"""
import json
import pathlib
import re
import sys

SIZES = ["64", "128", "256", "512", "1024", "1420", "9000", "imix"]


def bench(rows):
    by = {r["name"]: r for r in rows}
    kinds = ("wire_out", "wire_in", "ring_out", "ring_in")
    out = ["| inner datagram, bytes | " + " | ".join(k.replace("_", " ") for k in kinds) +
           " | limit | latency out | latency in |", "|---" * 8 + "|"]
    for size in SIZES:
        cells = [size]
        for kind in kinds:
            r = by.get(f"{kind}_{size}")
            cells.append(f"{r['value']:.2f} ({100 * r['of_limit']:.1f} %)" if r else "")
        limit = by.get(f"wire_out_{size}")
        cells.append(f"{limit['limit']:.2f}" if limit else "")
        for kind in ("latency_out", "latency_in"):
            r = by.get(f"{kind}_{size}")
            cells.append(f"{r['value']:.0f}" if r else "")
        out.append("| " + " | ".join(cells) + " |")
    out += ["", "Bytes per cycle, latency in cycles from the first beat in to the first beat out. `sim_*` is",
            "the simulation built by `make sim-pgo`, guided by a profile of mixed traffic, on one core.", "",
            "| figure | value | unit | limit or baseline |", "|---|---|---|---|"]
    for r in rows:
        if re.match(r"(wire|ring|latency)_(out|in)_", r["name"]):
            continue
        limit = "" if r["limit"] is None else f"{r['limit']:,.4g}"
        out.append(f"| `{r['name']}` | {r['value']:,.4g} | {r['unit']} | {limit} |")
    return out


def fpga(reports):
    out = ["| module | parameters | LUT4 | FF | block RAM | MHz | critical path |", "|---" * 7 + "|"]
    for r in reports:
        path = r["critical_path"]
        told = "" if not path else (
            f"`{path['from']}` to `{path['to']}`, {path['levels']} levels, {path['logic_ns']} ns logic, "
            f"{path['routing_ns']} ns routing" + (f" ({path['note']})" if "note" in path else ""))
        speed = (r["fmax_mhz"] or (f"{r['placed_mhz']} (placed, not routed)" if r["placed_mhz"] else "")
                 if r["fits"] else "(does not fit)")
        out.append(f"| `{r['top']}` | {' '.join(r['parameters'])} | {r['lut4']:,} | {r['ff']:,} | {r['bram']} | "
                   f"{speed} | {told} |")
    return out


def main():
    *sources, page = sys.argv[1:]
    data = [json.loads(pathlib.Path(s).read_text()) for s in sources]
    kind, lines = ("bench", bench(data[0])) if isinstance(data[0], list) else ("fpga", fpga(data))
    path = pathlib.Path(page)
    text, n = re.subn(rf"(<!-- figures: {kind} -->\n).*?(<!-- end -->)",
                      lambda m: m.group(1) + "\n".join(lines) + "\n" + m.group(2),
                      path.read_text(), flags=re.S)
    if n != 1:
        sys.exit(f"{page}: no place for figures of kind {kind}")
    path.write_text(text)


if __name__ == "__main__":
    main()
