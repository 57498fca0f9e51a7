#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Descriptor, completion and table layouts as Markdown, from layout.h.

The header is the source: structures with their kernel-doc, and enumerations.
Offsets are computed from the declared types, which the header's own
static_asserts hold to the sizes that the device uses.
"""
import re
import sys

SIZE = {"uint8_t": 1, "uint16_t": 2, "uint32_t": 4, "uint64_t": 8}


def kernel_doc(block):
    """Splits a kernel-doc comment into title, fields and free text."""
    lines = [re.sub(r"^\s*\* ?", "", l) for l in block.splitlines()]
    title, fields, text, current = "", {}, [], None
    for line in lines:
        head = re.match(r"(?:struct|enum) (\w+) - (.*)", line)
        member = re.match(r"@(\w+): (.*)", line)
        if head:
            title = head.group(2)
        elif member:
            current = member.group(1)
            fields[current] = member.group(2)
        elif current and line.strip() and line.startswith(" "):
            fields[current] += " " + line.strip()
        else:
            current = None
            text.append(line.strip())
    return title, fields, " ".join(t for t in text if t)


def constants(source):
    values = {}
    for name, expr in re.findall(r"#define (\w+) (\d+)\b", source):
        values[name] = int(expr)
    return values


def main():
    source = open(sys.argv[1]).read()
    values = constants(source)
    out = ["<!-- SPDX-License-Identifier: Apache-2.0 -->",
           "<!-- Made from driver/include/espalier/layout.h by `make docs`. -->",
           "# Memory and table layouts", "",
           "Little-endian, naturally aligned. Offsets in bytes.", ""]
    for m in re.finditer(r"/\*\*\n((?:(?!\*/).)*?)\*/\nstruct (\w+) \{\n(.*?)\n\};", source, re.S):
        title, docs, text = kernel_doc(m.group(1))
        out += [f"## `struct {m.group(2)}`", "", f"{title[:1].upper()}{title[1:]}.", "",
                "| offset | size | field | meaning |", "|---|---|---|---|"]
        offset = 0
        for ctype, name, count in re.findall(r"(\w+) (\w+)(?:\[(\w+)\])?;", m.group(3)):
            n = 1 if not count else values.get(count) or int(count)
            size = SIZE[ctype] * n
            doc = docs.get(name, "").replace("|", "\\|")
            out.append(f"| {offset} | {size} | `{name}` | {doc} |")
            offset += size
        out += ["", f"Size {offset} bytes."] + (["", text] if text else []) + [""]
    for m in re.finditer(r"enum (\w+) \{\n(.*?)\n\};", source, re.S):
        out += [f"## `enum {m.group(1)}`", "", "| value | name | |", "|---|---|---|"]
        for name, value, note in re.findall(r"(\w+) = (\w+),(?: /\* (.*?) \*/)?", m.group(2)):
            out.append(f"| {value} | `{name}` | {note} |")
        out.append("")
    sys.stdout.write("\n".join(out).rstrip() + "\n")


if __name__ == "__main__":
    main()
