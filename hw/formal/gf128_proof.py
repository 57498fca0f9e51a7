#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proof that a body of gf128_mul is the product in GF(2^128), for all operands.

The netlist (JSON of yosys, gates and $mul) is evaluated on symbols: every net is
a constant, a sum of bits of a, a sum of bits of b, or a sum of products a_i b_j.
This form is unique, so comparing it with the definition decides equality for all
2^256 operand pairs.

Time is unrolled: after a reset the operands come in cycle 0 and p is read LATENCY
cycles later. What registers hold before the reset, and the operand ports in other
cycles, are useless: a useless bit that reached the product would be found. A body
that keeps the product in a memory is taken at its word about when it is read: the
product is what it writes in cycle 0.

Integer multiplications are allowed when the operands have a gap of three
between any two bits that can be set: the product is then a sum of columns four
places apart, each the number of pairs that meet there. Below sixteen no carry
leaves a column and its lowest bit is the parity; the other bits are marked
useless and must be masked away.

  gf128_proof.py NETLIST.json MODULE LATENCY
"""
import json
import re
import sys

N = 128
USELESS = ("useless", 0)
ZERO = ("c", 0)
ONE = ("c", 1)
RESET = -16  # cycle of the reset, longer ago than a pipeline is deep


class Netlist:
    def __init__(self, module):
        self.driver = {}
        self.inputs = {}   # port of a bit, and its place there
        self.value = {}    # of (bit, cycle)
        self.memory = None
        for cell in module["cells"].values():
            if cell["type"] == "$mem_v2":
                self.memory = cell
            for port, bits in cell["connections"].items():
                if cell["port_directions"][port] == "output":
                    for bit in bits:
                        self.driver[bit] = cell
        for name in ("a", "b", "rst", "s_valid"):
            for i, bit in enumerate(module["ports"][name]["bits"]):
                self.inputs[bit] = (name, i)

    def get(self, bit, cycle):
        """Value of a net; iterative, since the netlist is deep."""
        stack = [(bit, cycle)]
        while stack:
            top = stack[-1]
            if self.known(*top) is not None:
                stack.pop()
                continue
            cell = self.driver[top[0]]
            missing = [n for n in self.needs(cell, top[1]) if self.known(*n) is None]
            if missing:
                stack.extend(missing)
                continue
            self.evaluate(cell, top[1])
            stack.pop()
        return self.known(bit, cycle)

    def known(self, bit, cycle):
        if isinstance(bit, str):
            return ("c", int(bit)) if bit in "01" else USELESS
        if bit in self.inputs:
            name, i = self.inputs[bit]
            if name == "rst":
                return ("c", int(cycle == RESET))
            if name == "s_valid":
                return ("c", int(cycle == 0))
            return (name, 1 << i) if cycle == 0 else USELESS
        return self.value.get((bit, cycle))

    def needs(self, cell, cycle):
        """Nets from which the output of a cell in a cycle follows."""
        c = cell["connections"]
        if "DFF" in cell["type"]:
            if cycle == RESET:
                return []
            return [(c[p][0], cycle - 1) for p in ("D", "Q", "E", "R") if p in c]
        if cell["type"] == "$_MUX_":
            return [(c[p][0], cycle) for p in "ABS"]
        if cell["type"] in ("$_XOR_", "$_AND_", "$_OR_", "$mul"):
            return [(b, cycle) for b in c["A"] + c["B"]]
        if cell["type"] == "$_NOT_":
            return [(c["A"][0], cycle)]
        sys.exit("unexpected cell " + cell["type"])

    def evaluate(self, cell, cycle):
        c = cell["connections"]
        kind = cell["type"]
        if "DFF" in kind:
            self.value[c["Q"][0], cycle] = self.register(cell, cycle)
        elif kind == "$mul":
            x, y = ([self.known(b, cycle) for b in c[side]] for side in "AB")
            for bit, v in zip(c["Y"], multiply(x, y, len(c["Y"]))):
                self.value[bit, cycle] = v
        else:
            op = {"$_XOR_": add, "$_AND_": both, "$_OR_": either, "$_NOT_": invert,
                  "$_MUX_": choose}[kind]
            args = [self.known(c[p][0], cycle) for p in "ABS" if p in c]
            self.value[c["Y"][0], cycle] = op(*args)

    def register(self, cell, cycle):
        """Of the kinds of yosys: clock; reset and its value; enable."""
        if cycle == RESET:
            return USELESS
        was = {p: self.known(b[0], cycle - 1) for p, b in cell["connections"].items()
               if p in "DQER"}
        kind = re.fullmatch(r"\$_(?:DFF_P|DFFE_P(?P<e>[PN])|SDFF_P(?P<r>[PN])(?P<v>[01])|"
                            r"SDFFE_P(?P<re>[PN])(?P<ve>[01])(?P<er>[PN]))_", cell["type"])
        if not kind:
            sys.exit("unexpected register " + cell["type"])
        value = was["D"]
        enable, reset = kind["e"] or kind["er"], kind["r"] or kind["re"]
        if enable:
            value = choose(was["Q"], value, was["E"] if enable == "P" else invert(was["E"]))
        if reset:
            to = ("c", int(kind["v"] or kind["ve"]))
            value = choose(value, to, was["R"] if reset == "P" else invert(was["R"]))
        return value


def add(x, y):
    if USELESS in (x, y):
        return USELESS
    if x == ZERO:
        return y
    if y == ZERO:
        return x
    if x[0] != y[0]:
        sys.exit("sum of %s and %s" % (x[0], y[0]))
    return (x[0], x[1] ^ y[1]) if x[1] != y[1] else ZERO


def invert(x):
    return x if x == USELESS else add(x, ONE)


def choose(x, y, s):
    if x == y:
        return x
    return {ZERO: x, ONE: y}.get(s, USELESS)


def both(x, y):
    if ZERO in (x, y):
        return ZERO
    if x == ("c", 1):
        return y
    if y == ("c", 1):
        return x
    if USELESS in (x, y):
        return USELESS
    if x[0] == "b":
        x, y = y, x
    if (x[0], y[0]) != ("a", "b"):
        sys.exit("product of %s and %s" % (x[0], y[0]))
    total = 0
    for i in range(N):
        if x[1] >> i & 1:
            total ^= y[1] << (N * i)
    return ("ab", total)


def either(x, y):
    if x == ZERO:
        return y
    if y == ZERO:
        return x
    if ONE in (x, y):
        return ONE
    if USELESS in (x, y):
        return USELESS
    sys.exit("OR of two unknowns")


def multiply(x, y, width):
    xs = [i for i, v in enumerate(x) if v != ZERO]
    ys = [i for i, v in enumerate(y) if v != ZERO]
    out = [ZERO] * width
    if not xs or not ys:
        return out
    if len({i % 4 for i in xs}) > 1 or len({i % 4 for i in ys}) > 1:
        sys.exit("integer multiplication without gaps")
    columns = {}
    for i in xs:
        for j in ys:
            columns.setdefault(i + j, []).append(both(x[i], y[j]))
    for k in range(width):
        if (k - xs[0] - ys[0]) % 4:
            out[k] = USELESS
    for k, terms in columns.items():
        if len(terms) >= 16:
            sys.exit("a carry can leave its column")
        if k < width:
            v = ZERO
            for t in terms:
                v = add(v, t)
            out[k] = v
    return out


def definition():
    """Sums of a_i b_j in every bit of a * b mod x^128 + x^7 + x^2 + x + 1."""
    power = []  # x^k reduced
    v = 1
    for _ in range(2 * N - 1):
        power.append(v)
        v <<= 1
        if v >> N:
            v ^= (1 << N) | 0x87
    want = [0] * N
    for i in range(N):
        for j in range(N):
            p = power[i + j]
            pair = 1 << (N * i + j)
            while p:
                low = p & -p
                want[low.bit_length() - 1] ^= pair
                p ^= low
    return want


def main():
    with open(sys.argv[1]) as f:
        module = json.load(f)["modules"][sys.argv[2]]
    netlist = Netlist(module)
    cycle = 0 if netlist.memory else int(sys.argv[3])
    bits = (netlist.memory["connections"]["WR_DATA"] if netlist.memory
            else module["ports"]["p"]["bits"])
    if len(bits) != N:
        sys.exit("product has %d bits" % len(bits))
    wrong = [k for k, want in enumerate(definition()) if netlist.get(bits[k], cycle) != ("ab", want)]
    if wrong:
        sys.exit("%s: wrong in bits %s" % (sys.argv[2], wrong))
    print("%s: equal to the product in GF(2^128) for all operands" % sys.argv[2])


if __name__ == "__main__":
    main()
