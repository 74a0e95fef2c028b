import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from accord.cli.main import main
from accord.core.clock import SystemClock
from accord.storage.partners import PARTNERS, Partners
from support.in_process import make_node
from support.nmea import encoded
from support.partners import AUS, partner_of

RULES = """
rule harbour
  when enters circle -41.28 174.80 3 NM
rule drill
  when inside circle -41.28 174.80 3 NM
  in exercise:DEMO
rule quiet
  when feed harbour silent for 5 min
"""


def line(seconds: int, lon: float) -> bytes:
    return encoded(type=1, mmsi=512000001, lat=-41.28, lon=lon) + b",%d" % (1_600_000_000 + seconds)


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, Any]:
    code = main(["watch", "test", *map(str, arguments)])
    out = capsys.readouterr()
    return code, json.loads(out.out) if "--json" in arguments else out.out or out.err


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    (tmp_path / "watch.rules").write_text(RULES)
    return tmp_path / "watch.rules"


def test_rules_are_read_without_a_recording(
    rules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, rules) == (0, "3 rules: harbour, drill, quiet\n")


@pytest.mark.parametrize("text", ["", "\n", "# nothing yet\n"])
def test_a_file_without_a_rule_is_an_error_that_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (tmp_path / "watch.rules").write_text(text)
    code, out = said(capsys, tmp_path / "watch.rules")
    assert code == 2
    assert "there is no rule in it; write `rule NAME`" in out


def test_what_rules_would_have_said_is_told_in_order(
    rules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = rules.with_name("day.gz")
    lines = [b"hello", line(0, 174.87), line(60, 174.85), line(120, 174.87), line(600, 174.87)]
    recording.write_bytes(gzip.compress(b"\r\n".join(lines)))
    code, text = said(capsys, rules, "--recording", recording, "--feed", "harbour")
    assert code == 0
    assert text.splitlines()[1:] == [
        "2020-09-13T12:27:40Z  harbour: MMSI-512000001 has entered the area",
        "2020-09-13T12:27:40Z  drill: MMSI-512000001 is in the area",
        "2020-09-13T12:28:40Z  over: harbour: MMSI-512000001 has entered the area",
        "2020-09-13T12:28:40Z  over: drill: MMSI-512000001 is in the area",
        "2020-09-13T12:33:45Z  quiet: feed harbour has been silent for 5 min",
        "2020-09-13T12:36:40Z  over: quiet: feed harbour has been silent for 5 min",
        "3 times something was so",
    ]
    _, told = said(capsys, rules, "--recording", recording, "--feed", "harbour", "--json")
    assert told["rules"] == ["harbour", "drill", "quiet"]
    assert [each["over"] for each in told["said"]] == [False, False, True, True, False, True]


def test_a_long_gap_is_not_played_second_by_second(
    rules: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = rules.with_name("day")
    recording.write_bytes(line(0, 174.8) + b"\n" + line(100_000_000, 174.8))
    assert said(capsys, rules, "--recording", recording)[0] == 0


@pytest.mark.parametrize(("content", "code"), [(None, 2), (b"hello\n", 2), (b"\x1f\x8bx", 1)])
def test_a_recording_that_cannot_be_played_is_said(
    rules: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, code: int
) -> None:
    recording = rules.with_name("day")
    if content is not None:
        recording.write_bytes(content)
    assert said(capsys, rules, "--recording", recording)[0] == code


def test_rules_that_cannot_be_read_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, tmp_path / "none")[0] == 2
    (tmp_path / "wrong").write_text("rule r\nwhen flies")
    code, text = said(capsys, tmp_path / "wrong")
    assert (code, "line 2" in text) == (2, True)


@pytest.mark.usefixtures("quick_keys")
def test_what_rules_name_that_their_node_has_none_of_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feed = '[feed.harbour]\nformat = "ais"\ntransport = "udp"\naddress = "127.0.0.1:1"\n'
    node = make_node(tmp_path / "node", more=f'{feed}groups = ["Blue"]\n')
    rules = node / "watch.rules"
    rules.write_text(
        "rule a\nwhen feed harbour silent for 5 min\nrule b\nwhen feed air silent for 5 min\n"
        f"rule c\nwhen partner {AUS} silent for 5 min\nescalate after 5 min offer aroha\n"
    )
    capsys.readouterr()
    air = "watch rule b is about the feed air, which accord.toml does not have"
    partner = (
        f"watch rule c is about the partner {AUS}, which is none of this node's (`accord partner`)"
    )
    person = (
        "watch rule c offers its alerts to aroha, who is not known here: "
        "see that the name is spelt so"
    )
    assert said(capsys, rules)[1].splitlines()[1:] == [air, partner, person]
    draft = tmp_path / "draft"
    draft.write_bytes(rules.read_bytes())
    assert said(capsys, draft, "--json")[1]["strange"] == []
    Partners(node / PARTNERS).prepare()
    Partners(node / PARTNERS).add(partner_of(AUS), SystemClock().now())
    _, told = said(capsys, draft, "--node", node, "--feed", "air", "--json")
    assert told["strange"] == [person]
    settings = node / "accord.toml"
    there = '[openid]\nissuer = "https://login.example"\npage = "https://page.example"'
    settings.write_text(settings.read_text().replace("[openid]", f'{there}\nclient_id = "x"'))
    assert said(capsys, draft, "--node", node, "--feed", "air", "--json")[1]["strange"] == []
    assert said(capsys, draft, "--node", tmp_path)[0] == 2
