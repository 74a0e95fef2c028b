import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from accord.cli import feed
from accord.cli.main import main
from accord.config import load
from support.nmea import encoded

SETTINGS = """
[node]
id = "NZL-X"
nation = "NZL"
"""
AIS = """
[feed.harbour]
format = "ais"
transport = "tcp"
address = "127.0.0.1:1"
groups = ["Watch"]
marking = "(U//REL TO NZL, AUS)"
exercise = "DEMO"
"""
SHIP = encoded(type=1, mmsi=512000001, lat=-41.3, lon=174.8)


@pytest.fixture
def node(tmp_path: Path) -> Path:
    (tmp_path / "accord.toml").write_text(SETTINGS + AIS)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, Any]:
    code = main([str(each) for each in arguments])
    out = capsys.readouterr()
    return code, json.loads(out.out) if "--json" in arguments else out.out or out.err


def running(monkeypatch: pytest.MonkeyPatch, **source: object) -> None:
    problems = source.pop("problems", [])
    status = {
        "problems": problems,
        "sources": [{"channel": "feed:other"}, {"channel": "feed:harbour", **source}],
        "drops": {"feed:harbour": {"wrong checksum": 3}},
    }
    monkeypatch.setattr(feed, "find", lambda _: None)
    monkeypatch.setattr(feed, "client_context", lambda _: None)
    monkeypatch.setattr(feed, "get", lambda *_, **__: json.dumps(status))


