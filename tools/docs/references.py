#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What README and pages name is there.

- `make TARGET`: a rule has it
- links: the file, and the heading behind #
- paths, in code or not: files from a folder at the top on; * and {a,b} are taken
  as a shell takes them. What a build makes (build/) is not looked for.
- `name.c` and the like: a file of that name stands somewhere
- man pages: what manpages.py says
- `file:case`: a program in tests/ (device/x.c, ref/test_x.c, driver/test_x.c, a
  script) has the case, as a string or as a function of a script; `*` stands for
  any rest of a name
"""
import fnmatch
import glob
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
import manpages  # noqa: E402

TOPS = ("docs", "driver", "hw", "ike", "mk", "sim", "tests", "tools")
SUFFIXES = "c|h|cc|sv|v|py|md|dts|dtsi|rdl|mk|yaml|svg|in|map"
CASES_IN = "docs/conformance.md"  # has to name some


def cases_of(name):
    found = set()
    for path in glob.glob("tests/*/" + name + "*") + glob.glob("tests/*/test_" + name + ".c"):
        if not re.fullmatch(r".*/(test_)?%s(\.c|\.py)?" % re.escape(name), path):
            continue
        with open(path) as f:
            text = f.read()
        found.update(re.findall(r'\{ "(\w+)",\s*\w+ \}', text))
        found.update(re.findall(r"\bCASE\((\w+)\)", text))
        found.update(re.findall(r'\bboth_ways\("(\w+)"', text))
        for mark, case in re.findall(r"^@(\w+(?:\.\w+)?)(?:\(.*\))?\ndef (\w+)\(", text, re.M):
            found.update([case + "_initiator", case + "_responder"] if mark == "each_way" else [case])
    return found


def cases(text):
    for name, case in re.findall(r"`(\w+):([\w*]+)`", text):
        if case == "case":  # the notation itself
            continue
        known = cases_of(name)
        if not known:
            yield "`%s:%s`: no such file" % (name, case)
        elif not fnmatch.filter(known, case):
            yield "`%s:%s`: no such case" % (name, case)


def targets():
    found = set()
    for path in ["Makefile"] + glob.glob("**/*.mk", recursive=True):
        with open(path) as f:
            text = f.read().replace("\\\n", " ")
        for names in re.findall(r"^(?:\.PHONY: *)?([a-z][\w .-]*?) *:(?!=)", text, re.M):
            found.update(names.split())
        for names in re.findall(r"^\.PHONY: *(.*)$", text, re.M):
            found.update(names.split())
    return found


def commands(text, known):
    code = re.findall(r"`([^`]+)`", text) + re.findall(r"^    (.*)$", text, re.M)
    for words in re.findall(r"^make((?: +(?:-\S+|[A-Z_]+=\S+|[a-z][\w-]*))+)", "\n".join(code), re.M):
        for word in words.split():
            if re.fullmatch(r"[a-z][\w-]*", word) and word not in known:
                yield "`make %s`: no such target" % word


def braces(path):
    m = re.search(r"\{([^{}]*)\}", path)
    if not m:
        return [path]
    return [p for part in m[1].split(",") for p in braces(path[:m.start()] + part + path[m.end():])]


def stands_for_itself(path):
    """tests/fuzz/fuzz_NAME.c, tests/ike/test_X: a pattern in words"""
    return re.search(r"(?<![a-z])[A-Z]{1,}(?![a-z])", os.path.basename(path)) and not os.path.exists(path)


def paths(text):
    for path in re.findall(r"(?<![\w./-])((?:%s)/[\w./{},*-]*)" % "|".join(TOPS), text):
        path = path.rstrip(".,-")
        if stands_for_itself(path):
            continue
        for one in braces(path):
            # a program of tests/ may be named without its .c
            if not glob.glob(one) and not glob.glob(one + ".c"):
                yield one + ": not there"


def files(text, known):
    for name in re.findall(r"`(?:#include )?[\"<]?([\w-]+\.(?:%s))[\">]?`" % SUFFIXES, text):
        if name not in known and not stands_for_itself(name):
            yield "`%s`: no file is called so" % name


def anchors(path):
    with open(path) as f:
        heads = re.findall(r"^#+ (.*)$", f.read(), re.M)
    return {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in heads}


def links(page, text):
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?:", target):
            continue
        path, _, anchor = target.partition("#")
        path = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
        if not os.path.exists(path):
            yield "link to %s: not there" % target
        elif anchor and anchor not in anchors(path):
            yield "link to %s: no such heading" % target


def file_names():
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=True
        )
    except (FileNotFoundError, subprocess.CalledProcessError):  # no checkout, or no git: what stands here
        return {f for _, _, fs in os.walk(".") for f in fs}
    return {os.path.basename(p) for p in listed.stdout.split("\n")}


def main():
    pages = ["README.md"] + sorted(glob.glob("docs/*.md"))
    names = file_names()
    known = targets()
    bad = 0
    for page in pages:
        with open(page) as f:
            text = f.read()
        for what in [*cases(text), *commands(text, known), *paths(text), *files(text, names), *links(page, text)]:
            print("%s: %s" % (page, what), file=sys.stderr)
            bad += 1
        if page == CASES_IN and not re.search(r"`\w+:\w+[\w*]*`", text):
            print(page + ": names no case", file=sys.stderr)
            bad += 1
    for page, what in manpages.check():
        print("%s: %s" % (page, what), file=sys.stderr)
        bad += 1
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
