#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/fpga/ram_outreg.py on what yosys makes of small designs: the registers that
are the same as a block RAM's go into it, and no others.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, "tools/fpga")
import ram_outreg  # noqa: E402

PORTS = """(input logic clk, input logic rst, input logic en, input logic we,
    input logic [8:0] waddr, input logic [8:0] raddr, input logic [35:0] d, output logic [35:0] y);
  logic [35:0] q;
"""
RAM = """  ram_1r1w #(.WIDTH(36), .DEPTH(512), .OUTREG(%d)) u_ram (.clk(clk), .we(we), .waddr(waddr),
      .wdata(d), .re(1'b1), .raddr(raddr), .rdata(q));
"""
# name, body behind PORTS, registers that move
CASES = (
    ("register of the memory", RAM % 1 + "  assign y = q ^ d;", 36),
    ("register behind it, with an enable", RAM % 0 +
     "  always_ff @(posedge clk) if (en) y <= q;", 36),
    ("register with a reset", RAM % 0 +
     "  always_ff @(posedge clk) if (rst) y <= '0; else y <= q;", 0),
    ("registers with two enables", RAM % 0 +
     "  always_ff @(posedge clk) begin if (en) y[17:0] <= q[17:0]; if (rst) y[35:18] <= q[35:18]; end", 0),
    ("logic before the register", RAM % 0 +
     "  always_ff @(posedge clk) y <= q ^ {q[34:0], q[35]};", 0),
    ("an output that is also looked at", RAM % 0 + "  logic [35:0] z;\n"
     "  always_ff @(posedge clk) z <= q;\n  assign y = {z[35:1], z[0] ^ q[0]};", 0),
    ("no register", RAM % 0 + "  assign y = q ^ d;", 0),
    ("half the width: port B alone", RAM.replace("(36)", "(18)").replace("(d)", "(d[17:0])")
     .replace("512", "1024").replace("(waddr)", "({1'b0, waddr})")
     .replace("(raddr)", "({1'b0, raddr})").replace("(q)", "(q[17:0])") % 1 +
     "  assign y = {18'd0, q[17:0]} ^ d;", 18),
)


def netlist(body):
    with tempfile.TemporaryDirectory() as folder:
        source, out = pathlib.Path(folder, "top.sv"), pathlib.Path(folder, "top.json")
        source.write_text(f"module top {PORTS}{body}\nendmodule\n")
        subprocess.run(["yosys", "-q", "-p", f"read_verilog -sv hw/rtl/lib/ram_1r1w.sv {source}; "
                        f"synth_ecp5 -top top -json {out}"], check=True)
        return json.loads(out.read_text())["modules"]["top"]


def kinds(cells, kind):
    return [cell for cell in cells.values() if cell["type"] == kind]


def wrong(body, moves):
    """What is not as it should be, or None."""
    module = netlist(body)
    cells = module["cells"]
    before = len(kinds(cells, ram_outreg.FF))
    gone = ram_outreg.fold(cells)
    if gone != moves:
        return f"{gone} registers moved, not {moves}"
    if len(kinds(cells, ram_outreg.FF)) != before - gone:
        return "registers are lost, or there twice"
    driven = {bit for cell in cells.values() for port, bits in cell["connections"].items()
              if cell["port_directions"][port] == "output" for bit in bits}
    driven |= {bit for port in module["ports"].values() if port["direction"] == "input"
               for bit in port["bits"]}
    for ram in kinds(cells, ram_outreg.RAM):
        modes = ram["parameters"]["REGMODE_A"], ram["parameters"]["REGMODE_B"]
        wide = int(ram["parameters"]["DATA_WIDTH_B"], 2) == 36
        if modes != (("OUTREG" if moves and wide else "NOREG"), "OUTREG" if moves else "NOREG"):
            return f"modes {modes}"
        if moves and ram["connections"]["OCEB"][0] not in driven | {"1"}:
            return "the enable is not driven"
    return None


def main():
    failed = 0
    for name, body, moves in CASES:
        what = wrong(body, moves)
        failed += what is not None
        if what:
            print(f"  FAILED  {name}: {what}")
    print(f"test_ram_outreg: {len(CASES) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
