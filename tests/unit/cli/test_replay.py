from pathlib import Path

import pytest

from accord.cli import replay
from accord.cli.main import main
from accord.config import Endpoint
from accord.node.replaying import ReplayAsked, ReplayDone

WHEN = ("--from", "2027-03-01T06:00Z", "--to", "2027-03-01T07:00Z")


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[ReplayAsked]:
    """What was asked of a replay that is none."""
    (tmp_path / "accord.toml").write_text('[node]\nid = "NZL-A"\nnation = "NZL"\n')
    found: list[ReplayAsked] = []

    async def play(_directory: Path, _settings: object, wanted: ReplayAsked, **more) -> ReplayDone:
        found.append(wanted)
        more["ready"]("cot-tls=127.0.0.1:8189")
        return ReplayDone(3, whole=len(found) > 1, unwritten=1)

    monkeypatch.setattr(replay, "play", play)
    return found


def run(directory: Path, *options: str) -> int:
    try:
        return main(["replay", str(directory), *WHEN, *options])
    except SystemExit as ended:
        return int(ended.code or 0)


def test_it_plays_to_clients_with_certificates_at_its_pace_unless_told_otherwise(
    asked: list[ReplayAsked], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path) == 0
    assert (asked[0].cot_tls, asked[0].cot_tcp, asked[0].speed) == (replay.USUAL, None, 1.0)
    said = capsys.readouterr().out
    assert said.startswith("ready cot-tls=127.0.0.1:8189\nplayed 3 reports\n")
    assert "not whole" in said
    assert "1 could not be written" in said


def test_everything_that_is_asked_for_is_handed_on(
    asked: list[ReplayAsked], tmp_path: Path
) -> None:
    options = ("--speed", "600", "--area", "177,-19,179,-17", "--group", "Blue", "--as", "FJI-B",
               "--context", "exercise:TASMAN", "--cot-tcp", "127.0.0.1:0")  # fmt: skip
    assert run(tmp_path, *options) == 0
    found = asked[0]
    assert (found.speed, found.groups, found.partner) == (600.0, frozenset({"Blue"}), "FJI-B")
    assert (str(found.context), found.cot_tls) == ("exercise:TASMAN", None)
    assert found.cot_tcp == Endpoint("127.0.0.1", 0)
    assert found.area is not None


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--speed", "0.5"), "give a number from 1 to 600"),
        (("--speed", "fast"), "give a number from 1 to 600"),
        (("--cot-tcp", "0.0.0.0:1"), "an address of this machine alone"),
        (("--cot-tls", "here"), "give ADDRESS:PORT"),
    ],
)
def test_what_is_wrong_is_said(
    asked: list[ReplayAsked], tmp_path: Path, capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...], problem: str,
) -> None:  # fmt: skip
    assert run(tmp_path, *options) == 2
    assert problem in capsys.readouterr().err
    assert asked == []
