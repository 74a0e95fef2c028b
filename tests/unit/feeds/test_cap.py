"""CAP alerts as a feed, of an invented document in the layout of GDACS' CAP feed."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.core.body import Removal, Shape
from accord.core.context import LIVE, Context
from accord.core.report import Report, Source
from accord.feeds.cap import read_cap, reader
from accord.live.hazards import hazard_of, is_hazard
from accord.wire.cap.message import CapAlert, CapArea, CapCircle
from accord.wire.cap.render import render
from accord.wire.errors import Malformed

DOCUMENT = Path(__file__).parents[2] / "golden" / "gdacs" / "invented-cap.xml"
NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
EXERCISE = Context.exercise("PACIFIC 26")
SOURCE = Source(node="NZL", channel="feed:cap", speaker="cap")
FLOOD = CapAlert(
    identifier="F1", sender="met@example.org", sent=NOW, status="Actual", kind="Alert",
    event="Flood", areas=(
        CapArea(description="Malampa", circles=(CapCircle(centre=(-16.2, 167.5), radius=9.0),)),
    ),
)  # fmt: skip


def read(data: bytes, context: Context = LIVE) -> list[Report]:
    made = reader(source=SOURCE, groups=frozenset({"Blue"}), context=context)
    return made.read(data, received=NOW, tick=0.0)


def test_the_outlines_of_an_alert_of_gdacs_are_areas_under_its_own_name() -> None:
    first, second = read(DOCUMENT.read_bytes())
    assert (first.uid, second.uid) == ("GEO-cap-TC9000001", "GEO-cap-TC9000001.1")
    assert isinstance(first.body, Shape)
    assert first.identity.name == "Orange Tropical Cyclone EXAMPLE-26"
    said = hazard_of(first)
    assert said is not None
    assert (said["alert"], said["country"], said["level"], said["severity"]) == (
        "GDACS_TC_9000001_2", "Fiji", "Orange", "150 km/h",
    )  # fmt: skip
    assert said["areas"].count("\n") == 1
    # It holds for two days from `todate` on, as by the RSS feed.
    assert first.stale == datetime(2026, 11, 27, 18, tzinfo=UTC)
    assert is_hazard(first, "tc9000001")
    assert not is_hazard(second, "TC9000001")


def test_what_is_no_actual_alert_is_never_live_and_what_is_actual_in_no_exercise() -> None:
    faults = [str(each) for each in read_cap(DOCUMENT.read_bytes()).faults]
    assert faults == [
        "feature 1 (HALF): the alert has no sent",
        "feature 3 (TEST-1): its status is Test, and what this feed says is live",
    ]
    assert read(render(FLOOD), EXERCISE) == []
    (drill,) = read(render(replace(FLOOD, status="Exercise")), EXERCISE)
    assert drill.context == EXERCISE
    assert drill.marking.opex is not None
    assert read(render(replace(FLOOD, status="Exercise"))) == []


def test_one_alert_by_itself_is_shown_until_it_expires() -> None:
    (shown,) = read(render(FLOOD))
    assert (shown.uid, shown.identity.name) == ("GEO-cap-F1", "Flood")
    assert shown.stale == datetime(2026, 11, 27, 3, tzinfo=UTC)
    until = datetime(2026, 11, 26, 5, tzinfo=UTC)
    (shown,) = read(render(replace(FLOOD, expires=until)))
    assert shown.stale == until
    nowhere = replace(FLOOD, areas=(CapArea(description="Malampa"),))
    (fault,) = read_cap(render(nowhere)).faults
    assert "without a polygon and without a circle" in fault.reason


def test_an_update_takes_the_place_of_what_it_refers_to_and_a_cancellation_shows_nothing() -> None:
    before = f"{FLOOD.sender},F1,2026-11-26T03:00:00-00:00"
    update = replace(FLOOD, identifier="F2", kind="Update", references=before)
    both = b"<all>" + b"".join(render(e).partition(b"?>")[2] for e in (FLOOD, update)) + b"</all>"
    assert [each.id for each in read_cap(both).features] == ["F2"]
    over = replace(update, kind="Cancel")
    gone = b"<all>" + b"".join(render(e).partition(b"?>")[2] for e in (FLOOD, over)) + b"</all>"
    made = reader(source=SOURCE, groups=frozenset({"Blue"}))
    assert len(made.read(render(FLOOD), received=NOW, tick=0.0)) == 1
    (removal,) = made.read(gone, received=NOW, tick=0.0)
    assert removal.body == Removal(target="GEO-cap-F1")


def test_an_alert_that_says_nothing_of_itself_is_shown_by_its_identifier() -> None:
    (shown,) = read(render(replace(FLOOD, event="")))
    assert shown.identity.name == "F1"
    twice = b"<all>" + render(FLOOD).partition(b"?>")[2] * 2 + b"</all>"
    assert read_cap(twice).repeated == 1


def test_what_is_no_document_is_refused() -> None:
    with pytest.raises(Malformed):
        read_cap(b"no XML")


def test_a_page_in_place_of_the_document_removes_nothing() -> None:
    made = reader(source=SOURCE, groups=frozenset({"Blue"}))
    assert len(made.read(render(FLOOD), received=NOW, tick=0.0)) == 1
    page = b'<html xmlns="http://www.w3.org/1999/xhtml"><body>Please log in</body></html>'
    assert made.read(page, received=NOW, tick=0.0) == []
    assert (made.is_read, made.counts["malformed"]) == (False, 1)
    assert "no alert of CAP 1.2" in made.trouble
    (gone,) = made.read(b"<rss/>", received=NOW, tick=0.0)
    assert isinstance(gone.body, Removal)
    assert made.is_read
