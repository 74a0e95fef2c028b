from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.core.body import Position, Removal
from accord.core.report import Source
from accord.wire.errors import WireError
from accord.wire.geojson import gdacs
from accord.wire.geojson.gdacs import read_gdacs
from accord.wire.geojson.translate import FeatureReader, from_original

GOLDEN = Path(__file__).parents[3] / "golden" / "gdacs" / "invented.xml"
FEED = GOLDEN.read_bytes()
SOURCE = Source(node="NZL", channel="feed:gdacs", speaker="gdacs")
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
BLUE = frozenset({"Blue"})


def test_every_hazard_is_a_point_with_its_name_level_and_expiry() -> None:
    cyclone, quake = read_gdacs(FEED).features
    assert (cyclone.id, cyclone.name) == ("TC9000001", "Orange tropical cyclone EXAMPLE-26")
    assert cyclone.corners == ((179.5, -15.5),)
    assert cyclone.properties["description"] == (
        "INVENTED: a tropical cyclone EXAMPLE-26 north of Fiji."
    )
    assert cyclone.properties["time"] == "2026-11-25T18:00:00+00:00"
    assert cyclone.properties["stale"] == "2026-11-27T18:00:00+00:00"  # two days on
    assert (quake.id, quake.name) == ("EQ9000002", "Green earthquake")
    assert quake.properties["severity"] == "Magnitude 5.6M, Depth:10km"


def test_hazards_are_reports_that_end_and_go_when_the_feed_has_them_no_more() -> None:
    reader = FeatureReader(read_gdacs, source=SOURCE, groups=BLUE)
    cyclone, _ = reader.read(FEED, received=NOON, tick=0.0)
    assert isinstance(cyclone.body, Position)
    assert cyclone.uid == "GEO-gdacs-TC9000001"
    assert cyclone.stale == datetime(2026, 11, 27, 18, tzinfo=UTC)
    assert cyclone.original is not None
    again = from_original(cyclone.original, source=SOURCE, groups=BLUE, received=NOON)
    assert again == cyclone
    begin, end = FEED.index(b"<item>"), FEED.index(b"</item>") + len(b"</item>")
    _, gone = reader.read(FEED[:begin] + FEED[end:], received=NOON, tick=1.0)
    assert gone.body == Removal(target=cyclone.uid)


def item(**said: str) -> bytes:
    inside = "".join(f"<g:{name}>{text}</g:{name}>" for name, text in said.items())
    whole = f"<channel><item>{inside}</item></channel>"
    return f'<rss xmlns:g="http://www.gdacs.org">{whole}</rss>'.encode()


def test_what_an_item_lacks_is_left_out_and_one_without_a_place_or_name_too() -> None:
    (bare,) = read_gdacs(item(guid="X1", point="1 2", pubDate="noon")).features
    assert (bare.id, bare.name, bare.properties.get("time")) == ("X1", "hazard", None)
    (odd,) = read_gdacs(item(
        eventtype="zz", eventid="7", point="1 2", alertlevel="Blue",
        pubDate="Thu, 26 Nov 2026 00:36:35 -0000",
    )).features  # fmt: skip
    assert (odd.id, odd.name) == ("ZZ7", "hazard")
    assert odd.properties["stale"] == "2026-11-29T00:36:35+00:00"
    for lost in ({"guid": "X"}, {"guid": "X", "point": "1"}, {"point": "1 2"},
                 {"guid": "X", "point": "100 2"}):  # fmt: skip
        found = read_gdacs(item(**lost))
        assert (found.features, len(found.faults)) == ([], 1)
    with pytest.raises(WireError):
        read_gdacs(item(guid="X", point="1 2", description="x" * (gdacs.MAX_LETTERS + 1)))


@pytest.mark.parametrize(
    "data",
    [b"", b"<feed/>", b"<rss/>", FEED[:900], b"\xff\xfe\x00",
     b"<?xml version='1.0' encoding='x-none'?><rss/>", b"<rss>" + b"<a>" * 40,
     b"<!DOCTYPE rss [<!ENTITY a 'b'>]><rss/>"],
)  # fmt: skip
def test_what_is_no_feed_raises_a_wire_error_and_nothing_else(data: bytes) -> None:
    with pytest.raises(WireError):
        read_gdacs(data)
