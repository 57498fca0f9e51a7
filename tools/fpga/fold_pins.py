#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A harness that places and routes any module alone: its pins folded.

Inputs come from a shift register on one pin; outputs are registered and
folded by XOR into one pin. Reset comes from a register. Nothing is optimised
away, and every path of the module lies between registers. Ports and widths are asked from yosys, with the
parameters set.
"""
import re
import subprocess


def ports(yosys, sources, top, params):
    """Ports of a module as (direction, width, name), without rst, wake* and need*."""
    sets = " ".join(f"-chparam {p.replace('=', ' ')}" for p in params)
    script = f"read_verilog -sv -DSYNTHESIS {' '.join(sources)}; hierarchy {sets} -top {top}; portlist -m {top}"
    text = subprocess.run([yosys, "-p", script], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    found = re.findall(r"^\s*(input|output) (?:\[(\d+):(\d+)\] )?(\w+)[,;]?$", text, re.M)
    seen = {}
    for direction, hi, lo, name in found:
        # who ties all clocks together has no use for them
        if name != "rst" and not name.startswith(("wake", "need")):
            seen[name] = (direction, int(hi) - int(lo) + 1 if hi else 1, name)
    return list(seen.values())


def harness(top, plist, params):
    clocks = [f".{n}({{{w}{{clk}}}})" for _, w, n in plist if re.match("clk(_|$)", n)]
    plist = [p for p in plist if not re.match("clk(_|$)", p[2])]
    wide_in = sum(w for d, w, _ in plist if d == "input")
    wide_out = sum(w for d, w, _ in plist if d == "output")
    folds = (wide_out + 15) // 16
    lines, at = [], {"input": 0, "output": 0}
    for direction, width, name in plist:
        vec = "in" if direction == "input" else "out"
        lo = at[direction]
        at[direction] += width
        lines.append(f"      .{name}({vec}[{lo + width - 1}:{lo}])")
    sets = ", ".join(f".{p.split('=')[0]}({p.split('=')[1]})" for p in params)
    head = f"  {top} #({sets}) u (" if sets else f"  {top} u ("
    return "\n".join([
        "// SPDX-License-Identifier: Apache-2.0",
        "module folded (input logic clk, input logic rst, input logic din, output logic dout);",
        f"  logic [{wide_in - 1}:0] in;",
        f"  logic [{16 * folds - 1}:0] out_q;",
        f"  logic [{wide_out - 1}:0] out;",
        f"  logic [{folds - 1}:0] fold;",
        "  logic rst_q;",
        "  always_ff @(posedge clk) begin",
        f"    in <= {{in[{wide_in - 2}:0], din}};",
        "    out_q <= out;",
        f"    for (int i = 0; i < {folds}; i++) fold[i] <= ^out_q[16*i +: 16];",
        "    dout <= ^fold;",
        "    rst_q <= rst;",
        "  end",
        head,
        f"      {', '.join(clocks)}, .rst(rst_q),",
        ",\n".join(lines),
        "  );",
        "endmodule", ""])
