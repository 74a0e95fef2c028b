import json
from datetime import UTC, datetime
from typing import Any

import pytest

from accord.core.body import Position, Removal
from accord.core.report import Report, Source
from accord.feeds import plots
from accord.feeds.catalogue import reader_of
from accord.feeds.plots import TOO_MANY, PlotReader
from accord.feeds.settings import FeedSettings, Format, Seen, Transport
from accord.node.kept import DECODERS

SOURCE = Source(node="NZL", channel="feed:radar", speaker="radar")
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def reader() -> PlotReader:
    return PlotReader(source=SOURCE, groups=frozenset({"Watch"}), scan=3.0)


def line(look: int, lon: float = 174.8, **more: object) -> bytes:
    said = {"lat": -41.28 + look * 0.0003, "lon": lon, "time": 1_600_000_000 + 3 * look}
    return json.dumps({**said, **more}).encode() + b"\n"


def played(reader: PlotReader, *lines: bytes) -> list[Report]:
    return [r for each in lines for r in reader.read(each, received=AT, tick=0.0)]


def test_plots_without_a_name_are_a_track_with_course_and_speed() -> None:
    reports = played(reader(), *(line(each) for each in range(12)))
    assert {each.uid for each in reports} == {"GEO-radar-0102030405.1"}
    last = reports[-1]
    assert last.kind.text == "a-u-S"
    assert last.identity.mmsi is None
    assert isinstance(last.body, Position)
    assert last.body.speed == pytest.approx(0.0003 * 111_195 / 3, rel=0.05)
    assert last.time == datetime.fromtimestamp(1_600_000_030, UTC)


def test_a_track_that_is_dropped_goes_from_the_picture() -> None:
    following = reader()
    both = [line(each) + line(each, 175.0) for each in range(6)]
    reports = played(following, *both, *(line(each) for each in range(6, 14)))
    removed = [each.body.target for each in reports if isinstance(each.body, Removal)]
    assert len(removed) == 1
    assert removed[0].startswith("GEO-radar-")


def test_what_was_tracked_is_read_again_from_the_journal() -> None:
    report = played(reader(), *(line(each) for each in range(6)))[-1]
    assert report.original is not None
    again = DECODERS[report.original.form](
        report.original, source=SOURCE, groups=report.groups, received=report.received
    )
    assert (again.uid, again.body, again.time) == (report.uid, report.body, report.time)


def test_one_look_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plots, "MOST_PLOTS", 2)
    following = reader()
    played(following, line(0) * 3)
    assert following.counts[TOO_MANY] == 1


def test_a_plot_without_a_time_was_made_when_it_came() -> None:
    following = reader()
    said, reports = b'{"lat": 1, "lon": 2}\n', list[Report]()
    for second in range(0, 18, 3):
        at = AT.replace(second=5 + second)
        reports = following.read(said, received=at, tick=0.0)
    assert reports[-1].time == AT.replace(second=17)


def test_the_settings_say_what_the_sensor_looks_at() -> None:
    settings = FeedSettings(
        format=Format.PLOTS,
        transport=Transport.TCP,
        address="192.0.2.1:10200",
        groups=("Watch",),
        plots_of=Seen.AIR,
    )
    following = reader_of(settings, SOURCE)
    assert isinstance(following, PlotReader)
    assert played(following, *(line(each) for each in range(6)))[-1].kind.text == "a-u-A"


@pytest.mark.parametrize("changes", [{"scan": 0.0}, {"scan": 61.0}, {"error": 0.0}, {"error": 1e9}])
def test_settings_that_no_sensor_has_are_refused(changes: Any) -> None:
    with pytest.raises(ValueError, match=r"give 0\.1 to"):
        FeedSettings(
            format=Format.PLOTS, transport=Transport.TCP, address="192.0.2.1:1",
            groups=("Watch",), **changes,
        )  # fmt: skip
