import json
from collections.abc import Sequence

import pytest

from accord.posture import outline
from accord.posture.cells import in_box, of_mixed, size_km2
from accord.posture.outline import cells_of

SQUARE = [[170, -20], [190, -20], [190, -10], [170, -10], [170, -20]]
"""Over 180 degrees, as one ring."""


def polygon(*rings: Sequence[Sequence[float]]) -> str:
    return json.dumps({"type": "Polygon", "coordinates": rings})


def cells(drawing: str) -> frozenset[int]:
    return of_mixed(cells_of(drawing))


def test_an_area_over_the_date_line_is_the_same_however_it_is_written() -> None:
    whole = cells(polygon(SQUARE))
    assert whole == in_box(-20.0, 170.0, -10.0, -170.0)
    short = [[170, -20], [-170, -20], [-170, -10], [170, -10], [170, -20]]
    assert cells(polygon(short)) == whole
    # As RFC 7946, 3.1.9 has it: cut in two at 180 degrees.
    halves = [
        [[[170, -20], [180, -20], [180, -10], [170, -10], [170, -20]]],
        [[[-180, -20], [-170, -20], [-170, -10], [-180, -10], [-180, -20]]],
    ]
    cut = cells(json.dumps({"type": "MultiPolygon", "coordinates": halves}))
    assert cut <= whole
    assert len(whole - cut) <= 10  # whose middle lies on the cut itself


def test_an_area_round_the_pole_holds_the_pole() -> None:
    cap = [[-180, -60], [180, -60], [180, -90], [-180, -90], [-180, -60]]
    found = cells(polygon(cap))
    assert found == in_box(-90.0, -180.0, -60.0, 180.0)
    # The zone of a sphere of 6,371 km between 60 and 90 degrees: 2 pi r2 (1 - sin 60).
    assert size_km2(found) == pytest.approx(34.2e6, rel=0.01)
    ring = [[lon, -60] for lon in (-180, -90, 0, 90, -180)]
    assert cells(polygon(ring)) == found


def test_a_hole_is_left_out() -> None:
    hole = [[175, -17], [185, -17], [185, -13], [175, -13], [175, -17]]
    assert cells(polygon(SQUARE, hole)) == cells(polygon(SQUARE)) - cells(polygon(hole))


def test_features_and_collections_are_read_for_their_areas() -> None:
    shape = json.loads(polygon(SQUARE))
    feature = {"type": "Feature", "geometry": shape, "properties": None}
    for tree in (
        feature,
        {"type": "FeatureCollection", "features": [feature]},
        {"type": "GeometryCollection", "geometries": [shape]},
    ):
        assert cells(json.dumps(tree)) == cells(polygon(SQUARE))


def test_what_fills_a_coarser_cell_is_told_by_that() -> None:
    cap = [[-180, -60], [180, -60], [180, -90], [-180, -90], [-180, -60]]
    words = cells_of(polygon(cap))
    assert len(words) < len(of_mixed(words)) / 4
    assert list(words) == sorted(words)


@pytest.mark.parametrize(
    ("drawing", "said"),
    [
        ("{", "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ("[]", "it is no GeoJSON object"),
        ('{"type": "Point", "coordinates": [1, 2]}', "'Point' is no area"),
        ('{"type": "FeatureCollection"}', "features is no list, or empty"),
        ('{"type": "Polygon", "coordinates": []}', "coordinates is no list, or empty"),
        (polygon([[0, 0], [1, 1], [0, 0]]), "a ring has four corners or more"),
        (polygon([[0, 0], [9, 0], [9, 9], [0, 9]]), "and the last is the first"),
        (polygon([[0, 95], [9, 0], [9, 9], [0, 95]]), "longitude 0, latitude 95 is nowhere"),
        ('{"type":"Polygon","coordinates":[[[0,"x"],[9,0],[9,9],[0,"x"]]]}', "is no corner"),
        ('{"type":"Polygon","coordinates":[[[0],[9,0],[9,9],[0]]]}', "is no corner"),
        ('{"type":"Polygon","coordinates":[[[0,NaN],[9,0],[9,9],[0,NaN]]]}', "is no corner"),
        ('{"type":"Polygon","coordinates":[[[0,true],[9,0],[9,9],[0,true]]]}', "is no corner"),
        (polygon([[0, 0], [0.1, 0], [0.1, 0.1], [0, 0]]), "it holds the middle of no cell"),
    ],
)
def test_what_is_no_area_says_why(drawing: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        cells_of(drawing)


def test_a_drawing_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outline, "MAX_CORNERS", 3)
    with pytest.raises(ValueError, match="it has 4 corners; at most 3"):
        cells_of(polygon(SQUARE))
    monkeypatch.setattr(outline, "MAX_BYTES", 9)
    with pytest.raises(ValueError, match="characters; at most 9 are read"):
        cells_of(polygon(SQUARE))
