"""How a mission is described: in its package by Accord, by TAK Server, and in TAK's JSON.

What describes is somebody else's word: what cannot be is refused, and who may see a mission or
write in it is never more here than it says.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from starlette.exceptions import HTTPException

from accord.core.mission import NEVER, ItemKind, Mission, MissionRole
from accord.core.mission_layer import MAX_DEPTH, Layer, LayerKind, Layers
from accord.core.principal import Group, Principal
from accord.storage.mission_rows import WrittenItem
from accord.tak.data_feeds import told
from accord.tak.marti.asked import refuse, text, texts
from accord.tak.marti.feed_said import FeedSaid, feeds_in_json
from accord.tak.marti.mission_package import DESCRIPTION, Archived, BadPackage
from accord.tak.marti.mission_said import ABOUT, MAX_ABOUT, MAX_KEYWORDS
from accord.wire.cot import xml

MAX_GROUPS = 10_000
MAX_LAYER_NAME = 512
MAX_DIGITS = 16

Json = dict[str, object]

_BY_TAK_SERVER = {
    "description": "description",
    "tool": "tool",
    "chatroom": "chatRoom",
    "bbox": "bbox",
    "path": "path",
    "classification": "classification",
    "bounding_polygon": "boundingPolygon",
}
"""Parameters of TAK Server's manifests, and as what clients say them (what 5.7 writes, and what it
reads where it restores a mission)."""

_READ_ONLY = "MISSION_READ_ONLY"
"""What OpenTAKServer calls the role that TAK Server calls `MISSION_READONLY_SUBSCRIBER`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a package says of its mission; layers stand parents first, `within` by their uids.

    `feeds` are data feeds of the node that it comes from, which another server's never are here.
    `groups` are those that saw it, empty where that is not said. Of a password nothing is known
    but that there was one.
    """

    name: str = ""
    keywords: tuple[str, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict[str, str])
    layers: tuple[Layer, ...] = ()
    within: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    feeds: tuple[FeedSaid, ...] = ()
    groups: frozenset[Group] = frozenset()
    role: MissionRole | None = None
    has_password: bool = False
    invite_only: bool = False
    expires: int = NEVER

    def expires_after(self, now: datetime) -> int:
        """Return when the mission is to end, never where that time is over."""
        return self.expires if self.expires > now.timestamp() else NEVER

    def groups_for(self, by: Principal) -> frozenset[Group]:
        """Return the groups that are to see it if nobody says which: no more than it had.

        BadPackage where he speaks in none of them.
        """
        groups = self.groups & by.speaks_in if self.groups else by.speaks_in
        if not groups:
            said = ", ".join(sorted(self.groups)[:10])
            raise BadPackage(f"it was seen by {said}, and {by.name} speaks in none of these groups")
        return groups


def description(
    mission: Mission, layers: Layers, items: Iterable[WrittenItem], by: Principal
) -> Mapping[str, object]:
    """Return what a package says of its mission; `items` are those that may be known of.

    Groups are those of whoever it is for, and of group roles nothing is said.
    """
    known = list(items)
    seen = {(each.kind, each.name) for each in known}
    return {
        "name": mission.name,
        "keywords": list(mission.keywords),
        **{key: mission.about[key] for key in ABOUT if key in mission.about},
        "groups": sorted(mission.groups & (by.hears | by.speaks_in)),
        "defaultRole": mission.default_role,
        "inviteOnly": mission.invite_only,
        "passwordProtected": bool(mission.password),
        "expiration": mission.expires,
        "feeds": [told(json.loads(e.details)) for e in known if e.kind == ItemKind.FEED],
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
        feeds = feeds_in_json(said.get("feeds") or [])
        return replace(_described(said), layers=tuple(layers), within=within, feeds=feeds)
    except HTTPException as error:
        raise BadPackage(f"{DESCRIPTION}: {error.detail}") from None


def of_answer(mission: Json) -> Description:
    """Return what a server of TAK's says of a mission (`GET /Marti/api/missions/NAME`).

    Read from the answers of TAK Server 5.7 and OpenTAKServer 1.7. BadPackage says what cannot be.
    """
    try:
        return _described(mission)
    except HTTPException as error:
        raise BadPackage(f"{DESCRIPTION}: {error.detail}") from None


def of_manifest(archived: Archived) -> Description:
    """Return what TAK Server's manifest says of the mission that it archived.

    By its public source, 5.7: `MissionServiceDefaultImpl.archiveMission`, and what
    `DistributedRetentionQueryManager.restoreMission` reads.
    """
    said = archived.said
    told: Json = {key: said[name] for name, key in _BY_TAK_SERVER.items() if name in said}
    told |= {
        "name": said["mission_name"],
        "groups": list(archived.groups),
        "defaultRole": archived.role,
        "inviteOnly": said.get("invite_only", "").lower() == "true",
        "passwordProtected": bool(said.get("password_hash")),
        "expiration": _seconds(said.get("expiration", "")),
    }
    try:
        return _described(told)
    except HTTPException as error:
        raise BadPackage(f"the manifest: {error.detail}") from None


def _seconds(said: str) -> int:
    return int(said) if said.isascii() and said.isdigit() and len(said) < MAX_DIGITS else NEVER


def _described(said: Json) -> Description:
    """Return what all of them say by the same keys. 400 for what is no such thing."""
    expires = said.get("expiration")
    return Description(
        name=text(said.get("name") or "", "name"),
        keywords=tuple(texts(said.get("keywords") or [], "keywords", most=MAX_KEYWORDS)),
        about={
            key: text(said[key], key, most=MAX_ABOUT)
            for key in ABOUT
            if said.get(key) not in (None, "")
        },
        groups=frozenset(_groups(said.get("groups") or [])),
        role=_role(said.get("defaultRole")),
        has_password=bool(said.get("passwordProtected")),
        invite_only=bool(said.get("inviteOnly")),
        expires=expires if isinstance(expires, int) else NEVER,
    )


def _groups(said: object) -> list[str]:
    """Return names of groups: OpenTAKServer says each with its number, others the name alone."""
    given = cast("list[object]", said) if isinstance(said, list) else [None]
    names = [cast("Json", each).get("name") if isinstance(each, dict) else each for each in given]
    return texts(names, "groups", most=MAX_GROUPS)


def _role(said: object) -> MissionRole | None:
    """Return a role as it is said, by its name or with its permissions; None where it is not.

    400 for one that there is not: it is not guessed who may write.
    """
    named = cast("Json", said).get("type") if isinstance(said, dict) else said
    if not named:
        return None
    if named == _READ_ONLY:
        return MissionRole.READ_ONLY
    if named not in list(MissionRole):
        refuse(400, f"defaultRole is one of {', '.join(MissionRole)}")
    return MissionRole(str(named))


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
        within[layer.uid] = tuple(inside)
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
