from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from accord.core.body import Shape
from accord.core.geometry import Circle, Polyline
from accord.core.report import Form, Original, Source
from accord.feeds.cap import reader
from accord.live.hazards import area_of, hazard_of, outline_of, where
from support.builders import a_point, a_report

DOCUMENT = Path(__file__).parents[2] / "golden" / "gdacs" / "invented-cap.xml"


def test_an_area_has_a_middle_and_all_its_outlines() -> None:
    made = reader(
        source=Source(node="NZL", channel="feed:cap", speaker="cap"), groups=frozenset({"Blue"})
    )
    now = datetime(2026, 11, 26, 3, tzinfo=UTC)
    first, second = made.read(DOCUMENT.read_bytes(), received=now, tick=0.0)
    found = where(first)
    assert found is not None
    assert abs(found[0].lon) > 179.0
    assert 150_000 < found[1] < 160_000  # a degree north and one east at 16 degrees south
    assert area_of(first).count("\n") == 1
    assert area_of(second).count("\n") == 0
    assert hazard_of(replace(first, original=Original(Form.GEOJSON, b"{"))) is None


def test_a_point_has_no_area_and_other_shapes_no_outline() -> None:
    report = a_report("X")
    assert (hazard_of(report), area_of(report)) == (None, "")
    assert where(report) is not None
    for outline in (Circle(centre=a_point(), radius=5.0), Polyline(points=(a_point(), a_point()))):
        drawn = replace(report, body=Shape(outline=outline))
        assert outline_of(drawn) is None
        assert where(drawn) is None
