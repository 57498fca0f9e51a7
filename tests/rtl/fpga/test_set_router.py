#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/fpga/fpga_block.py: a placed design is routed as ROUTER or ROUTER_CROWDED says,
whatever it said itself. By the first router a full block is not routed in days.
"""
import json
import pathlib
import sys
import tempfile

sys.path.insert(0, "tools/fpga")
import fpga_block  # noqa: E402

passed = failed = 0


def check(name, good):
    global passed, failed
    passed, failed = passed + good, failed + (not good)
    if not good:
        print(f"  FAIL    {name}")


with tempfile.TemporaryDirectory() as tmp:
    placed = pathlib.Path(tmp) / "placed.json"
    for router, name, other in ((fpga_block.ROUTER, "router1", "router2"),
                                (fpga_block.ROUTER_CROWDED, "router2", "router1")):
        settings = {"router": other, "timing_driven": "0" * 32, "placer": "static"}
        placed.write_text(json.dumps({"modules": {
            "folded": {"settings": settings, "cells": {}}, "blackbox": {"cells": {}}}}))
        fpga_block.set_router(placed, router)
        modules = json.loads(placed.read_text())["modules"]
        now = modules["folded"]["settings"]
        check(name, now["router"] == name)
        check("led by timing", now["timing_driven"] == "1")
        for key, value in router.items():
            check(key, now[key] == value)
        check("what is not the router's stays", now["placer"] == "static")
        check("a module without settings stays", modules["blackbox"] == {"cells": {}})

print(f"set_router: {passed} passed, {failed} failed")
sys.exit(failed != 0)
