# pyright: basic, reportMissingImports=false
"""Frames in hexadecimal, a line each, to what rs1090 says of them, a line of JSON each."""

import json
import sys

import rs1090

for line in sys.stdin:
    try:
        said = rs1090.decode(line.strip())
    except Exception:  # noqa: BLE001  whatever it cannot read, it says nothing of
        said = None
    sys.stdout.write(json.dumps(said) + "\n")
