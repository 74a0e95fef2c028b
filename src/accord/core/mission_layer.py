"""The layers of a mission: folders, what may stand in which, and in what order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from accord.core.errors import AccordError
from accord.core.mission import ItemKind

MAX_DEPTH = 16
"""Layers inside each other."""


class LayerFault(AccordError):
    """A layer cannot stand there; the text says why."""


class NoLayer(LayerFault):
    """There is no such layer, or nothing to stand in one, in the mission."""


def absent(uid: str) -> str:
    """Return in words that nothing of that uid is there, or nothing that somebody may know of."""
    return f"there is no {uid[:80]!r} of that kind in the mission"


class LayerKind(StrEnum):
    """What stands in a layer, by TAK Server's names; an ITEM is something of the mission itself."""

    GROUP = "GROUP"
    UID = "UID"
    CONTENTS = "CONTENTS"
    MAPLAYER = "MAPLAYER"
    ITEM = "ITEM"

    @property
    def holds(self) -> ItemKind | None:
        """The kind of items that stand in such a layer, None where there are none."""
        return _HOLDS.get(self)


_HOLDS = {
    LayerKind.UID: ItemKind.UID,
    LayerKind.CONTENTS: ItemKind.HASH,
    LayerKind.MAPLAYER: ItemKind.MAP_LAYER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer, or an item in one; `parent` is the uid of the layer it stands in, or empty."""

    uid: str
    name: str
    kind: LayerKind
    parent: str = ""


class Layers:
    """All layers of one mission, given in order.

    Of those that are said to stand in each other in a circle one stands in none: whatever goes
    through layers, up or down, comes to an end.
    """

    def __init__(self, layers: Iterable[Layer]) -> None:
        self._by_uid = {each.uid: each for each in layers}
        for each in _in_circles(self._by_uid):
            self._by_uid[each.uid] = replace(each, parent="")
        self._under: dict[str, list[Layer]] = {}
        for each in self._by_uid.values():
            self._under.setdefault(each.parent, []).append(each)

    def find(self, uid: str) -> Layer | None:
        """Return the layer of that uid, None where there is none."""
        return self._by_uid.get(uid)

    def one(self, uid: str) -> Layer:
        """Return the layer of that uid. NoLayer where there is none."""
        found = self._by_uid.get(uid)
        if found is None:
            raise NoLayer(absent(uid))
        return found

    def under(self, uid: str) -> list[Layer]:
        """Return what stands in a layer itself, in order; the empty uid is the mission."""
        return list(self._under.get(uid, ()))

    def whole(self, uid: str) -> list[Layer]:
        """Return a layer and everything in it, at any depth."""
        found = [self.one(uid)]
        for each in found:  # grows while it is gone through
            found += self._under.get(each.uid, ())
        return found

    def require_place(self, layer: Layer) -> None:
        """Raise LayerFault unless the layer may stand in its parent."""
        parent = self.one(layer.parent) if layer.parent else None
        if layer.kind is LayerKind.ITEM:
            self._require_item_place(layer, parent)
            return
        if parent is not None and parent.kind is LayerKind.ITEM:
            raise LayerFault("nothing stands in an item")
        above = self._above(layer)
        if above + self._height(layer.uid) > MAX_DEPTH:
            raise LayerFault(f"at most {MAX_DEPTH} layers stand inside each other")

    def _require_item_place(self, item: Layer, parent: Layer | None) -> None:
        holds = None if parent is None else parent.kind.holds
        if holds is None:
            raise LayerFault("an item stands in a layer of type UID, CONTENTS or MAPLAYER")
        known = self._by_uid.get(item.uid)
        if known is not None and self.one(known.parent).kind.holds is not holds:
            raise LayerFault("the item is of another kind than those in that layer")

    def _above(self, layer: Layer) -> int:
        """Return how many layers it would stand in. LayerFault where it is one of them."""
        count, uid = 0, layer.parent
        while uid:
            if uid == layer.uid:
                raise LayerFault("a layer cannot stand inside itself")
            count, uid = count + 1, self.one(uid).parent
        return count

    def _height(self, uid: str) -> int:
        """Return how many layers stand inside each other from this one on, itself too."""
        inside = [e.uid for e in self._under.get(uid, ()) if e.kind is not LayerKind.ITEM]
        return 1 + max((self._height(each) for each in inside), default=0)

    def require_sibling(self, after: str, parent: str) -> None:
        """Raise LayerFault unless the layer to stand after is in that parent."""
        if self.one(after).parent != parent:
            raise LayerFault("what it is to stand after is in another layer")


def _in_circles(by_uid: Mapping[str, Layer]) -> list[Layer]:
    """Return of each circle of layers one, without which there is none."""
    ends: set[str] = set()  # from here on it goes up to the mission itself, or is cut
    found: list[Layer] = []
    for uid in by_uid:
        way: dict[str, Layer] = {}
        each = by_uid.get(uid)
        while each is not None and each.uid not in ends and each.uid not in way:
            way[each.uid] = each
            each = by_uid.get(each.parent)
        if each is not None and each.uid in way:
            found.append(each)
        ends.update(way)
    return found
