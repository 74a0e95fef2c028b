from typing import Any

import pytest
from shapely import Point

from accord.release.geojson import MAX_BYTES, MAX_POINTS, load
from support.areas import as_bytes, collection, feature, multi, polygon, rectangle

COOK_STRAIT = rectangle(174.0, -41.8, 175.0, -40.8)


@pytest.mark.parametrize(
    "thing",
    [
        COOK_STRAIT,
        multi(COOK_STRAIT),
        feature(COOK_STRAIT),
        collection(feature(COOK_STRAIT)),
        multi(rectangle(174.0, -41.8, 174.5, -40.8), rectangle(174.5, -41.8, 175.0, -40.8)),
        collection(
            feature(rectangle(174.0, -41.8, 174.6, -40.8)),
            feature(rectangle(174.5, -41.8, 175.0, -40.8)),
        ),
    ],
)
def test_polygons_are_read_however_they_are_wrapped(thing: object) -> None:
    assert load(as_bytes(thing)).bounds == (174.0, -41.8, 175.0, -40.8)
    assert load(as_bytes(thing)).area == pytest.approx(1.0)


def test_the_example_of_the_rfc_is_read() -> None:
    # RFC 7946, appendix A.3: a polygon with a hole; the hole is a tenth of the whole... of 0.36.
    text = b"""{"type": "Polygon", "coordinates": [
        [[100.0, 0.0], [101.0, 0.0], [101.0, 1.0], [100.0, 1.0], [100.0, 0.0]],
        [[100.8, 0.8], [100.8, 0.2], [100.2, 0.2], [100.2, 0.8], [100.8, 0.8]]]}"""
    shape = load(text)
    assert shape.area == pytest.approx(1.0 - 0.36)
    assert not shape.contains(Point(100.5, 0.5))


def test_an_area_cut_at_180_degrees_is_read_as_the_rfc_cuts_it() -> None:
    # RFC 7946, 3.1.9: the same area, whole and cut in two.
    cut = multi(rectangle(170.0, 40.0, 180.0, 50.0), rectangle(-180.0, 40.0, -170.0, 50.0))
    whole = rectangle(170.0, 40.0, -170.0, 50.0)
    assert load(as_bytes(cut)).area == pytest.approx(200.0)
    assert load(as_bytes(whole)).bounds == (170.0, 40.0, 190.0, 50.0)


@pytest.mark.parametrize("hole_from", [(175.0, 179.0), (-178.0, -174.0), (178.0, -178.0)])
def test_a_hole_lies_in_its_area_on_either_side_of_180_degrees(
    hole_from: tuple[float, float],
) -> None:
    west, east = hole_from
    outer = rectangle(170.0, -50.0, -170.0, -30.0)["coordinates"][0][:-1]
    hole = rectangle(west, -45.0, east, -40.0)["coordinates"][0][:-1]
    assert load(as_bytes(polygon(outer, hole))).area == pytest.approx(20 * 20 - 4 * 5)


def test_heights_are_left_aside() -> None:
    ring = [(1.0, 1.0, 100.0), (2.0, 1.0, 100.0), (2.0, 2.0, 100.0), (1.0, 2.0, 0.0)]
    assert load(as_bytes(polygon(ring))).bounds == (1.0, 1.0, 2.0, 2.0)


def test_the_ends_of_the_earth_are_reached_along_180_degrees() -> None:
    antarctic = [(-180, -90), (0, -90), (180, -90), (180, -60), (0, -60), (-180, -60)]
    assert load(as_bytes(polygon(antarctic))).area == pytest.approx(360 * 30)


SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]


