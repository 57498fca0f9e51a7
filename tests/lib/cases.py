# SPDX-License-Identifier: Apache-2.0
"""Named cases of a test program that is written in Python."""
import signal
import sys
import tempfile
import time
import traceback

# whoever is told to end has to clean up: `with` blocks and finally clauses run
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
ALL = "--all" in sys.argv[1:]  # the long ones too


class Skip(Exception):
    """This machine cannot; why is what the skip says."""


class Cases:
    """@cases.case marks a function; its name is that of the case. @cases.add()
    takes a name for what a table has. Cases run in the order they were given."""

    def __init__(self, program):
        self.program = program
        self.list = []
        self.count = {"passed": 0, "failed": 0, "skipped": 0}

    def case(self, fn):
        self.list.append((fn.__name__, fn))
        return fn

    def add(self, name, fn):
        self.list.append((name, fn))

    def wanted(self):
        """Cases named on the command line, else all; a prefix names many."""
        names = [a for a in sys.argv[1:] if not a.startswith("--")]
        return [(n, fn) for n, fn in self.list if not names or any(n.startswith(w) for w in names)]

    def run_in_folders(self, why=None):
        """All, each with a folder of its own"""
        def in_folder(fn):
            def run():
                with tempfile.TemporaryDirectory() as folder:
                    fn(folder)
            return run
        self.list = [(name, in_folder(fn)) for name, fn in self.list]
        return self.run(why=why)

    def run(self, *args, why=None, before=None, last=True):
        """All with @args, each after @before(); @why: reason that none can
        run; unless it is @last, total() is due. Returns whether any failed."""
        for name, fn in self.wanted():
            start = time.monotonic()
            try:
                if why:
                    raise Skip(why)
                if before:
                    before()
                fn(*args)
                verdict, text = "passed", ""
            except Skip as e:
                verdict, text = "skipped", str(e)
            except Exception as e:  # noqa: BLE001: the verdict is what counts
                verdict, text = "failed", "%s: %s" % (type(e).__name__, e)
                if not isinstance(e, AssertionError):
                    text += "\n" + traceback.format_exc()
            self.count[verdict] += 1
            word = {"passed": "ok  ", "failed": "FAIL", "skipped": "skip"}[verdict]
            print("%s %s (%.1f s)%s" % (word, name, time.monotonic() - start, ": " + text if text else ""), flush=True)
        return self.total() if last else None

    def total(self, *others):
        """Says what came of these cases and of @others"""
        n = [sum(c.count[k] for c in (self, *others)) for k in self.count]
        print("%s: %d passed, %d failed, %d skipped" % (self.program, *n))
        return n[1] != 0
