"""An entity that a simulation sent, as Open-DIS reads it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.core.body import Position
from accord.core.context import LIVE, Context
from accord.core.report import Source
from accord.wire.dis import message
from accord.wire.dis.translate import DisReader, from_original

RAW = (Path(__file__).parent / "EntityStatePdu-26.raw").read_bytes()
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SOURCE = Source(node="NZL", channel="feed:sim", speaker="sim")
GROUPS = frozenset({"Watch"})


def test_the_entity_is_as_open_dis_has_it() -> None:
    entity = message.read(RAW)
    assert entity is not None
    assert (entity.exercise, entity.site, entity.application, entity.number) == (7, 42, 4, 26)
    assert (entity.force, entity.kind, entity.domain, entity.marking) == (1, 1, 1, "26")
    assert entity.velocity == (0.0, 0.0, 0.0)
    place = (entity.lat, entity.lon, entity.hae)
    assert place == pytest.approx((42.88248100063094, 20.870044142553482, 499.38410308), abs=1e-6)


@pytest.mark.parametrize(
    ("asked", "context"),
    [(LIVE, Context.exercise("UNNAMED")), (Context.exercise("TASMAN"), Context.exercise("TASMAN"))],
)
def test_it_is_in_an_exercise_whatever_is_asked_for(asked: Context, context: Context) -> None:
    reader = DisReader(source=SOURCE, groups=GROUPS, context=asked)
    (report,) = reader.read(RAW, received=NOW, tick=0.0)
    assert report.context == context
    assert str(report.marking.opex) == f"s-{context.name}"
    assert (report.uid, report.kind.text) == ("DIS-42.4.26", "a-f-G")
    assert isinstance(report.body, Position)
    assert (report.body.course, report.body.speed) == (None, 0.0)
    assert report.identity.callsign == "26"
    assert report.original is not None
    again = from_original(
        report.original, source=SOURCE, groups=GROUPS, received=NOW, context=asked
    )
    assert again == report
