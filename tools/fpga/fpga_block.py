#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Synthesize, place and route a module for an ECP5-85F and report it.

Writes DIR/report.json with fits, lut4, ff, bram, fmax_mhz and critical_path
(and the parameters that were built), and prints the same with the size of the
device beside it. lut4 counts logic cells, those of carry chains and
distributed RAM included. The critical path is told as the registers at its
ends and the share of logic and routing in it. A module that does not fit has
no placement: then fits is false and fmax_mhz is null. It is null also when the
router was stopped or not asked (--place-only); placed_mhz is what placement
alone promised.

Logic is mapped for depth with the area recovered (ABC); modules are flattened
behind the coarse steps, which are faster on each alone. S-boxes, which stand between
registers, are mapped by themselves: there is no slack in them, as they would have
beside deeper logic. The electrostatic placer
is used because the first equations of the other one take long to solve for a
block that hangs on two folded pins. Its weak side is block RAMs, most of which
are in use: their sites come from a floorplan (floorplan.py), if there is one.

The router runs by itself, on the placed design in DIR/placed.json with each cell
held to its site (DIR/pinned.json).
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import time

import floorplan
import fold_pins
import ram_outreg

HERE = pathlib.Path(__file__).parent
CELLS = (("lut4", "TRELLIS_COMB"), ("ff", "TRELLIS_FF"), ("bram", "DP16KD"))

# Cover for depth, area recovered where a path has slack, twice over with what
# structural choices find: on esp_out 8 levels instead of the 13 of the least
# area, for half a percent more LUTs.
ABC = ("+strash;ifraig;scorr;dc2;dc2;dch,-f;if,-K,4;mfs2;"
       "strash;dch,-f;if,-K,4;mfs2;lutpack")

# A slice has one clock enable and one reset for both its registers: those that serve
# a few registers only become logic, which leaves the placer more sites for each.
FFS = ("dfflegalize -cell $_DFF_?_ 01 -cell $_DFF_?P?_ r -cell $_SDFF_?P?_ r "
       "-cell $_DFFE_??_ 01 -cell $_DFFE_?P??_ r -cell $_SDFFE_?P??_ r "
       "-cell $_DLATCH_?_ x -mince 6 -minsrst 12")

# The placed design says by which router, and what it says counts, not the command line.
# The first one gives a room that has the device to itself the shorter paths; a full block
# only the second one brings to an end. Its defaults are for speed: what is still to go is
# estimated too high (1.25), nets are kept within 3 tiles of their ends, and a wire that
# others want gets dearer by 2 a pass. A full block needs the shorter ways, and those around
# its crowded places.
ROUTER = {"router": "router1", "timing_driven": "1"}
ROUTER_CROWDED = {"router": "router2", "timing_driven": "1", "router2/estimateWeight": "1.0",
                  "router2/currCongWeightMult": "1.0", "router2/bbMargin/x": "20",
                  "router2/bbMargin/y": "20"}


def run(cmd, log):
    start = time.time()
    with open(log, "w") as out:
        status = subprocess.call(cmd, stdout=out, stderr=subprocess.STDOUT)
    print(f"  {pathlib.Path(cmd[0]).name}: {time.time() - start:.0f} s, log {log}", flush=True)
    return status


def place(cmd, log):
    """nextpnr, stopped behind its table of cells if more are used than there are."""
    start = time.time()
    over = False
    cell = re.compile(rf" (?:{'|'.join(c for _, c in CELLS)}):\s+(\d+)/\s*(\d+)")
    with subprocess.Popen(cmd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True) as proc, open(log, "w") as out:
        for line in proc.stdout:
            out.write(line)
            out.flush()
            found = cell.search(line)
            if found:
                over |= int(found[1]) > int(found[2])
            elif over and "TRELLIS_RAMW" in line:  # the last of the table
                proc.terminate()
                break
        status = proc.wait()
    print(f"  {pathlib.Path(cmd[0]).name}: {time.time() - start:.0f} s, log {log}", flush=True)
    return status


