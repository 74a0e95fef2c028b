from typing import Any

import pytest

from accord.api.chart_settings import ChartSettings, check_name


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"file": "harbour.geojson"}, "geojson"),
        ({"file": "charts/coast.pmtiles"}, "pmtiles"),
        ({"url": "https://charts.example/{z}/{x}/{y}.png"}, "tiles"),
        ({"url": "http://10.0.0.7:8080/wms?request=GetMap&bbox={bbox}"}, "tiles"),
    ],
)
def test_a_chart_is_a_file_or_tiles_of_a_server(given: Any, kind: str) -> None:
    assert ChartSettings(**given).kind == kind


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "one of the two"),
        ({"file": "a.geojson", "url": "https://a.example/{z}/{x}/{y}"}, "one of the two"),
        ({"file": "a.tif"}, "file is one of"),
        ({"url": "ftp://a.example/{z}/{x}/{y}"}, "http or https"),
        ({"url": "https://{x}.example/{z}/{x}/{y}"}, "http or https"),
        ({"url": "/{z}/{x}/{y}"}, "http or https"),
        ({"url": "https://a.example/{z}/{x}"}, "has {z}, {x} and {y}"),
        ({"url": "https://a.example/{bbox}/{z}"}, "has {z}, {x} and {y}"),
        ({"file": "a.geojson", "min_zoom": 5, "max_zoom": 4}, "zooms"),
        ({"file": "a.geojson", "max_zoom": 23}, "zooms"),
    ],
)
def test_what_is_no_chart_is_refused_with_why(given: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        ChartSettings(**given)


@pytest.mark.parametrize("name", ["", "a b", "../a", "é", "a" * 41, "-a"])
def test_a_name_is_part_of_an_address(name: str) -> None:
    with pytest.raises(ValueError, match="letters, digits"):
        check_name(name)
    check_name("harbour_26-A")
