#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proof that a body of gf128_mul is the product in GF(2^128), for all operands.

The netlist (JSON of yosys, gates and $mul) is evaluated on symbols: every net is
a constant, a sum of bits of a, a sum of bits of b, or a sum of products a_i b_j.
This form is unique, so comparing it with the definition decides equality for all
2^256 operand pairs. Registers count as wires: latency is the tests' affair.

Integer multiplications are allowed when the operands have a gap of three
between any two bits that can be set: the product is then a sum of columns four
places apart, each the number of pairs that meet there. Below sixteen no carry
leaves a column and its lowest bit is the parity; the other bits are marked
useless and must be masked away.

  gf128_proof.py NETLIST.json MODULE
"""
import json
import sys

N = 128
USELESS = ("useless", 0)
ZERO = ("c", 0)


class Netlist:
    def __init__(self, module):
        self.driver = {}
        self.value = {}
        self.memory = None
        for cell in module["cells"].values():
            if cell["type"] == "$mem_v2":
                self.memory = cell
            for port, bits in cell["connections"].items():
                if cell["port_directions"][port] == "output":
                    for i, bit in enumerate(bits):
                        self.driver[bit] = (cell, port, i)
        for side in "ab":
            for i, bit in enumerate(module["ports"][side]["bits"]):
                self.value[bit] = (side, 1 << i)

    def get(self, bit):
        """Value of a net; iterative, since the netlist is deep."""
        stack = [bit]
        while stack:
            top = stack[-1]
            if self.known(top) is not None:
                stack.pop()
                continue
            cell, port, index = self.driver[top]
            inputs = self.inputs(cell)
            missing = [b for b in inputs if self.known(b) is None]
            if missing:
                stack.extend(missing)
                continue
            self.evaluate(cell)
            stack.pop()
        return self.known(bit)

    def known(self, bit):
        if isinstance(bit, str):
            return ("c", int(bit)) if bit in "01" else USELESS
        return self.value.get(bit)

    @staticmethod
    def inputs(cell):
        c = cell["connections"]
        if cell["type"].startswith("$_DFF"):
            return c["D"]
        if cell["type"] in ("$_XOR_", "$_AND_", "$_OR_", "$mul"):
            return c["A"] + c["B"]
        sys.exit("unexpected cell " + cell["type"])

    def evaluate(self, cell):
        c = cell["connections"]
        kind = cell["type"]
        if kind.startswith("$_DFF"):
            self.value[c["Q"][0]] = self.known(c["D"][0])
        elif kind == "$mul":
            for bit, v in zip(c["Y"], multiply([self.known(b) for b in c["A"]],
                                               [self.known(b) for b in c["B"]], len(c["Y"]))):
                self.value[bit] = v
        else:
            x, y = self.known(c["A"][0]), self.known(c["B"][0])
            op = {"$_XOR_": add, "$_AND_": both, "$_OR_": either}[kind]
            self.value[c["Y"][0]] = op(x, y)


def add(x, y):
    if USELESS in (x, y):
        return USELESS
    if x == ZERO:
        return y
    if y == ZERO:
        return x
    if x[0] != y[0] or x[0] == "c":
        sys.exit("sum of %s and %s" % (x[0], y[0]))
    return (x[0], x[1] ^ y[1]) if x[1] != y[1] else ZERO


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
    if netlist.memory:  # the product is what is written into the ring
        bits = netlist.memory["connections"]["WR_DATA"]
    else:
        bits = module["ports"]["p"]["bits"]
    if len(bits) != N:
        sys.exit("product has %d bits" % len(bits))
    wrong = [k for k, want in enumerate(definition()) if netlist.get(bits[k]) != ("ab", want)]
    if wrong:
        sys.exit("%s: wrong in bits %s" % (sys.argv[2], wrong))
    print("%s: equal to the product in GF(2^128) for all operands" % sys.argv[2])


if __name__ == "__main__":
    main()
