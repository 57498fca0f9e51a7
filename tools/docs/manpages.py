# SPDX-License-Identifier: Apache-2.0
"""What man pages name is there, and what is there they name.

- pages that are referred to: ours, or of a package that setup installs
- section 3: functions as the headers declare them (result, arguments), each of
  them on a page; constants, structures, fields, headers
- error numbers
- espctl(1), espalierd(8): options, commands and keys are those of the programs
- paths from the root: some source has them
"""
import errno
import glob
import os
import re
import shlex

PAGES = sorted(glob.glob("*/man/*.[1-8]"))
HEADERS = sorted(glob.glob("driver/include/espalier/*.h") + glob.glob("sim/include/espalier/*.h"))
# Of others: the package that has it.
STRANGERS = {
    ("swanctl", "8"): "strongswan-swanctl",
    ("swanctl.conf", "5"): "strongswan-swanctl",
    ("tshark", "1"): "tshark",
}
NOT_OURS = ("/proc/", "/sys/", "/dev/")  # paths of the kernel


def read(path):
    with open(path) as f:
        return f.read()


def sources(*patterns):
    return "\n".join(read(p) for pattern in patterns for p in sorted(glob.glob(pattern)))


def code_of(c):
    """C without comments"""
    return re.sub(r"/\*.*?\*/|//[^\n]*", " ", c, flags=re.S)


def strings_of(c):
    """What stands in its string literals; neighbours are one"""
    lits = re.findall(r'"((?:[^"\\\n]|\\.)*)"', re.sub(r'"\s*\n\s*"', "", code_of(c)))
    return [s.replace("\\n", "\n") for s in lits]


def words_of(c):
    return {w for s in strings_of(c) for w in re.findall(r"[\w-]+", s)}


class Page:
    def __init__(self, path):
        self.path = path
        self.name, _, self.section = os.path.basename(path).rpartition(".")
        self.raw = read(path)
        self.mdoc = bool(re.search(r"^\.Dd", self.raw, re.M))
        self.text = re.sub(r"\\f.|\\&", "", self.raw).replace("\\-", "-")
        self.lines = []  # (heading, macro, arguments); macro "" is text
        heading = ""
        for line in self.text.split("\n"):
            if line.startswith('.\\"'):
                continue
            if not line.startswith("."):
                self.lines.append((heading, "", [line]))
                continue
            try:
                macro, *args = shlex.split(line[1:].replace("'", "\\'"))
            except ValueError:
                macro, *args = line[1:].split()
            if macro in ("Sh", "SH"):
                heading = " ".join(args)
            self.lines.append((heading, macro, args))

    def named(self):
        """What its NAME section says it is about"""
        if self.mdoc:
            return [a[0] for h, m, a in self.lines if h == "NAME" and m == "Nm"]
        return [x.strip() for h, m, a in self.lines if h == "NAME" and not m
                for x in a[0].partition(" - ")[0].split(",") if x.strip()]

    def args_of(self, *macros):
        """Words of a macro, also where it stands behind another one"""
        for _, m, args in self.lines:
            take = m in macros
            for a in args:
                if re.fullmatch(r"[A-Z][a-z]{1,2}", a):
                    take = a in macros
                elif take and not re.fullmatch(r"[\W_]+", a):
                    yield a


def known_pages(pages):
    return {(n, p.section) for p in pages for n in p.named()}


def references(page, known, packages):
    if page.mdoc:
        refs = [tuple(a[:2]) for _, m, a in page.lines if m == "Xr"]
    else:
        refs = [(a[0], a[1][1:2]) for _, m, a in page.lines
                if m == "BR" and len(a) > 1 and re.match(r"\(\d\)", a[1])]
    for ref in refs:
        if ref not in known and STRANGERS.get(ref) not in packages:
            yield "%s(%s): no such page" % ref


# ------------------------------------------------------------------ section 3

def prototypes():
    """name: (result, arguments)"""
    found = {}
    for path in HEADERS:
        code = re.sub(r"^#.*?(?<!\\)$", "", code_of(read(path)), flags=re.M)
        for result, name, args in re.findall(r"^((?:\w+[ *]+)+)(espalier_\w+)\(((?:[^()]|\([^()]*\))*)\);", code, re.M):
            if not result.startswith("typedef"):
                found[name] = (tight(result), [tight(a) for a in split_args(args)])
    return found


def split_args(text):
    args = re.split(r",(?![^()]*\))", text)
    return [a for a in args if a.strip()]


def tight(c):
    return re.sub(r"\s*\*\s*", " *", re.sub(r"\s+", " ", c)).strip()


def synopsis(page):
    """(name, result, arguments) of each function"""
    result = open_ = None
    for heading, m, a in page.lines:
        if heading != "SYNOPSIS":
            continue
        if m == "Ft":
            result = " ".join(a)
        elif m == "Fn":
            yield a[0], result, a[1:]
        elif m == "Fo":
            open_ = (a[0], result, [])
        elif m == "Fa" and open_:
            open_[2].append(a[0])
        elif m == "Fc":
            yield open_
            open_ = None


