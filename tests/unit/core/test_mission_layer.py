"""What may stand in which layer, by what TAK Server fills in from each kind."""

import pytest

from accord.core.mission import ItemKind
from accord.core.mission_layer import (
    MAX_DEPTH,
    Layer,
    LayerFault,
    LayerKind,
    Layers,
    NoLayer,
)


def layer(uid: str, kind: LayerKind = LayerKind.GROUP, parent: str = "") -> Layer:
    return Layer(uid=uid, name=uid.upper(), kind=kind, parent=parent)


A, B, C = layer("a"), layer("b", parent="a"), layer("c", LayerKind.UID, "b")
FILES, MAPS = layer("f", LayerKind.CONTENTS), layer("m", LayerKind.MAPLAYER, "a")
BUOY = layer("buoy", LayerKind.ITEM, "c")
ALL = Layers([A, B, C, FILES, MAPS, BUOY])


def test_each_kind_holds_what_tak_server_fills_it_with() -> None:
    assert {each: each.holds for each in LayerKind} == {
        LayerKind.GROUP: None, LayerKind.UID: ItemKind.UID, LayerKind.CONTENTS: ItemKind.HASH,
        LayerKind.MAPLAYER: ItemKind.MAP_LAYER, LayerKind.ITEM: None,
    }  # fmt: skip


def test_layers_are_found_by_uid_and_by_what_they_stand_in() -> None:
    assert ALL.one("b") is ALL.find("b") is B
    assert ALL.under("") == [A, FILES]
    assert ALL.under("a") == [B, MAPS]
    assert ALL.under("buoy") == []
    assert {each.uid for each in ALL.whole("a")} == {"a", "b", "c", "m", "buoy"}
    assert ALL.find("x") is None
    with pytest.raises(NoLayer, match="no 'x' of that kind"):
        ALL.one("x")


def test_an_item_stands_in_a_layer_of_its_kind_and_nowhere_else() -> None:
    ALL.require_place(layer("raft", LayerKind.ITEM, "c"))
    ALL.require_place(BUOY)
    for parent in ("", "a", "buoy"):
        with pytest.raises(LayerFault, match="stands in a layer of type UID, CONTENTS or MAPLAYER"):
            ALL.require_place(layer("raft", LayerKind.ITEM, parent))
    with pytest.raises(LayerFault, match="of another kind"):
        ALL.require_place(layer("buoy", LayerKind.ITEM, "f"))
    with pytest.raises(NoLayer):
        ALL.require_place(layer("raft", LayerKind.ITEM, "x"))


def test_a_layer_stands_in_any_other_but_an_item_and_itself() -> None:
    ALL.require_place(layer("new", parent="c"))
    ALL.require_place(layer("new"))
    with pytest.raises(LayerFault, match="nothing stands in an item"):
        ALL.require_place(layer("new", parent="buoy"))
    for parent in ("a", "b", "c"):
        with pytest.raises(LayerFault, match="inside itself"):
            ALL.require_place(layer("a", parent=parent))
    with pytest.raises(NoLayer):
        ALL.require_place(layer("new", parent="x"))


def test_layers_stand_inside_each_other_only_so_deep() -> None:
    deep = [layer("0")]
    deep += [layer(str(n), parent=str(n - 1)) for n in range(1, MAX_DEPTH)]
    layers = Layers([*deep, layer("two"), layer("in two", parent="two")])
    layers.require_place(layer("new", parent=str(MAX_DEPTH - 2)))
    layers.require_place(layer("two", parent=str(MAX_DEPTH - 3)))
    with pytest.raises(LayerFault, match="at most 16"):
        layers.require_place(layer("new", parent=str(MAX_DEPTH - 1)))
    with pytest.raises(LayerFault, match="at most 16"):  # what is in it goes with it
        layers.require_place(layer("two", parent=str(MAX_DEPTH - 2)))


def test_a_layer_is_put_after_one_beside_it() -> None:
    ALL.require_sibling("b", "a")
    with pytest.raises(LayerFault, match="in another layer"):
        ALL.require_sibling("b", "")
    with pytest.raises(NoLayer):
        ALL.require_sibling("x", "a")


@pytest.mark.parametrize("entrance", [[], [layer("in", parent="x")]])
def test_of_layers_in_a_circle_one_stands_in_none(entrance: list[Layer]) -> None:
    x, y, z = layer("x", parent="z"), layer("y", parent="x"), layer("z", parent="y")
    layers = Layers([*entrance, A, x, y, z, layer("self", parent="self")])
    tops = [each.uid for each in layers.under("")]
    assert tops == ["a", "x", "self"]
    assert [each.uid for each in layers.whole("x")] == ["x", *(e.uid for e in entrance), "y", "z"]
    layers.require_place(layer("new", parent="z"))
    with pytest.raises(LayerFault, match="inside itself"):
        layers.require_place(layer("x", parent="z"))
