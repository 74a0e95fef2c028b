"""Every command of docs/tutorial/agreements.md is run, in order, and prints what the page shows."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from accord.core.errors import AccordError
from support.agreement_command import accord_agreement
from support.agreements import NZL, USA, key_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "tutorial" / "agreements.md").read_text("utf-8")
ACCORD = ["accord", "agreement"]


def _steps() -> list[tuple[str, str]]:
    """Each command of the page, its lines joined, and the output that stands below it."""
    steps: list[tuple[str, str]] = []
    for block in re.findall(r"(?s)```console\n(.*?)```", PAGE):
        for part in re.split(r"(?m)^\$ ", block)[1:]:
            command, _, output = re.sub(r"\\\n\s*", "", part).partition("\n")
            steps.append((command, output))
    return steps


def _run(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    words = shlex.split(command)
    if words[:2] != ACCORD:
        done = subprocess.run(command, shell=True, check=True, capture_output=True, text=True)  # noqa: S602  the page's own sed and mkdir
        return done.stdout
    try:
        accord_agreement(*words[2:])
    except AccordError as error:
        return f"accord: {error}\n"
    printed = capsys.readouterr()
    return printed.err + printed.out


def _matches(shown: str, printed: str) -> bool:
    """Tell whether this was printed; `...` stands for the rest of a line, alone for any lines."""
    pattern = "".join(
        r"(?:.*\n)*" if line == "..." else r".*".join(map(re.escape, line.split("..."))) + r"\n"
        for line in shown.splitlines()
    )
    return re.fullmatch(pattern, printed) is not None


def test_the_commands_of_the_page_print_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    for name, node in (("usa", USA), ("nzl", NZL)):
        pem = key_of(node).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (tmp_path / f"{name}.pem").write_bytes(pem)
    steps = _steps()
    assert len(steps) >= 25
    for command, shown in steps:
        printed = _run(command, capsys)
        assert _matches(shown, printed), f"$ {command}\nprints\n{printed}\nnot\n{shown}"


def test_the_page_uses_every_action() -> None:
    used = {shlex.split(command)[2] for command, _ in _steps() if command.startswith("accord ")}
    assert used == {
        "key", "new", "check", "prove", "explain", "preview", "diff", "sign", "verify", "activate",
        "list", "suspend",
    }  # fmt: skip
