"""What stands in a mission beside things and files: map layers, external data, uids alone, a log.

A data package has entries for CoT and for files only. The rest stands in what an archive says of
its mission, which is somebody else's word: what cannot be is refused, or said to be left out.
"""

import json
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from starlette.exceptions import HTTPException

from accord.core.mission import Item, ItemKind, LogEntry
from accord.storage.mission_rows import WrittenItem
from accord.tak.marti.asked import refuse, text, texts
from accord.tak.marti.mission_json import log_json
from accord.tak.marti.mission_package import DESCRIPTION, LOG_LINES, MAX_LOG, BadPackage
from accord.wire.cot import xml

MAX_BESIDE = 4 << 20
"""Bytes of what an archive says beside its entries, and the log; of what is more, how many."""

MAX_LISTED = 20_000
"""Of one kind in an archive."""

MAX_FIELDS = 64
"""Fields of a map layer that a client says."""

OWN_FIELDS = 4
"""Fields of one that the node says: who put it there, and when."""

MAX_FIELD = 4096

MAX_URL = 4096
MAX_NOTES = 16_384

_EXTERNAL = {
    "uid": xml.MAX_UID, "name": 1024, "tool": 1024, "urlData": MAX_URL, "urlView": MAX_URL,
    "notes": MAX_NOTES,
}  # fmt: skip

MAX_KEYWORDS = 100
"""Of one thing or file."""

_UIDS, _MAPS, _DATA, _LEFT = "uids", "mapLayers", "externalData", "leftOut"
_WORDS = "itemKeywords"
_KEYS = {ItemKind.UID: _UIDS, ItemKind.MAP_LAYER: _MAPS, ItemKind.EXTERNAL: _DATA}
_NAMED_BY = {ItemKind.UID: "uid", ItemKind.HASH: "hash"}
"""What clients give keywords to, and what says which."""

_CALLED = {
    _UIDS: "things without CoT", _MAPS: "map layers", _DATA: "external data", "log": "entries",
    _WORDS: "things and files with keywords",
}  # fmt: skip

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Beside:
    """What was said to stand in a mission beside its entries, and what of it cannot be had."""

    items: Sequence[Item] = ()
    left_out: Sequence[str] = ()
    keywords: Mapping[tuple[ItemKind, str], tuple[str, ...]] = field(
        default_factory=dict[tuple[ItemKind, str], tuple[str, ...]]
    )

    def labelled(self, item: Item) -> Item:
        """Return an item with the keywords that were said to be its."""
        words = self.keywords.get((item.kind, item.name))
        return replace(item, keywords=words) if words else item


# Said in an archive


def beside_json(items: Iterable[WrittenItem], with_cot: Collection[str], log_left: int) -> Json:
    """Return what an archive says of items that it has no entry for, and the keywords of all.

    `log_left` lines of the log are not there.
    """
    said: dict[str, list[object]] = {key: [] for key in (*_KEYS.values(), _WORDS)}
    left = {**dict.fromkeys(said, 0), "log": log_left}
    room = MAX_BESIDE
    for each in items:
        kind = ItemKind(each.kind)
        if kind in _NAMED_BY and each.keywords != "[]":
            room -= len(each.name) + len(each.keywords)
            if room < 0:
                left[_WORDS] += 1
            else:
                words: object = json.loads(each.keywords)
                said[_WORDS].append({_NAMED_BY[kind]: each.name, "keywords": words})
        key = _KEYS.get(kind)
        if key is None or (kind is ItemKind.UID and each.name in with_cot):
            continue
        room -= len(each.name) + len(each.details)
        if room < 0:
            left[key] += 1
        else:
            said[key].append(each.name if kind is ItemKind.UID else json.loads(each.details))
    return {**said, _LEFT: {key: count for key, count in left.items() if count}}


def log_lines(log: Sequence[LogEntry], name: str) -> tuple[bytes, int]:
    """Return the log of a mission, an entry a line; and how many older ones have no room."""
    lines: list[bytes] = []
    room = MAX_LOG
    for entry in reversed(log):
        line = json.dumps(log_json(entry, [name]), ensure_ascii=False).encode() + b"\n"
        room -= len(line)
        if room < 0:
            break
        lines.append(line)
    return b"".join(reversed(lines)), len(log) - len(lines)


# Read from one


def read_log(data: bytes) -> list[Json]:
    """Return the entries of a log. BadPackage says which line is none."""
    if data.count(b"\n") > MAX_LISTED:
        raise BadPackage(f"{LOG_LINES} has more than {MAX_LISTED} lines")
    entries: list[Json] = []
    for number, line in enumerate(data.splitlines(), 1):
        try:
            said: object = json.loads(line)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise BadPackage(f"{LOG_LINES}: line {number} is no JSON object")
        entries.append(cast("Json", said))
    return entries