@pytest.mark.parametrize(
    ("thing", "sentence"),
    [
        (b"{", "it is not JSON: Expecting"),
        (b"\xff\xfe{", "it is not JSON: "),
        (b'{"type": "Polygon", "type": "Point"}', "it is not JSON: a member is given twice"),
        (b'{"type": NaN}', "it is not JSON: NaN is no number"),
        (b"[" * 200_000, "it is nested too deep"),
        ([], "the file is no object"),
        ({}, "the geometry has the type None; an area is a Polygon or MultiPolygon"),
        ({"type": "Point", "coordinates": [0, 0]}, "the geometry has the type 'Point'"),
        (COOK_STRAIT | {"crs": None}, "it names a crs; coordinates are WGS-84"),
        (collection(), "there is no polygon in it"),
        (multi(), "there is no polygon in it"),
        (collection(COOK_STRAIT), "feature 1 has the type 'Polygon', not Feature"),
        (collection(feature(None)), "the geometry of feature 1 is no object"),
        (collection(3), "feature 1 is no object"),
        ({"type": "FeatureCollection"}, "features is no list"),
        (feature({"type": "LineString"}), "feature 1 has the type 'LineString'"),
        ({"type": "Polygon", "coordinates": []}, "the geometry is empty"),
        ({"type": "Polygon"}, "the coordinates of the geometry is no list"),
        ({"type": "MultiPolygon", "coordinates": [3]}, "polygon 1 of the geometry is no list"),
        ({"type": "Polygon", "coordinates": [3]}, "ring 1 of the geometry is no list"),
        ({"type": "Polygon", "coordinates": [SQUARE[:3]]}, "ring 1 of the geometry is not closed"),
        ({"type": "Polygon", "coordinates": [SQUARE[:4]]}, "ring 1 of the geometry is not closed"),
        ({"type": "Polygon", "coordinates": [SQUARE, []]}, "ring 2 of the geometry is not closed"),
        ({"type": "Polygon", "coordinates": [[3]]}, "position 1 of ring 1 of the geometry is no"),
        ({"type": "Polygon", "coordinates": [[[3]]]}, "position 1 .* has 1 numbers"),
        ({"type": "Polygon", "coordinates": [[[0, 0, 0, 0]]]}, "position 1 .* has 4 numbers"),
        ({"type": "Polygon", "coordinates": [[[0, True]]]}, "position 1 .* no number of degrees"),
        ({"type": "Polygon", "coordinates": [[[0, "1"]]]}, "position 1 .* no number of degrees"),
        ({"type": "Polygon", "coordinates": [[[0, 10**400]]]}, "position 1 .* no number of deg"),
        (b'{"type": "Polygon", "coordinates": [[[0, 1e400]]]}', "position 1 .* no number of deg"),
        (b'{"type": "Polygon", "coordinates": [[[0, ' + b"1" * 5000 + b"]]]}", "it is not JSON"),
        (polygon([(0, 0), (181, 0), (0, 1)]), "position 2 .* is not on Earth: longitude 181"),
        (polygon([(0, 0), (1, 91), (0, 1)]), "position 2 .* is not on Earth: longitude 1, lat"),
        (polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), "is not valid: Self-intersection"),
        (polygon([(0, 0), (1, 1), (2, 2)]), "the geometry is not valid: "),
        (polygon([(0, 0), (0, 0), (0, 0)]), "the geometry is not valid: "),
        (
            polygon([(0, 0), (1, 0), (1, 1)], [(5, 5), (6, 5), (6, 6)]),
            "is not valid: Hole lies outside shell",
        ),
        (
            polygon([(-170, 60), (-60, 60), (60, 60), (170, 60)]),
            "ring 1 of the geometry goes round a pole: draw it along 180 degrees",
        ),
        (
            polygon([(0, 0), (170, 0), (-20, 0), (150, 0), (150, 9), (-20, 9), (170, 9), (0, 9)]),
            "the geometry goes more than once round the Earth",
        ),
        (b" " * (MAX_BYTES + 1), f"the file has {MAX_BYTES + 1} bytes; at most {MAX_BYTES}"),
        (multi(*[COOK_STRAIT] * (MAX_POINTS // 5 + 1)), f"it has {MAX_POINTS + 5} points"),
    ],
)
def test_what_is_no_area_is_refused_in_a_sentence(thing: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        load(thing if isinstance(thing, bytes) else as_bytes(thing))
