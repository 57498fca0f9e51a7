# SPDX-License-Identifier: Apache-2.0
"""Registers behind block RAMs moved into them.

A block RAM of the ECP5 has registers at its outputs, which yosys leaves unused: what
`ram_1r1w` and `fifo_block` have behind their arrays becomes flip-flops of the fabric,
with a net to each. Here a netlist (JSON of yosys) loses them, wherever all outputs of
a RAM that are used go to such flip-flops and nowhere else: on the clock of the RAM,
without reset, and with one enable for all or none.
"""
import collections

from floorplan import RAM

FF = "TRELLIS_FF"


def sinks(cells):
    """The inputs that each net drives, as (cell, port)."""
    found = collections.defaultdict(list)
    for name, cell in cells.items():
        for port, bits in cell["connections"].items():
            if cell["port_directions"][port] == "input":
                for bit in bits:
                    found[bit].append((name, port))
    return found


def enable(cell, clock):
    """The enable of a flip-flop that could be a RAM's: a net, "1", or None if it could not."""
    nets = cell["connections"]
    if cell["type"] != FF or nets["CLK"] != clock or nets.get("LSR", ["0"]) != ["0"]:
        return None
    return {"1": "1", "CE": nets.get("CE", [None])[0]}.get(cell["parameters"]["CEMUX"].strip())


def registers(ram, cells, users):
    """The flip-flops behind the outputs of a RAM that are used, {port: cell}, and their
    enable; or None.
    """
    behind, enables = {}, set()
    for port, bits in ram["connections"].items():
        if ram["port_directions"][port] != "output" or not users[bits[0]]:
            continue
        (name, pin), *more = users[bits[0]]
        if more or pin != "DI":
            return None
        behind[port] = name
        enables.add(enable(cells[name], ram["connections"]["CLKB"]))
    if len(enables) != 1 or None in enables:
        return None
    return behind, enables.pop()


def fold(cells):
    """Moves what can be moved; how many flip-flops went."""
    users = sinks(cells)
    gone = 0
    for ram in [cell for cell in cells.values() if cell["type"] == RAM]:
        found = registers(ram, cells, users)
        if not found:
            continue
        behind, oce = found
        # At 36 bits both ports are one for reading; else port B alone reads.
        for side in "AB" if int(ram["parameters"]["DATA_WIDTH_B"], 2) == 36 else "B":
            ram["parameters"][f"REGMODE_{side}"] = "OUTREG"
            ram["connections"][f"OCE{side}"] = [oce]
        for port, name in behind.items():
            ram["connections"][port] = cells.pop(name)["connections"]["Q"]
        gone += len(behind)
    return gone