def apply_plan(cells, plan):
    """The floorplan written into the netlist: sites of block RAMs, and a LUT without
    nets on every site of the closed rows. How many of these there are.
    """
    sites, closed = floorplan.load(plan)
    rams = {name: cell for name, cell in cells.items() if cell["type"] == floorplan.RAM}
    for name in rams.keys() & sites.keys():
        rams[name]["attributes"]["BEL"] = sites[name]
    print(f"  {plan}: {len(rams.keys() - sites.keys())} block RAMs without a site in it")
    bels = [f"X{x}/Y{row}/SLICE{s}.K{k}" for row, first, last in closed
            for x in range(first, last + 1) for s in "ABCD" for k in "01"]
    for bel in bels:
        cells[f"$closed {bel}"] = {
            "hide_name": 1, "type": "LUT4", "parameters": {"INIT": "0" * 16},
            "attributes": {"BEL": bel},
            "port_directions": {**dict.fromkeys("ABCD", "input"), "Z": "output"},
            "connections": {port: [] for port in "ABCDZ"}}
    return len(bels)


def prepare(netlist, plan):
    """What is done to the netlist before it is placed; sites closed by the floorplan."""
    design = json.loads(netlist.read_text())
    cells = design["modules"]["folded"]["cells"]
    print(f"  {ram_outreg.fold(cells)} flip-flops moved into block RAMs")
    closed = apply_plan(cells, plan) if plan else 0
    netlist.write_text(json.dumps(design))
    return closed


def pin(placed, router):
    """A placed design as one to be routed as `router` says, each cell held to its site.

    nextpnr 0.11.1 settles which inputs of a LUT the router may exchange when the LUT is bound
    to its site. Sites of a design that it wrote itself it binds before it knows which LUTs
    carry and which are RAM, and exchanges their inputs too, or keeps those of others, as memory
    happens to be. What is constrained to a site is bound behind that.
    """
    for module in placed["modules"].values():
        if "settings" not in module:
            continue
        module["settings"].update(router, placer="sa")  # ends at once, with nothing to move
        module["settings"].pop("place", None)
        for cell in module["cells"].values():
            site = cell["attributes"].pop("NEXTPNR_BEL", None)
            if site:
                cell["attributes"].pop("BEL_STRENGTH", None)
                cell["attributes"]["BEL"] = site
    return placed


def give_up(log):
    sys.exit("\n".join(pathlib.Path(log).read_text().splitlines()[-15:] + [f"fpga-block: see {log}"]))


def describe(path):
    """Ends and composition of a path from nextpnr's report."""
    return {
        "from": path[0]["from"]["cell"],
        "to": path[-1]["to"]["cell"],
        "levels": sum(1 for s in path if s["type"] == "logic"),
        "logic_ns": round(sum(s["delay"] for s in path if s["type"] != "routing"), 2),
        "routing_ns": round(sum(s["delay"] for s in path if s["type"] == "routing"), 2),
    }


def timing(rep):
    clock, fmax = min(rep["fmax"].items(), key=lambda kv: kv[1]["achieved"])
    worst = max((p for p in rep["critical_paths"]
                 if p["from"] == p["to"] == f"posedge {clock}"),
                key=lambda p: sum(s["delay"] for s in p["path"]))
    return round(fmax["achieved"], 2), describe(worst["path"])


def utilisation(log):
    """Used and available cells, which nextpnr prints before it places."""
    text = log.read_text()
    use = {}
    for key, cell in CELLS:
        found = re.search(rf"{cell}:\s+(\d+)/\s*(\d+)", text)
        if not found:
            give_up(log)
        use[key] = tuple(map(int, found.groups()))
    return use


def expected(log):
    """Frequency that nextpnr expects behind placement, or None."""
    found = re.search(r"Max frequency for clock .*?: ([0-9.]+) MHz", log.read_text())
    return float(found[1]) if found else None


