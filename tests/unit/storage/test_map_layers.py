from pathlib import Path

import pytest

from accord.storage.map_layers import MapLayers
from accord.storage.tak_file import Full, TakFile


def test_map_layers_are_kept_replaced_and_forgotten(tmp_path: Path) -> None:
    file = TakFile(tmp_path / "tak.sqlite")
    file.prepare()
    maps = MapLayers(file, most=2)
    chart = {"uid": "1", "name": "chart", "defaultLayer": True}
    photo = {"uid": "2", "name": "Aerial", "defaultLayer": True}
    maps.keep(chart)
    maps.keep(photo)  # one at most is the default
    assert MapLayers(file).all() == [photo, {**chart, "defaultLayer": False}]
    with pytest.raises(Full, match="2 map layers"):
        maps.keep({"uid": "3", "name": "more"})
    maps.keep({"uid": "1", "name": "Chart"})
    assert maps.one("1") == {"uid": "1", "name": "Chart"}
    assert maps.forget("1")
    assert not maps.forget("1")
    assert maps.one("1") is None
    assert maps.all() == [photo]
