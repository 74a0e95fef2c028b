"""What is in data packages, taken into missions: things, files, and how a mission was described.

Everything in a package is somebody else's word. What cannot be is refused with what and where.
"""

import hashlib
import json
import mimetypes
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import cast

from starlette.exceptions import HTTPException

from accord.core.body import Removal
from accord.core.errors import AccordError
from accord.core.mission import Item, ItemKind, Mission
from accord.core.mission_layer import MAX_DEPTH, Layer, LayerKind, Layers
from accord.core.principal import Principal
from accord.core.report import Report, Source
from accord.storage.files import PRIVATE, About, FileStore
from accord.storage.mission_layers import LayerStore
from accord.storage.mission_rows import WrittenItem
from accord.storage.missions import MissionStore
from accord.tak.marti import file_json
from accord.tak.marti.asked import text, texts
from accord.tak.marti.files import file_name
from accord.tak.marti.mission_json import ABOUT
from accord.tak.marti.mission_package import (
    DESCRIPTION,
    Attached,
    BadPackage,
    Described,
    Thing,
    unpack,
)
from accord.tak.mission_notices import CHANNEL
from accord.tak.missions import details
from accord.wire.cot import xml
from accord.wire.cot.message import CotEvent
from accord.wire.cot.translate import to_report, to_xml
from accord.wire.errors import WireError

MAX_KEYWORDS = 100
MAX_LAYER_NAME = 512

Json = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a package says of its mission; layers stand parents first, `within` by their uids."""

    name: str = ""
    keywords: tuple[str, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict[str, str])
    layers: tuple[Layer, ...] = ()
    within: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What was in a package; the hashes of its files are `claimed` until they are let go."""

    items: Sequence[Item]
    claimed: Sequence[str]
    description: Description


class Packages:
    """Takes what is in packages. Its methods are for threads."""

    def __init__(
        self, files: FileStore, node: str, is_anothers: Callable[[Principal, str], bool]
    ) -> None:
        self.files = files
        self._node = node
        self._is_anothers = is_anothers

    def take(self, package: Path, by: Principal, by_uid: str, now: datetime) -> Taken:
        """Return everything in a package, its files kept under who brings it; all or nothing.

        `release` it when it is in a mission, or in none. BadPackage, and Full where there is no
        room for a file.
        """
        places: list[Path] = []
        claimed: list[str] = []

        def place() -> Path:
            places.append(self.files.incoming())
            return places[-1]

        try:
            found = list(unpack(package, place, limit=self.files.settings.max_file))
            items = [
                self._thing(by, each.event, by_uid, now)
                for each in found
                if isinstance(each, Thing)
            ]
            files = [(each, _named(each)) for each in found if isinstance(each, Attached)]
            said = [each.data for each in found if isinstance(each, Described)]
            description = read_description(said[0]) if said else Description()
            for each, name in files:
                items.append(self.file(each.path, name, by, by_uid, now, claimed))
            return Taken(items=items, claimed=claimed, description=description)
        except AccordError:
            self.files.release(claimed)
            raise
        finally:
            for each in places:
                each.unlink(missing_ok=True)

    def release(self, taken: Taken) -> None:
        """Keep the files that came with a package as long as a mission holds them."""
        self.files.release(taken.claimed)

    def file(
        self, path: Path, name: str, by: Principal, by_uid: str, now: datetime, claimed: list[str]
    ) -> Item:
        """Return an item for a file, claimed, and kept unless he has it."""
        with path.open("rb") as data:
            sha256 = hashlib.file_digest(data, "sha256").hexdigest()
        self.files.claim([sha256])
        claimed.append(sha256)
        for known in self.files.all(now, sha256=sha256):
            if (known.about.name, known.about.submitter) == (name, by.name):
                said = file_json.resource(known)
                break
        else:
            about = About(
                name=name,
                mime=mimetypes.guess_type(name)[0] or "application/octet-stream",
                tool=PRIVATE,  # it is found in the mission
                keywords=(),
                submitter=by.name,
                creator_uid=by_uid,
                groups=frozenset(),  # who may read the mission has it, and nobody else
            )
            stored = self.files.keep(path, sha256, about, now)
            said = file_json.resource(stored)
        return Item(kind=ItemKind.HASH, name=sha256, at=now, creator_uid=by_uid, details=said)

    def _thing(self, by: Principal, event: CotEvent, by_uid: str, now: datetime) -> Item:
        """Return an item for an event. BadPackage where it is of an exercise that is not his."""
        source = Source(node=self._node, channel=CHANNEL, speaker=by.name)
        try:
            report = to_report(event, source=source, groups=by.speaks_in, received=now)
            written = to_xml(report)
        except WireError as error:
            raise BadPackage(f"{event.uid!r} cannot be taken: {error}") from None
        self._require_own(by, report)
        if not by.takes_part_in(report.context):
            raise BadPackage(
                f"{event.uid!r} is of {report.context}, in which {by.name} takes no part"
            )
        return Item(
            kind=ItemKind.UID,
            name=report.uid,
            at=now,
            creator_uid=by_uid,
            details=details(event),
            context=report.context,
            event=written,
            time=report.time.timestamp(),
        )

    def _require_own(self, by: Principal, report: Report) -> None:
        """BadPackage for what speaks as another's client, or ends it, as on the stream."""
        target = report.body.target if isinstance(report.body, Removal) else None
        for uid in (report.uid, report.author, target):
            if uid is not None and self._is_anothers(by, uid):
                raise BadPackage(f"{report.uid!r} is said in the name of another person's client")


