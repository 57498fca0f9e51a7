#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make the C header, SystemVerilog package and Markdown page of a register map.

usage: regs.py SOURCE.rdl OUTPUT_DIR
"""

import pathlib
import sys

import jinja2
from systemrdl import RDLCompiler
from systemrdl.node import AddrmapNode, RegfileNode, RegNode


class Field:
    def __init__(self, node):
        self.name = node.inst_name
        self.desc = node.get_property("desc") or ""
        self.lsb, self.msb, self.width = node.lsb, node.msb, node.width
        self.mask = ((1 << node.width) - 1) << node.lsb
        reset = node.get_property("reset")
        self.reset = reset
        sw = node.get_property("sw").name
        onwrite = node.get_property("onwrite")
        self.access = {"woclr": "W1C", "wclr": "read, any write clears"}.get(
            onwrite.name if onwrite else "", {"r": "read", "w": "write", "rw": "read/write"}[sw]
        )
        self.writable = "w" in sw
        self.clears = onwrite is not None

    @property
    def bits(self):
        return f"{self.msb}:{self.lsb}" if self.width > 1 else f"{self.lsb}"


class Reg:
    """A register, or an array of registers, of the top level or of a regfile."""

    def __init__(self, node, prefix=""):
        self.name = prefix + node.inst_name
        self.title = node.get_property("name")
        self.offset = node.raw_address_offset
        self.count = node.array_dimensions[0] if node.is_array else 0
        self.stride = node.array_stride if node.is_array else 4
        self.fields = [Field(f) for f in node.fields()]
        self.reset = sum((f.reset or 0) << f.lsb for f in self.fields)
        # what a write stores: bits with plain read/write access
        self.wmask = sum(f.mask for f in self.fields if f.writable and not f.clears)


class Block:
    """An array of regfiles; its registers carry the block's name as prefix."""

    def __init__(self, node):
        self.name = node.inst_name
        self.title = node.get_property("name")
        self.desc = node.get_property("desc") or ""
        self.base = node.raw_address_offset
        self.count = node.array_dimensions[0]
        self.stride = node.array_stride
        self.regs = [Reg(r, self.name + "_") for r in node.children()]


def load(path):
    compiler = RDLCompiler()
    compiler.compile_file(str(path))
    top = compiler.elaborate().top
    assert isinstance(top, AddrmapNode)
    regs = [Reg(n) for n in top.children() if isinstance(n, RegNode)]
    blocks = [Block(n) for n in top.children() if isinstance(n, RegfileNode)]
    return {"name": top.inst_name, "title": top.get_property("name"), "regs": regs, "blocks": blocks}


def main():
    source, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    here = pathlib.Path(__file__).parent
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(here), undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )
    env.filters["h3"] = lambda v: f"{v:03x}"
    env.filters["h8"] = lambda v: f"{v:08x}"
    model = load(source)
    out.mkdir(parents=True, exist_ok=True)
    for template, name in (
        ("regs.h.j2", "espalier_regs.h"),
        ("regs_pkg.sv.j2", "espalier_regs_pkg.sv"),
        ("regs.md.j2", "registers.md"),
    ):
        (out / name).write_text(env.get_template(template).render(**model))


if __name__ == "__main__":
    main()