def read_beside(said: Json, known: Collection[str], by_uid: str, now: datetime) -> Beside:
    """Return what an archive of Accord says of items without an entry; `known` are uids with CoT.

    BadPackage for what cannot be.
    """
    try:
        uids = texts(said.get(_UIDS) or [], _UIDS, most=MAX_LISTED)
        items = [_thing(each, by_uid, now) for each in dict.fromkeys(uids) if each not in known]
        items += [_map_layer(each, by_uid, now) for each in _objects(said, _MAPS)]
        items += [_external(each, by_uid, now) for each in _objects(said, _DATA)]
        words = _keywords(said)
        found = Beside(items, _left_out(said), words)
        return replace(found, items=[found.labelled(each) for each in items])
    except HTTPException as error:
        raise BadPackage(f"{DESCRIPTION}: {error.detail}") from None


def read_answer(mission: Json, by_uid: str, now: datetime) -> Beside:
    """Return the map layers and external data in the answer of another server.

    What cannot be kept is left out.
    """
    items: list[Item] = []
    left_out: list[str] = []
    for key, made in ((_MAPS, _map_layer), (_DATA, _external)):
        for number, each in enumerate(_objects(mission, key), 1):
            try:
                items.append(made(each, by_uid, now))
            except HTTPException as error:
                left_out.append(f"{key}, number {number}: {error.detail}")
    return Beside(items, left_out)


def _objects(said: Json, key: str) -> list[Json]:
    given = said.get(key)
    listed = cast("list[object]", given) if isinstance(given, list) else [given] if given else []
    if len(listed) > MAX_LISTED or not all(isinstance(each, dict) for each in listed):
        raise BadPackage(f"{DESCRIPTION}: {key} is a list of at most {MAX_LISTED} objects")
    return cast("list[Json]", listed)


def _keywords(said: Json) -> dict[tuple[ItemKind, str], tuple[str, ...]]:
    found: dict[tuple[ItemKind, str], tuple[str, ...]] = {}
    for each in _objects(said, _WORDS):
        words = tuple(texts(each.get("keywords"), f"keywords in {_WORDS}", most=MAX_KEYWORDS))
        for kind, by in _NAMED_BY.items():
            if each.get(by) is not None:
                found[kind, text(each[by], by)] = words
    return found


def _left_out(said: Json) -> list[str]:
    given = said.get(_LEFT)
    counts = cast("Json", given) if isinstance(given, dict) else {}
    return [
        f"{count} {called}, for which the archive had no room"
        for key, called in _CALLED.items()
        if isinstance(count := counts.get(key), int)
    ]


def _thing(uid: str, by_uid: str, now: datetime) -> Item:
    if not 0 < len(uid) <= xml.MAX_UID:
        refuse(400, f"a uid has 1 to {xml.MAX_UID} characters")
    return Item(kind=ItemKind.UID, name=uid, at=now, creator_uid=by_uid)


def _map_layer(given: Json, by_uid: str, now: datetime) -> Item:
    said = map_said(given, most=MAX_FIELDS + OWN_FIELDS)
    uid = printable_uid(text(said.get("uid"), "uid"))
    details = {**said, "uid": uid, "creatorUid": by_uid}
    return Item(kind=ItemKind.MAP_LAYER, name=uid, at=now, creator_uid=by_uid, details=details)


def _external(given: Json, by_uid: str, now: datetime) -> Item:
    said = external_said({**given, "uid": given.get("uid") or given.get("id")})
    name = str(said["uid"])
    return Item(kind=ItemKind.EXTERNAL, name=name, at=now, creator_uid=by_uid, details=said)


# What may be said of each, by whichever way it comes


def printable_uid(said: str) -> str:
    """Return a uid that can be shown. 400 for another."""
    if not 0 < len(said) <= xml.MAX_UID or not said.isprintable():
        refuse(400, f"a uid has 1 to {xml.MAX_UID} characters to be printed")
    return said


def external_said(found: object) -> dict[str, object]:
    """Return what is said of external data. 400 for what cannot be."""
    given = cast("Json", found) if isinstance(found, dict) else {}
    said = {key: text(given.get(key) or "", key, most=most) for key, most in _EXTERNAL.items()}
    if not said["uid"] or not said["uid"].isprintable():
        refuse(400, "external data has a uid of characters to be printed")
    return dict(said)


def map_said(said: object, *, most: int = MAX_FIELDS) -> dict[str, object]:
    """Return what a body says of a map layer: texts, numbers and flags. 400 for anything else."""
    given = cast("Json", said) if isinstance(said, dict) else {}
    kept = {key: value for key, value in given.items() if value is not None}
    if not 0 < len(kept) <= most:
        refuse(400, f"a map layer is a JSON object of 1 to {most} fields")
    for key, value in kept.items():
        text(key, "a field's name", most=64)
        if isinstance(value, str):
            text(value, key, most=MAX_FIELD)
        elif not _is_plain(value):
            refuse(400, f"{key} is a text, a number, true or false")
    if not kept.get("name"):
        refuse(400, "a map layer has a name")
    return kept


def _is_plain(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
