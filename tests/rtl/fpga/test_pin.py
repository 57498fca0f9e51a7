#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/fpga/fpga_block.py: a placed design is routed as ROUTER or ROUTER_CROWDED says,
whatever it said itself (by the first router a full block is not routed in days), with
each cell constrained to its site and none bound to it by the file.
"""
import sys

sys.path.insert(0, "tools/fpga")
import fpga_block  # noqa: E402

passed = failed = 0


def check(name, good):
    global passed, failed
    passed, failed = passed + good, failed + (not good)
    if not good:
        print(f"  FAIL    {name}")


for router, name, other in ((fpga_block.ROUTER, "router1", "router2"),
                            (fpga_block.ROUTER_CROWDED, "router2", "router1")):
    settings = {"router": other, "timing_driven": "0" * 32, "placer": "static", "place": "1",
                "target_freq": "100000000.000000"}
    cells = {"lut": {"attributes": {"NEXTPNR_BEL": "X3/Y4/SLICEA.K0", "BEL_STRENGTH": "101",
                                    "src": "here"}},
             "ram": {"attributes": {"NEXTPNR_BEL": "X5/Y10/EBR0", "BEL": "X5/Y10/EBR0",
                                    "BEL_STRENGTH": "101"}},
             "none": {"attributes": {}}}
    modules = fpga_block.pin({"modules": {"folded": {"settings": settings, "cells": cells},
                                          "blackbox": {"cells": {}}}}, router)["modules"]
    now = modules["folded"]["settings"]
    check(name, now["router"] == name)
    check("led by timing", now["timing_driven"] == "1")
    for key, value in router.items():
        check(key, now[key] == value)
    check("what is neither the router's nor the placer's stays",
          now["target_freq"] == "100000000.000000")
    check("placement is taken up again", "place" not in now)
    cells = modules["folded"]["cells"]
    check("a site is a constraint",
          cells["lut"]["attributes"] == {"BEL": "X3/Y4/SLICEA.K0", "src": "here"})
    check("a site that was one is one", cells["ram"]["attributes"] == {"BEL": "X5/Y10/EBR0"})
    check("a cell without a site stays", cells["none"]["attributes"] == {})
    check("a module without settings stays", modules["blackbox"] == {"cells": {}})

print(f"pin: {passed} passed, {failed} failed")
sys.exit(failed != 0)
