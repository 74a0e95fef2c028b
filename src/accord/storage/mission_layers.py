"""The layers of missions in the file of `TakFile`, beside the missions themselves.

Every method may be called by any thread; TakFault says why it cannot be done. What cannot stand
where it is put is a LayerFault, and nothing is changed then.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from accord.core.context import Context
from accord.core.mission import ItemKind, MissionChange
from accord.core.mission_layer import Layer, LayerFault, LayerKind, Layers, NoLayer, absent
from accord.storage.missions import MissionStore
from accord.storage.tak_file import Full, TakFile

FIRST = None
"""Stands for the place before all others; the empty text for that after them."""


class LayerStore:
    """The layers of the missions of a node."""

    def __init__(self, file: TakFile, missions: MissionStore) -> None:
        self._file = file
        self._missions = missions

    def all(self, guid: str) -> Layers:
        """Return the layers of a mission."""
        with self._file.look() as rows:
            return _read(rows, guid)

    def make(self, guid: str, layer: Layer, after: str) -> Layer:
        """Keep a new layer, or move the one that is there under its uid; return it as it is then.

        Full where there are too many.
        """
        with self._file.change() as rows:
            layers = _read(rows, guid)
            known = layers.find(layer.uid)
            if known is not None and known.kind is not layer.kind:
                raise LayerFault(f"there is a layer of type {known.kind} with that uid")
            layer = layer if known is None else replace(known, parent=layer.parent)
            layers.require_place(layer)
            if layer.kind is LayerKind.ITEM:
                _require_item(rows, guid, layer, layers)
            elif known is None:
                self._require_room(rows, guid)
            _put(rows, guid, layers, layer, after)
        return layer

    def begin(
        self, guid: str, layers: Sequence[Layer], within: Mapping[str, Sequence[str]]
    ) -> None:
        """Keep the layers of a mission that has none yet, in order, parents first; all or none.

        `within` are the items that stand in each, by its uid. Full, and NoLayer for an item that
        is not in the mission.
        """
        most = self._missions.settings.max_layers
        if len(layers) > most:
            raise Full(f"{len(layers)} layers are more than a mission may have, which is {most}")
        items = [
            Layer(uid=name, name=name, kind=LayerKind.ITEM, parent=each.uid)
            for each in layers
            for name in within.get(each.uid, ())
        ]
        known = Layers(layers)
        with self._file.change() as rows:
            for item in items:
                _require_item(rows, guid, item, known)
            rows.executemany(
                "INSERT INTO mission_layer (mission, uid, name, kind, parent, place) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (guid, each.uid, each.name, each.kind, each.parent, place)
                    for place, each in enumerate((*layers, *items), 1)
                ],
            )

    def _require_room(self, rows: sqlite3.Connection, guid: str) -> None:
        most = self._missions.settings.max_layers
        count = rows.execute(
            "SELECT count(*) FROM mission_layer WHERE mission = ? AND kind != 'ITEM'", (guid,)
        ).fetchone()[0]
        if count >= most:
            raise Full(f"the mission has {count} layers, which is its limit")

    def rename(self, guid: str, uid: str, name: str) -> Layer:
        """Give a layer another name; return it as it is then."""
        with self._file.change() as rows:
            layer = replace(_read(rows, guid).one(uid), name=name)
            rows.execute(
                "UPDATE mission_layer SET name = ? WHERE mission = ? AND uid = ?", (name, guid, uid)
            )
        return layer

    def place(self, guid: str, uid: str, after: str | None) -> Layer:
        """Put a layer after another of its parent, or before all of them; return it."""
        with self._file.change() as rows:
            layers = _read(rows, guid)
            layer = layers.one(uid)
            _put(rows, guid, layers, layer, after)
        return layer

    def move(self, guid: str, uids: Sequence[str], parent: str, after: str) -> list[Layer]:
        """Put layers into a parent in that order, all or none; return them as they are then."""
        moved: list[Layer] = []
        with self._file.change() as rows:
            for uid in uids:
                layers = _read(rows, guid)
                layer = replace(layers.one(uid), parent=parent)
                layers.require_place(layer)
                _put(rows, guid, layers, layer, after)
                moved.append(layer)
                after = uid
        return moved

    def file(
        self, guid: str, uid: str, items: Sequence[tuple[ItemKind, str]], after: str
    ) -> Layer | None:
        """Let items of the mission stand in a layer, in that order; return the layer.

        None where all of them stand there already. NoLayer where there is no such layer, or one of
        them is not in the mission.
        """
        with self._file.change() as rows:
            layers = _read(rows, guid)
            new = _to_file(layers, uid, items)
            if not after:
                new = [each for each in new if layers.find(each.uid) != each]
            for each in new:
                layers.require_place(each)
                _require_item(rows, guid, each, layers)
            if after:
                layers.require_sibling(after, uid)
            _insert(rows, guid, new, uid, after)
        return layers.one(uid) if new else None

    def remove(
        self,
        guid: str,
        uids: Sequence[str],
        creator_uid: str,
        now: datetime,
        *,
        sees: Callable[[Context], bool],
    ) -> tuple[list[Layer], list[MissionChange]]:
        """Take layers out with everything in them, and its items out of the mission; all or none.

        What whoever does it does not see stays in the mission, in no layer.
        """
        gone: list[Layer] = []
        changes: list[MissionChange] = []
        with self._file.change() as rows:
            layers = _read(rows, guid)
            taken = {e.uid: e for uid in uids for e in layers.whole(uid)}
            gone = [layers.one(uid) for uid in dict.fromkeys(uids)]
            which = [
                (holds, each.uid)
                for each in taken.values()
                if each.kind is LayerKind.ITEM
                and (holds := layers.one(each.parent).kind.holds) is not None
            ]
            seen = [each for each in which if _is_seen(rows, guid, each, sees)]
            changes = self._missions.removed(rows, guid, seen, creator_uid, now)
            rows.executemany(
                "DELETE FROM mission_layer WHERE mission = ? AND uid = ?",
                [(guid, each) for each in taken],
            )
        return gone, changes


def _read(rows: sqlite3.Connection, guid: str) -> Layers:
    found = rows.execute(
        "SELECT uid, name, kind, parent FROM mission_layer WHERE mission = ? ORDER BY place, uid",
        (guid,),
    ).fetchall()
    return Layers(
        Layer(uid=uid, name=name, kind=LayerKind(kind), parent=parent)
        for uid, name, kind, parent in found
    )


def _to_file(layers: Layers, uid: str, items: Sequence[tuple[ItemKind, str]]) -> list[Layer]:
    """Return the items as what is to stand in a layer. LayerFault where they cannot."""
    kind = layers.one(uid).kind
    if any(each is not kind.holds for each, _ in items):
        raise LayerFault(f"in a layer of type {kind} stands nothing of that kind")
    names = dict.fromkeys(name for _, name in items)
    for name in names:
        known = layers.find(name)
        if known is not None and known.kind is not LayerKind.ITEM:
            raise LayerFault("there is a layer with the uid of an item")
    return [Layer(uid=each, name=each, kind=LayerKind.ITEM, parent=uid) for each in names]


def _require_item(rows: sqlite3.Connection, guid: str, item: Layer, layers: Layers) -> None:
    row = rows.execute(
        "SELECT 1 FROM mission_item WHERE mission = ? AND kind = ? AND name = ?",
        (guid, layers.one(item.parent).kind.holds, item.uid),
    ).fetchone()
    if row is None:
        raise NoLayer(absent(item.uid))


def _is_seen(
    rows: sqlite3.Connection,
    guid: str,
    which: tuple[ItemKind, str],
    sees: Callable[[Context], bool],
) -> bool:
    row = rows.execute(
        "SELECT context FROM mission_item WHERE mission = ? AND kind = ? AND name = ?",
        (guid, *which),
    ).fetchone()
    return row is not None and sees(Context.parse(row[0]))


def _put(
    rows: sqlite3.Connection, guid: str, layers: Layers, layer: Layer, after: str | None
) -> None:
    """Keep a layer in its place."""
    if after == layer.uid:
        raise LayerFault("a layer cannot stand after itself")
    if after:
        layers.require_sibling(after, layer.parent)
    _insert(rows, guid, [layer], layer.parent, after)


def _insert(
    rows: sqlite3.Connection, guid: str, layers: Sequence[Layer], parent: str, after: str | None
) -> None:
    """Keep layers in one parent, in order, after one of those that are there."""
    # Out first, so that none of them is what the others are moved for.
    gone = [(guid, each.uid) for each in layers if each.uid != after]
    rows.executemany("DELETE FROM mission_layer WHERE mission = ? AND uid = ?", gone)
    last = rows.execute(
        "SELECT coalesce(max(place), 0) FROM mission_layer WHERE mission = ? AND parent = ? "
        "AND (? IS NULL OR ? = '' OR uid = ?)",
        (guid, parent, after, after, after),
    ).fetchone()[0]
    begin = 0 if after is FIRST else last
    rows.execute(
        "UPDATE mission_layer SET place = place + ? WHERE mission = ? AND parent = ? AND place > ?",
        (len(layers), guid, parent, begin),
    )
    rows.executemany(
        "INSERT OR REPLACE INTO mission_layer (mission, uid, name, kind, parent, place) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        [
            (guid, each.uid, each.name, each.kind, parent, begin + number)
            for number, each in enumerate(layers, 1)
        ],
    )
