#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every `file:case` that docs/conformance.md names is there.

The file is a program in tests/ (device/x.c, ref/test_x.c, driver/test_x.c,
a script); the case stands in it as a string, or as a function of a script. `*`
stands for any rest of a name."""
import fnmatch
import glob
import re
import sys

DOC = "docs/conformance.md"


def cases_of(name):
    found = set()
    for path in glob.glob("tests/*/" + name + "*") + glob.glob("tests/*/test_" + name + ".c"):
        if not re.fullmatch(r".*/(test_)?%s(\.c|\.py)?" % re.escape(name), path):
            continue
        with open(path) as f:
            text = f.read()
        found.update(re.findall(r'^\s*\{ "(\w+)",', text, re.M))
        found.update(re.findall(r"\bCASE\((\w+)\)", text))
        found.update(re.findall(r'\bboth_ways\("(\w+)"', text))
        for mark, case in re.findall(r"^@(\w+(?:\.\w+)?)(?:\(.*\))?\ndef (\w+)\(", text, re.M):
            found.update([case + "_initiator", case + "_responder"] if mark == "each_way" else [case])
    return found


def main():
    with open(DOC) as f:
        text = f.read()
    names = re.findall(r"`(\w+):([\w*]+)`", text)
    bad = 0
    for name, case in names:
        cases = cases_of(name)
        if case == "case":  # the notation itself
            continue
        if not fnmatch.filter(cases, case):
            print("%s: `%s:%s`: %s" % (DOC, name, case, "no such case" if cases else "no such file"), file=sys.stderr)
            bad += 1
    if not names:
        print(DOC + ": names no case", file=sys.stderr)
    return bool(bad) or not names


if __name__ == "__main__":
    sys.exit(main())