def functions(page, known):
    said = set()
    for name, result, args in synopsis(page):
        said.add(name)
        if name not in known:
            yield "%s(): no header declares it" % name
        elif (tight(result or ""), [tight(a) for a in args]) != known[name]:
            yield "%s(): the header has %s %s(%s)" % (name, known[name][0], name, ", ".join(known[name][1]))
    for name in page.named():
        if name in known and name not in said:
            yield "%s(): not in the synopsis" % name
        elif name not in known and name != page.name:
            yield "%s: no header declares it" % name


def names_of_library(page, headers):
    known = set(re.findall(r"\w+", code_of(headers)))
    for word in page.args_of("Fn", "Dv", "Fa", "Vt"):
        for name in re.findall(r"[A-Za-z_]\w+", word):
            if name not in known and name not in ("NULL", "struct", "const", "void"):
                yield "%s: in no header" % name
    for word in page.args_of("In"):
        if not any(h.endswith("/" + word) for h in HEADERS):
            yield "<%s>: no such header" % word


def errors(page):
    for word in page.args_of("Er"):
        if re.fullmatch(r"E[A-Z0-9]+", word) and not hasattr(errno, word):
            yield word + ": no such error number"


def all_documented(pages, known):
    """Each function has a page"""
    have = {n for p in pages if p.section == "3" for n in p.named()}
    return ["%s(): on no page" % n for n in sorted(known) if n not in have]


# ------------------------------------------------------------------- programs

def espctl(page):
    main = strings_of(read("driver/tools/espctl/main.c"))
    usage = "\n".join(t for t in main if t.startswith("  "))
    words = words_of(sources("driver/tools/espctl/*.c", "driver/src/ctl_*.c"))
    words |= {w.replace("_", "-") for w in words}
    said = {w.strip(",") for w in page.args_of("Cm")}
    for w in sorted(said - words):
        yield "%s: no word of espctl" % w
    for w in sorted(set(re.findall(r"(?<![\w-])[a-z][\w-]*", usage)) - said):
        yield "%s: usage has it, the page has not" % w
    options = {t for t in main if re.fullmatch(r"-\w|--[\w-]+", t)}
    for o in sorted(options ^ {"-" + w.strip(",") for w in page.args_of("Fl")}):
        yield "%s: %s" % (o, "not on the page" if o in options else "no such option")
    for _, m, a in page.lines:
        if m == "Dl" and a[0] == "espctl":
            for w in a[1:]:
                if re.fullmatch(r"[a-z][a-z-]+", w) and w not in words:
                    yield "example: %s: no word of espctl" % w


def espalierd(page):
    options = set(re.findall(r'\{ "([\w-]+)", (?:required|no)_argument', read("ike/daemon/options.c")))
    said = set(re.findall(r"(?<![\w-])--([a-z][\w-]*)", page.text)) - {"uri", "load-all"}  # of swanctl
    for o in sorted(options ^ said):
        yield "--%s: %s" % (o, "not on the page" if o in options else "no such option")
    keys = set(re.findall(r'\{ "(\w+)", (?:COUNT|SECONDS|TENTHS)', read("ike/daemon/tune.c")))
    keys |= set(re.findall(r'\{ "(\w+)",\s*(?:true|false),', sources("ike/daemon/config*.c")))
    words = set(re.findall(r"\w+", page.text))
    for k in sorted(keys - words):
        yield "%s: a key, not on the page" % k
    # what stands in bold and has an underscore is a key
    for _, m, a in page.lines:
        for w in a if m in ("B", "BR", "BI") else []:
            for k in re.findall(r"(?<![\w/.])[a-z]+(?:_[a-z]+)+", w):
                if k not in keys:
                    yield "%s: no such key" % k


def paths(page, code):
    for path in re.findall(r"(?<![\w./:-])/[a-z][\w.-]*(?:/[\w.-]+)+", page.text):
        path = path.rstrip(".")
        # it may be put together from folder and name
        parts = ('"%s"' % os.path.dirname(path), '"/%s"' % os.path.basename(path))
        if path not in code and not all(x in code for x in parts) and not path.startswith(NOT_OURS):
            yield path + ": no source has it"


def check():
    """(page, what is wrong)"""
    pages = [Page(p) for p in PAGES]
    known, protos = known_pages(pages), prototypes()
    headers = sources(*HEADERS)
    packages = set(read("tools/packages.txt").split())
    code = sources("driver/*/*.[ch]", "driver/*/*/*.[ch]", "ike/*/*.[ch]", "sim/*/*.[ch]", "sim/*/*/*.h")
    for p in pages:
        found = [*references(p, known, packages), *errors(p), *paths(p, code)]
        if p.section == "3":
            found += [*functions(p, protos), *names_of_library(p, headers)]
        elif p.name == "espctl":
            found += espctl(p)
        elif p.name == "espalierd":
            found += espalierd(p)
        for what in found:
            yield p.path, what
    for what in all_documented(pages, protos):
        yield "driver/man", what
