# SPDX-License-Identifier: Apache-2.0
"""Cases of a test program: functions that get a folder of their own.

  program           every case
  program NAME...   these
"""
import shutil
import sys
import tempfile

import netns

cases = []


class Skip(Exception):
    """Raised by a case that cannot run here; says why."""


def case(fn):
    cases.append(fn)
    return fn


def needs_namespaces(swanctl=False):
    """None, or why no case can run"""
    why = netns.possible()
    if not why and swanctl and not shutil.which("swanctl"):
        why = "no swanctl (package strongswan-swanctl)"
    return why


def main(name, why_not=None):
    passed = failed = skipped = 0
    for fn in cases:
        if sys.argv[1:] and fn.__name__ not in sys.argv[1:]:
            continue
        if why_not:
            skipped += 1
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                fn(folder)
                passed += 1
            except Skip as e:
                skipped += 1
                print("skip %s: %s" % (fn.__name__, e))
            except Exception as e:  # noqa: BLE001: the verdict is what counts
                failed += 1
                print("FAIL %s: %s: %s" % (fn.__name__, type(e).__name__, e))
    if why_not:
        print("skipped: " + why_not)
    print("%s: %d passed, %d failed, %d skipped" % (name, passed, failed, skipped))
    return failed != 0
