"""docs/how-to/federate-with-tak-server.md is followed to the letter, up to the link itself.

Another node stands for the TAK server: its authority and certificate are what is pinned. The links
themselves are in tests/node/test_tak_federation.py and test_tak_federation_v2.py.
"""

import json
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from ssl import PEM_cert_to_DER_cert

import pytest

from accord.security import identity
from support.node_process import accord_well

pytestmark = [pytest.mark.process, pytest.mark.timeout(400)]

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "federate-with-tak-server.md").read_text("utf-8")


def commands(step: int) -> list[str]:
    """What is typed in a step of the page."""
    (text,) = re.findall(rf"(?s)\*\*{step}\. .*?(?=\n\*\*{step + 1}\. )", PAGE)
    return re.findall(r"(?m)^    (.*)$", text)


def test_the_steps_of_the_page_pin_a_server_and_put_an_agreement_in_force(tmp_path: Path) -> None:
    accord_well("init", tmp_path / "usa", "--node", "USA-PAC", "--nation", "USA")
    accord_well("init", tmp_path / "nzl", "--node", "NZL-JFNZ", "--nation", "NZL")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "their-ca.pem").write_bytes((tmp_path / "nzl" / identity.AUTHORITY).read_bytes())
    der = PEM_cert_to_DER_cert((tmp_path / "nzl" / identity.NODE).read_text("ascii"))
    program = tmp_path / "accord"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m accord "$@"\n', "ascii")
    program.chmod(0o755)
    dials, listens = commands(3)
    for pin in (listens, dials):
        typed = pin.replace("HEX", sha256(der).hexdigest())
        subprocess.run(["sh", "-euc", typed], cwd=tmp_path, check=True, capture_output=True)
    said = subprocess.run(
        ["sh", "-euc", "\n".join(commands(5))], cwd=tmp_path, check=True, capture_output=True,
        text=True,
    ).stdout  # fmt: skip
    assert "proved for NZL-TAK: nothing unmarked leaves" in said
    assert "not proved" not in said
    (pinned,) = json.loads(accord_well("partner", "list", tmp_path / "usa", "--json"))
    assert pinned["node"] == "NZL-TAK"
    (held,) = json.loads(accord_well("agreement", "list", tmp_path / "usa", "--json"))
    assert held["state"] == "in force"
