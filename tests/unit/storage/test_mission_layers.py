from collections.abc import Sequence
from pathlib import Path

import pytest

from accord.core.context import LIVE, Context, ContextKind
from accord.core.mission import ChangeType, Item, ItemKind, Mission
from accord.core.mission_layer import Layer, LayerFault, LayerKind, NoLayer
from accord.storage.mission_layers import FIRST, LayerStore
from accord.storage.missions import MissionSettings, MissionStore
from accord.storage.tak_file import Full, TakFile
from support.clock import START

G = "g1"


def item(name: str, context: Context = LIVE) -> Item:
    return Item(kind=ItemKind.UID, name=name, at=START, creator_uid="U", context=context)


@pytest.fixture
def missions(tmp_path: Path) -> MissionStore:
    file = TakFile(tmp_path / "tak.sqlite")
    file.prepare()
    store = MissionStore(file, MissionSettings(max_layers=4))
    for guid in (G, "g2"):
        store.create(
            Mission(
                guid=guid, name=guid, creator="kiwi", creator_uid="U", groups=frozenset({"Blue"}),
                made=START, edited=START,
            )
        )  # fmt: skip
    return store


@pytest.fixture
def store(missions: MissionStore, tmp_path: Path) -> LayerStore:
    return LayerStore(TakFile(tmp_path / "tak.sqlite"), missions)


def make(
    store: LayerStore, *uids: str, kind: LayerKind = LayerKind.GROUP, parent: str = ""
) -> list[Layer]:
    layers = [Layer(uid=each, name=each, kind=kind, parent=parent) for each in uids]
    return [store.make(G, each, "") for each in layers]


def order(store: LayerStore, parent: str = "") -> list[str]:
    return [each.uid for each in store.all(G).under(parent)]


def things(*names: str) -> Sequence[tuple[ItemKind, str]]:
    return [(ItemKind.UID, each) for each in names]


def test_layers_stay_in_the_order_in_which_they_were_put(store: LayerStore) -> None:
    make(store, "a", "b", "c")
    assert order(store) == ["a", "b", "c"]
    for uid, after, wanted in (
        ("c", FIRST, "cab"), ("c", "a", "acb"), ("a", "", "cba"), ("b", "a", "cab"),
        ("b", "c", "cba"), ("b", "c", "cba"),
    ):  # fmt: skip
        store.place(G, uid, after)
        assert order(store) == list(wanted)
    store.make(G, Layer(uid="d", name="d", kind=LayerKind.GROUP), "c")
    assert order(store) == list("cdba")
    assert store.all("g2").under("") == []


def test_layers_move_together_or_not_at_all(store: LayerStore) -> None:
    make(store, "a", "b", "c", "d")
    moved = store.move(G, ["c", "b"], "a", "")
    assert [(each.uid, each.parent) for each in moved] == [("c", "a"), ("b", "a")]
    assert (order(store), order(store, "a")) == (["a", "d"], ["c", "b"])
    with pytest.raises(LayerFault):
        store.move(G, ["d", "a"], "b", "")
    with pytest.raises(LayerFault):
        store.place(G, "a", "a")
    assert (order(store), order(store, "a")) == (["a", "d"], ["c", "b"])


def test_a_limit_of_layers_does_not_count_what_is_in_them(
    store: LayerStore, missions: MissionStore
) -> None:
    make(store, "a", "b", "c", kind=LayerKind.UID)
    missions.put(G, [item("ONE"), item("TWO")])
    assert store.file(G, "a", things("ONE", "TWO"), "") is not None
    make(store, "d")
    with pytest.raises(Full, match="4 layers"):
        make(store, "e")
    make(store, "d", parent="a")  # it is there already: it moves
    assert order(store, "a") == ["ONE", "TWO", "d"]


def test_what_is_filed_is_in_the_mission_and_stands_in_one_layer_only(
    store: LayerStore, missions: MissionStore
) -> None:
    make(store, "a", "b", kind=LayerKind.UID)
    make(store, "f", kind=LayerKind.CONTENTS)
    missions.put(G, [item(each) for each in ("ONE", "TWO", "THREE", "b")])
    filed = store.file(G, "a", things("ONE", "TWO", "ONE"), "")
    assert filed is not None
    assert filed.uid == "a"
    assert store.file(G, "a", things("ONE", "TWO"), "") is None  # it stands there
    store.file(G, "a", things("THREE"), "ONE")
    store.file(G, "a", things("THREE", "TWO"), "ONE")
    assert order(store, "a") == ["ONE", "THREE", "TWO"]
    store.file(G, "b", things("TWO"), "")
    assert (order(store, "a"), order(store, "b")) == (["ONE", "THREE"], ["TWO"])
    for uid, which, after in (
        ("x", things("ONE"), ""), ("a", things("NONE"), ""), ("a", things("TWO"), "x"),
    ):  # fmt: skip
        with pytest.raises(NoLayer):
            store.file(G, uid, which, after)
    for uid, which, after in (
        ("f", things("ONE"), ""), ("a", things("b"), ""), ("a", things("TWO"), "b"),
    ):  # fmt: skip
        with pytest.raises(LayerFault):
            store.file(G, uid, which, after)
    assert (order(store, "a"), order(store, "b")) == (["ONE", "THREE"], ["TWO"])
    missions.remove(G, things("ONE"), "U", START)
    assert order(store, "a") == ["THREE"]


def test_a_layer_goes_with_what_is_in_it_but_for_what_is_not_seen(
    store: LayerStore, missions: MissionStore
) -> None:
    make(store, "a")
    make(store, "b", kind=LayerKind.UID, parent="a")
    make(store, "c", kind=LayerKind.UID)
    drill = Context(ContextKind.EXERCISE, "TASMAN")
    missions.put(G, [item("ONE"), item("DRILL", drill), item("KEPT")])
    store.file(G, "b", things("ONE", "DRILL"), "")
    store.file(G, "c", things("KEPT"), "")
    with pytest.raises(NoLayer):
        store.remove(G, ["a", "x"], "U", START, sees=lambda _: True)
    gone, changes = store.remove(G, ["a", "a"], "U", START, sees=lambda context: context != drill)
    assert [each.uid for each in gone] == ["a"]
    assert [(e.type, e.item and e.item.name) for e in changes] == [
        (ChangeType.REMOVE_CONTENT, "ONE")
    ]
    assert order(store) == ["c"]
    assert store.all(G).find("DRILL") is None
    assert [each.name for each in missions.items(G)] == ["DRILL", "KEPT"]


def test_one_uid_is_one_layer_of_one_type(store: LayerStore) -> None:
    (first,) = make(store, "a")
    with pytest.raises(LayerFault, match="of type GROUP"):
        make(store, "a", kind=LayerKind.UID)
    named = store.rename(G, "a", "Other")
    assert (first.name, named.name) == ("a", "Other")
    assert store.all(G).one("a") == named
    with pytest.raises(NoLayer):
        store.rename(G, "x", "y")


def test_layers_go_with_their_mission(store: LayerStore, missions: MissionStore) -> None:
    make(store, "a")
    missions.delete(G, START)
    assert order(store) == []