def test_what_of_a_document_cannot_be_read_is_listed(
    node: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    problems = ["disk", "feed:harbour: feature 2 (reef): a line of less than two points"]
    running(monkeypatch, state="speaking", trouble="", problems=problems)
    _, text = said(capsys, "feed", "list", node)
    assert "  feature 2 (reef): a line of less than two points" in text.splitlines()


def test_what_of_a_document_cannot_be_read_is_said_by_a_test(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (node / "accord.toml").write_text(
        SETTINGS + AIS.replace('"ais"', '"geojson"').replace('"tcp"', '"file"')
    )
    place = {"type": "Point", "coordinates": [174.8, -41.3]}
    features = [{"type": "Feature", "geometry": each, "properties": {}} for each in (place, 7)]
    chart = node / "chart"
    chart.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    code, text = said(capsys, "feed", "test", node, "harbour", "--recording", chart)
    assert code == 0
    assert text.splitlines()[0] == "feature 2: something else where an object has to be"


def test_feeds_are_listed_also_where_the_node_does_not_run(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = said(capsys, "feed", "list", node)
    assert code == 0
    assert text.splitlines() == [
        "the node does not run: how the feeds are is not known",
        "harbour  ais by tcp 127.0.0.1:1",
        "  into Watch marked (U//REL TO NZL, AUS) exercise DEMO",
    ]


def test_a_silent_feed_is_listed_as_such_with_the_time_of_its_last_report(
    node: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    running(
        monkeypatch, state="silent", accepted=7, last_useful="2026-01-02T03:04:05Z", trouble="x"
    )
    _, text = said(capsys, "feed", "list", node)
    assert text.splitlines()[2:] == [
        "  silent, 7 accepted, last useful 2026-01-02T03:04:05Z",
        "  x",
        "  3 wrong checksum",
    ]
    _, told = said(capsys, "feed", "list", node, "--json")
    assert told["running"]
    (one,) = told["feeds"]
    assert (one["name"], one["state"], one["refused"]) == (
        "harbour",
        "silent",
        {"wrong checksum": 3},
    )


def test_a_node_without_feeds_says_how_to_make_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "accord.toml").write_text(SETTINGS)
    assert "accord feed add" in said(capsys, "feed", "list", tmp_path)[1]


def test_a_recording_is_read_as_the_feed_would_be(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = node / "day.nmea.gz"
    recording.write_bytes(gzip.compress(b"hello\n" + SHIP))
    arguments = ("feed", "test", node, "harbour", "--recording", recording)
    code, text = said(capsys, *arguments)
    assert code == 0
    assert text.splitlines() == [
        "1 reports of 1 objects",
        "  MMSI-512000001 a-u-S -41.30000 174.80000",
        "1 other lines",
        "1 sentences",
    ]
    code, told = said(capsys, *arguments, "--json")
    assert (told["reports"], told["first"][0]["uid"]) == (1, "MMSI-512000001")


def test_a_recording_without_anything_useful_fails(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (node / "page").write_text("<html>")
    code, text = said(capsys, "feed", "test", node, "harbour", "--recording", node / "page")
    assert code == 1
    assert "nothing useful came" in text
    code, text = said(capsys, "feed", "test", node, "harbour", "--recording", node / "none")
    assert code == 2


def test_a_feed_that_cannot_be_had_says_why(node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = said(capsys, "feed", "test", node, "harbour", "--seconds", "5")
    assert code == 1
    assert "Connect" in text


def test_a_silent_feed_is_tested_for_so_long(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (node / "accord.toml").write_text(
        SETTINGS + AIS.replace('"tcp"', '"udp"').replace("127.0.0.1:1", "127.0.0.1:45454")
    )
    code, text = said(capsys, "feed", "test", node, "harbour", "--seconds", "0.05")
    assert (code, text.splitlines()[-1]) == (1, "nothing useful came")


def test_a_replay_is_tested_to_its_end(node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (node / "day.nmea").write_bytes(SHIP + b",1328133720\n")
    (node / "accord.toml").write_text(
        SETTINGS + AIS.replace('"tcp"', '"file"').replace("127.0.0.1:1", "day.nmea")
    )
    assert said(capsys, "feed", "test", node, "harbour")[0] == 0


def test_there_is_no_such_feed(node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = said(capsys, "feed", "test", node, "north")
    assert code == 2
    assert "harbour" in text


ADD = ("--format", "beast", "--transport", "tcp", "--address", "192.0.2.1:30005", "--group", "Air")


def test_a_new_feed_is_in_the_settings(node: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = said(
        capsys, "feed", "add", node, "air", *ADD, "--group", "Höhe", "--max-rate", "100"
    )
    assert code == 0
    assert "next start" in text
    found = load(node).feed
    assert found["harbour"].exercise == "DEMO"
    assert (found["air"].groups, found["air"].max_rate) == (("Air", "Höhe"), 100.0)


@pytest.mark.parametrize(
    ("name", "more", "why"),
    [
        ("a.b", (), "letters"),
        ("harbour", (), "already"),
        ("air", ("--marking", "(X)"), "with the new feed"),
        ("air", ("--transport", "pigeon"), "pigeon"),
        ("air", ("--transport", "http"), "stream"),
    ],
)
def test_a_feed_that_cannot_be_is_not_written(
    node: Path, capsys: pytest.CaptureFixture[str], name: str, more: tuple[str, ...], why: str
) -> None:
    before = (node / "accord.toml").read_text()
    code, text = said(capsys, "feed", "add", node, name, *ADD, *more)
    assert code == 2
    assert why in text
    assert (node / "accord.toml").read_text() == before


def test_on_a_full_disk_the_settings_stay_as_they_were(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (node / "accord.toml").read_text()
    (node / "accord.new").symlink_to("/dev/full")
    code, text = said(capsys, "feed", "add", node, "air", *ADD)
    assert (code, "is as it was, and cannot be written: No space left on device" in text) == (
        2,
        True,
    )
    assert (node / "accord.toml").read_text() == before
    assert not (node / "accord.new").exists()


def test_there_are_so_many_feeds_at_most(
    node: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "MAX_FEEDS", 1)
    assert said(capsys, "feed", "add", node, "air", *ADD)[0] == 2


def test_what_cannot_be_had_is_only_written_unchecked(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("feed", "add", node, "air", *ADD[:2], "--transport", "file", "--format", "sbs",
                 "--address", "day.sbs", "--group", "Air")  # fmt: skip
    code, text = said(capsys, *arguments)
    assert code == 2
    assert "day.sbs" in text
    assert "air" not in load(node).feed
    assert said(capsys, *arguments, "--unchecked")[0] == 0
    assert load(node).feed["air"].address == "day.sbs"


def test_what_belongs_to_a_format_can_be_said(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (node / "secret").write_text("x")
    code, text = said(
        capsys, "feed", "add", node, "vans", "--format", "json", "--transport", "mqtt",
        "--address", "mqtt://192.0.2.1/vans", "--group", "Air", "--field", "lat=y",
        "--field", "lon = p.x", "--kind", "a-f-G-E-V", "--password-file", "secret",
    )  # fmt: skip
    assert code == 0, text
    found = load(node).feed["vans"]
    assert (found.fields, found.kind) == (("lat=y", "lon = p.x"), "a-f-G-E-V")
    code, text = said(
        capsys, "feed", "add", node, "radar", "--format", "asterix", "--transport", "tcp",
        "--address", "192.0.2.1:1", "--group", "Air", "--radar", "25/201 -41.3 174.8 500",
    )  # fmt: skip
    assert code == 0, text
    assert load(node).feed["radar"].radars == ("25/201 -41.3 174.8 500",)
    code, text = said(
        capsys, "feed", "add", node, "sea", "--format", "plots", "--transport", "tcp",
        "--address", "192.0.2.1:2", "--group", "Sea", "--plots-of", "air", "--scan", "4",
        "--error", "80",
    )  # fmt: skip
    assert code == 0, text
    found = load(node).feed["sea"]
    assert (found.plots_of, found.scan, found.error) == ("air", 4.0, 80.0)
