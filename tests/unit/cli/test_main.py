import argparse
import os
import re
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from accord.cli import main as cli
from accord.cli.command import Run, Subparsers
from accord.core.errors import AccordError, UsageError


class Fails:
    """A command that does what a test wants."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def add_parser(self, subparsers: Subparsers) -> None:
        parser = subparsers.add_parser("try", help="a test's", description="A test's.")
        parser.set_defaults(run=self._run)


Do = Callable[[Run], None]


@pytest.fixture
def do(monkeypatch: pytest.MonkeyPatch) -> Do:
    def do(run: Run) -> None:
        monkeypatch.setattr(cli, "COMMANDS", ("try",))
        monkeypatch.setattr(cli, "_command", lambda _name: Fails(run))

    return do


def raising(error: BaseException) -> Run:
    def run(_arguments: argparse.Namespace) -> int:
        raise error

    return run


def test_a_command_ends_with_its_own_code(do: Do) -> None:
    do(lambda _: 7)
    assert cli.main(["try"]) == 7


@pytest.mark.parametrize(
    ("error", "code"), [(AccordError("the port"), 1), (UsageError("the key"), 2)]
)
def test_what_went_wrong_is_one_line(
    do: Do, capsys: pytest.CaptureFixture[str], error: AccordError, code: int
) -> None:
    do(raising(error))
    assert cli.main(["try"]) == code
    assert capsys.readouterr() == ("", f"accord: {error}\n")


def test_out_of_a_group_the_error_that_was_raised_on_purpose_is_told(
    do: Do, capsys: pytest.CaptureFixture[str]
) -> None:
    inner = ExceptionGroup("", [KeyError("x"), ExceptionGroup("", [UsageError("the key")])])
    do(raising(ExceptionGroup("", [ValueError("y"), inner])))
    assert cli.main(["try"]) == 2
    assert capsys.readouterr().err == "accord: the key\n"


def test_a_failure_of_our_own_is_one_line_that_names_where_the_rest_is(
    do: Do,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cli.tempfile, "tempdir", str(tmp_path))
    do(raising(ValueError("two\nlines")))
    assert cli.main(["try"]) == 1
    err = capsys.readouterr().err
    (kept,) = tmp_path.iterdir()
    assert err == (
        f"accord: unexpected failure: ValueError: two lines; the traceback is in {kept}\n"
    )
    assert "Traceback" in kept.read_text("utf-8")


def test_with_debug_the_traceback_is_shown(do: Do, capsys: pytest.CaptureFixture[str]) -> None:
    do(raising(ValueError("why")))
    assert cli.main(["--debug", "try"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("Traceback")
    assert err.endswith("ValueError: why; the traceback is above\n")


def test_ctrl_c_is_no_failure_of_ours(do: Do, capsys: pytest.CaptureFixture[str]) -> None:
    do(raising(KeyboardInterrupt()))
    assert cli.main(["try"]) == 130  # 128 + SIGINT, as shells have it
    assert capsys.readouterr() == ("", "")


def test_a_reader_who_has_gone_ends_it_quietly(do: Do, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[tuple[int, int]] = []

    def copy(source: int, to: int) -> None:
        copied.append((source, to))

    monkeypatch.setattr(os, "dup2", copy)
    monkeypatch.setattr(sys, "stdout", open(os.devnull, "w"))  # noqa: PTH123, SIM115  closed below
    do(raising(BrokenPipeError()))
    assert cli.main(["try"]) == 0
    ((source, to),) = copied
    assert to == sys.stdout.fileno()
    os.close(source)
    sys.stdout.close()


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"accord {version('accord')}\n"


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["status"], ["client"], ["serve", "--x"]])
def test_wrong_use_ends_with_2(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments)
    assert ended.value.code == 2
    assert re.search(r"^accord.*: error: ", capsys.readouterr().err, re.MULTILINE)


def test_every_command_says_what_it_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    out = capsys.readouterr().out
    for name in ("demo", "init", "serve", "client", "status", "doctor"):
        assert re.search(rf"^    {name} +\w", out, re.MULTILINE), name
