#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Frames from the device's wire in the judgement of scapy and tshark."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
from strangers import check, finish, scapy_opens, tshark_opens

COUNT = 250


def main():
    run = subprocess.run(["build/tests/opinion/wiredump", str(COUNT), "7"],
                         text=True, capture_output=True)
    cases = [json.loads(line) for line in run.stdout.splitlines()
             if line.startswith("{")]
    check(run.returncode == 0 and len(cases) == COUNT,
          "%d frames from the device: %s" % (len(cases), run.stdout[-500:]))
    scapy_opens(cases)
    tshark_opens(cases)
    return finish("opinion")


sys.exit(main())
