"""Map layers for everybody, as TAK Server 5.7 has them (public source: MapLayersApi, MapLayer)."""

from pathlib import Path
from typing import Any

import pytest

from accord.storage.map_layers import MapLayers
from support.marti import Marti, marti

PATH = "/Marti/api/maplayers"
CHART = {"name": "Chart", "url": "https://maps.example/{$z}/{$x}/{$y}.png", "maxZoom": 17}


async def make(api: Marti, **changes: Any) -> dict[str, Any]:
    said = await api.does("weka", "POST", PATH, json={**CHART, **changes})
    assert said["type"] == "MapLayer"
    return said["data"]


async def test_what_an_administrator_says_everybody_reads(api: Marti, tmp_path: Path) -> None:
    made = await make(api, uid="his own", creatorUid="UID-weka", description=None)
    assert len(made["uid"]) == 32
    assert made == {
        **CHART, "type": "MapTile", "uid": made["uid"], "creatorUid": "UID-weka",
        "createTime": "2026-01-02T03:04:05.678Z", "modifiedTime": "2026-01-02T03:04:05.678Z",
        "defaultLayer": False, "enabled": False, "ignoreErrors": False,
        "invertYCoordinate": False,
    }  # fmt: skip
    other = await make(api, name="aerial", type="WMS", enabled=True)
    for who in ("kiwi", "tui", "ruru"):
        said = await api.get(who, f"{PATH}/all")
        assert said["type"] == "com.bbn.marti.maplayer.model.MapLayer"
        assert said["data"] == [other, made]  # by name
        assert (await api.get(who, f"{PATH}/{made['uid']}"))["data"] == made
    async with marti(tmp_path) as again:
        assert (await again.get("kiwi", f"{PATH}/all"))["data"] == [other, made]


async def test_a_map_layer_is_said_anew_and_deleted(api: Marti) -> None:
    made = await make(api, defaultLayer=True)
    other = await make(api, name="Aerial", defaultLayer=True)
    api.node.clock.advance(seconds=60)
    uid = made["uid"]
    changed = await api.does("weka", "PUT", PATH, json={**CHART, "uid": uid, "enabled": True})
    assert changed["data"] == {
        **made, "enabled": True, "defaultLayer": False, "creatorUid": "weka",
        "modifiedTime": "2026-01-02T03:05:05.678Z",
    }  # fmt: skip
    assert (await api.get("kiwi", f"{PATH}/all"))["data"] == [other, changed["data"]]
    await api.does("weka", "PUT", PATH, 404, json={**CHART, "uid": "none"})
    await api.does("weka", "PUT", PATH, 400, json=CHART)
    await api.does("weka", "DELETE", f"{PATH}/{uid}")
    await api.does("weka", "DELETE", f"{PATH}/{uid}", 404)
    await api.does("kiwi", "GET", f"{PATH}/{uid}", 404)


async def test_only_an_administrator_changes_them(api: Marti) -> None:
    uid = (await make(api))["uid"]
    for who, status in (("kiwi", 403), ("ruru", 403), ("nobody", 401)):
        await api.does(who, "POST", PATH, status, json=CHART)
        await api.does(who, "PUT", PATH, status, json={**CHART, "uid": uid})
        await api.does(who, "DELETE", f"{PATH}/{uid}", status)
    other = {"origin": "https://elsewhere.example"}
    await api.does("weka", "POST", PATH, 403, json=CHART, headers=other)
    assert len((await api.get("kiwi", f"{PATH}/all"))["data"]) == 1


@pytest.mark.parametrize(
    "said",
    [
        [], {}, {"name": "x"}, {**CHART, "name": ""}, {**CHART, "url": ""}, {**CHART, "url": 1},
        {**CHART, "url": "file:///etc/passwd"}, {**CHART, "url": "javascript:alert(1)"},
        {**CHART, "url": "https:///x"}, {**CHART, "url": "https://[half"},
        {**CHART, "enabled": "yes"}, {**CHART, "layers": ["a"]},
    ],
)  # fmt: skip
async def test_what_is_no_map_layer_is_refused(api: Marti, said: object) -> None:
    await api.does("weka", "POST", PATH, 400, json=said)


async def test_no_more_are_taken_than_are_kept(api: Marti, monkeypatch: pytest.MonkeyPatch) -> None:
    await make(api)
    (part,) = [e for e in api.api._parts if type(e).__name__ == "MapLayersApi"]
    maps = part._maps  # type: ignore[attr-defined]
    assert isinstance(maps, MapLayers)
    monkeypatch.setattr(maps, "_most", 1)
    await api.does("weka", "POST", PATH, 507, json=CHART)