def _named(each: Attached) -> str:
    try:
        return file_name(each.name)
    except HTTPException as error:
        raise BadPackage(f"{each.name[:200]!r}: {error.detail}") from None


def fill(store: MissionStore, layers: LayerStore, guid: str, taken: Taken) -> None:
    """Put everything that was taken into a new mission, in its layers. Full, LayerFault."""
    store.put(guid, taken.items)
    described = taken.description
    if described.layers:
        layers.begin(guid, described.layers, described.within)


# How a mission is described in its package


def description(
    mission: Mission, layers: Layers, items: Iterable[WrittenItem]
) -> Mapping[str, object]:
    """Return what a package says of its mission; `items` are those that may be known of."""
    seen = {(each.kind, each.name) for each in items}
    return {
        "name": mission.name,
        "keywords": list(mission.keywords),
        **{key: mission.about[key] for key in ABOUT if key in mission.about},
        "layers": [_layer_json(layers, each, seen) for each in _folders(layers)],
    }


def _folders(layers: Layers) -> Iterator[Layer]:
    """Yield the layers that are folders, parents first, in their order."""
    for top in layers.under(""):
        yield from (each for each in layers.whole(top.uid) if each.kind is not LayerKind.ITEM)


def _layer_json(layers: Layers, layer: Layer, seen: set[tuple[str, str]]) -> Json:
    inside = [
        each.uid
        for each in layers.under(layer.uid)
        if each.kind is LayerKind.ITEM and (str(layer.kind.holds), each.uid) in seen
    ]
    return {
        "uid": layer.uid, "name": layer.name, "type": layer.kind, "parentUid": layer.parent,
        "items": inside,
    }  # fmt: skip


def read_description(data: bytes) -> Description:
    """Return what a package says of its mission. BadPackage says where it is none."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise BadPackage(f"{DESCRIPTION} is no JSON") from None
    if not isinstance(found, dict):
        raise BadPackage(f"{DESCRIPTION} is no JSON object")
    said = cast("Json", found)
    try:
        layers, within = _layers(said.get("layers") or [])
        return Description(
            name=text(said.get("name") or "", "name"),
            keywords=tuple(texts(said.get("keywords") or [], "keywords", most=MAX_KEYWORDS)),
            about={key: text(said[key], key, most=16_384) for key in ABOUT if key in said},
            layers=tuple(layers),
            within=within,
        )
    except HTTPException as error:
        raise BadPackage(f"{DESCRIPTION}: {error.detail}") from None


def _layers(said: object) -> tuple[list[Layer], dict[str, tuple[str, ...]]]:
    given = cast("list[object]", said) if isinstance(said, list) else [None]
    layers: list[Layer] = []
    within: dict[str, tuple[str, ...]] = {}
    depth = {"": 0}
    filed: set[str] = set()
    for number, one in enumerate(given, 1):
        where = f"{DESCRIPTION}: layer {number}"
        each = cast("Json", one) if isinstance(one, dict) else {}
        layer = _layer(each, where)
        inside = texts(each.get("items") or [], "items")
        if layer.uid in depth or layer.parent not in depth:
            raise BadPackage(f"{where} is there twice, or stands in a layer that is not before it")
        depth[layer.uid] = depth[layer.parent] + 1
        if depth[layer.uid] > MAX_DEPTH:
            raise BadPackage(f"{where} stands deeper than {MAX_DEPTH} layers")
        if not filed.isdisjoint(inside) or len(set(inside)) < len(inside):
            raise BadPackage(f"{where} has something in it that stands elsewhere already")
        filed.update(inside)
        layers.append(layer)
        within[layer.uid] = tuple(inside) if layer.kind.holds is not ItemKind.MAP_LAYER else ()
    if not filed.isdisjoint(depth):
        raise BadPackage(f"{DESCRIPTION}: a layer has the uid of something in the mission")
    return layers, within


def _layer(said: Json, where: str) -> Layer:
    kind = said.get("type")
    if kind not in list(LayerKind) or kind == LayerKind.ITEM:
        raise BadPackage(f"{where} is of no type that there is: GROUP, UID, CONTENTS, MAPLAYER")
    uid, name = text(said.get("uid"), "uid"), text(said.get("name"), "name", most=MAX_LAYER_NAME)
    if not (0 < len(uid) <= xml.MAX_UID and uid.isprintable() and name and name.isprintable()):
        raise BadPackage(f"{where} has a uid or a name that cannot be")
    parent = text(said.get("parentUid") or "", "parentUid")
    return Layer(uid=uid, name=name, kind=LayerKind(str(kind)), parent=parent)