def report_of(out, failed, closed, args):
    """What report.json tells, from the files that nextpnr left in `out`."""
    log = out / "nextpnr.log"
    use = utilisation(log)
    use["lut4"] = (use["lut4"][0] - closed, use["lut4"][1])
    report = {key: use[key][0] for key, _ in CELLS}
    report["fits"] = all(used <= have for used, have in use.values())
    report["placed_mhz"] = expected(log)
    report["fmax_mhz"] = report["critical_path"] = None
    if not failed and not args.place_only:
        report["fmax_mhz"], report["critical_path"] = timing(
            json.loads((out / "nextpnr.json").read_text()))
    elif report["fits"] and not report["placed_mhz"]:
        give_up(log)
    report.update(top=args.top, device="LFE5U-85F-6", parameters=args.param)
    return report, use


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--yosys", default="yosys")
    ap.add_argument("--nextpnr", required=True)
    ap.add_argument("--dir", required=True, help="output folder")
    ap.add_argument("--top", default="espalier")
    ap.add_argument("--param", action="append", default=[], metavar="NAME=N")
    ap.add_argument("--freq", default="100")
    ap.add_argument("--seed", default="1", help="of the placement")
    ap.add_argument("--floorplan", help="file with sites of block RAMs")
    ap.add_argument("--crowded", action="store_true",
                    help="a full block: routed by the second router")
    ap.add_argument("--place-only", action="store_true", help="do not route")
    ap.add_argument("--sources", nargs="+", required=True)
    args = ap.parse_args()

    out = pathlib.Path(args.dir)
    out.mkdir(parents=True, exist_ok=True)

    plist = fold_pins.ports(args.yosys, args.sources, args.top, args.param)
    (out / "folded.sv").write_text(fold_pins.harness(args.top, plist, args.param))
    synth = "synth_ecp5 -top folded -nowidelut -noflatten"
    script = (f"read_verilog -sv -DSYNTHESIS {' '.join(args.sources)} {out}/folded.sv; "
              f"{synth} -run begin:map_ram; setattr -mod -set keep_hierarchy 1 *aes_sbox*; "
              f"flatten; opt_expr; opt_clean; opt -fast; opt_clean; "
              f"{synth} -run map_ram:map_gates; techmap -map {HERE}/short_alu.v; "
              f"{synth} -run map_gates:map_ffs; {FFS}; {synth} -run map_ffs:map_luts; "
              f"techmap -map +/ecp5/latches_map.v; "
              f"abc -lut 4 -script {ABC}; clean; "
              f"setattr -mod -unset keep_hierarchy *aes_sbox*; flatten; clean; "
              f"{synth} -json {out}/netlist.json -run map_cells:")
    if run([args.yosys, "-q", "-p", script], out / "yosys.log"):
        give_up(out / "yosys.log")
    closed = prepare(out / "netlist.json", args.floorplan)
    (out / "nextpnr.json").unlink(missing_ok=True)
    pnr = [args.nextpnr, "--85k", "--package", "CABGA756", "--speed", "6", "--freq", args.freq,
           "--lpf-allow-unconstrained", "--timing-allow-fail"]
    failed = place([*pnr, "--json", f"{out}/netlist.json", "--placer", "static", "--no-route",
                    "--seed", args.seed, "--write", f"{out}/placed.json"], out / "nextpnr.log")
    if not failed and not args.place_only:
        pinned = pin(json.loads((out / "placed.json").read_text()),
                     ROUTER_CROWDED if args.crowded else ROUTER)
        (out / "pinned.json").write_text(json.dumps(pinned))
        failed = run([*pnr, "--json", f"{out}/pinned.json", "--no-pack", "--seed", "1",
                      "--report", f"{out}/nextpnr.json", "--textcfg", f"{out}/block.config"],
                     out / "route.log")

    report, use = report_of(out, failed, closed, args)
    (out / "report.json").write_text(json.dumps(report, indent=2) + "\n")

    print(f"  {args.top} {' '.join(args.param)}")
    for key, _ in CELLS:
        used, have = use[key]
        print(f"  {key:5} {used:6} of {have:6} {100 * used / have:5.1f} %")
    if report["fmax_mhz"]:
        path = report["critical_path"]
        print(f"  fmax  {report['fmax_mhz']} MHz (aim {args.freq})")
        print(f"  critical path: {path['from']} -> {path['to']}, {path['levels']} levels, "
              f"{path['logic_ns']} ns logic + {path['routing_ns']} ns routing")
    elif report["placed_mhz"]:
        print(f"  placed, not routed: {report['placed_mhz']} MHz expected (aim {args.freq})")
    if not report["fits"]:
        print("  does not fit the device")
    elif failed:
        sys.exit(f"fpga-block: the router did not come to its end, see {out}/route.log")


if __name__ == "__main__":
    main()
