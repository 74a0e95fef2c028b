"""Missions as TAK clients read them.

What a mission has many of is not made into values and back: each goes out as it is kept.
"""

import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache

from accord.core.context import Context
from accord.core.mission import (
    Invitation,
    ItemKind,
    LogEntry,
    Mission,
    MissionRole,
    Subscription,
)
from accord.core.mission_layer import Layer, LayerKind, Layers
from accord.core.principal import Principal
from accord.storage.mission_rows import WrittenChange, WrittenItem
from accord.tak.data_feeds import DataFeeds, told
from accord.tak.marti.asked import refuse, spell, text, texts
from accord.tak.marti.file_json import spell_unpadded
from accord.tak.marti.long_json import Parts, encode

Json = dict[str, object]

MAX_CONTENT = 16_384
"""Characters of an entry of a log."""


def sight(by: Principal) -> Callable[[str], bool]:
    """Return what tells whether somebody takes part in a context, as that is kept."""

    @cache
    def sees(context: str) -> bool:
        return by.takes_part_in(Context.parse(context))

    return sees


def mission_json(
    mission: Mission, items: Iterable[WrittenItem], by: Principal, feeds: DataFeeds
) -> Json:
    """Return a mission with what is in it, as far as somebody may know of that."""
    knows = feeds.known_to(by)
    seen = {kind: list[WrittenItem]() for kind in ItemKind}
    for each in items:
        if knows(each):
            seen[ItemKind(each.kind)].append(each)
    about = {"description": "", "tool": "public", **mission.about}
    return {
        "name": mission.name,
        **about,
        "keywords": list(mission.keywords),
        "creatorUid": mission.creator_uid,
        "createTime": spell(mission.made),
        "lastEdited": spell(mission.edited),
        "groups": sorted(mission.groups & (by.hears | by.speaks_in)),
        "externalData": Parts([each.details for each in seen[ItemKind.EXTERNAL]]),
        "feeds": Parts([feed_json(each.details) for each in seen[ItemKind.FEED]]),
        "mapLayers": Parts([each.details for each in seen[ItemKind.MAP_LAYER]]),
        "defaultRole": role_json(mission.default_role),
        **_group_roles(mission, by),
        "inviteOnly": mission.invite_only,
        "expiration": mission.expires,
        "guid": mission.guid,
        "uids": Parts([_item(each) for each in seen[ItemKind.UID]]),
        "contents": Parts([_item(each) for each in seen[ItemKind.HASH]]),
        "passwordProtected": bool(mission.password),
    }


def feed_json(details: str) -> str:
    """Return a data feed in a mission as it is told, of what is kept of it."""
    return encode(told(json.loads(details)))


def _item(item: WrittenItem) -> str:
    is_thing = item.kind == ItemKind.UID
    data = encode(item.name) if is_thing else item.details
    keywords = f',"keywords":{item.keywords}' if item.keywords != "[]" else ""
    details = f',"details":{item.details}' if is_thing and item.details != "{}" else ""
    return (
        f'{{"data":{data},"timestamp":"{_spell(item.at)}",'
        f'"creatorUid":{encode(item.creator_uid)}{keywords}{details}}}'
    )


def _spell(at: float) -> str:
    moment = datetime.fromtimestamp(at, UTC).replace(tzinfo=None)
    return f"{moment.isoformat(timespec='milliseconds')}Z"


def _group_roles(mission: Mission, by: Principal) -> Json:
    """Return the default roles of his groups that have one of their own; ours, and not TAK's."""
    his = {g: r for g, r in mission.group_roles.items() if g in by.hears | by.speaks_in}
    return {"groupRoles": {group: role_json(his[group]) for group in sorted(his)}} if his else {}


def layers_json(
    layers: Layers, parent: str, items: Iterable[WrittenItem], by: Principal
) -> list[Json]:
    """Return the layers in a layer, with what is in them as far as somebody may see it.

    The empty parent is the mission itself. What is empty is left out, as clients expect it.
    """
    seen = _seen(items, by)
    told = (each for each in layers.under(parent) if each.kind is not LayerKind.ITEM)
    return [_layer(layers, each, seen) for each in told]


def layer_json(layers: Layers, layer: Layer, items: Iterable[WrittenItem], by: Principal) -> Json:
    """Return one layer in the same way."""
    seen = _seen(items, by)
    return _layer(layers, layer, seen)


def _seen(items: Iterable[WrittenItem], by: Principal) -> dict[tuple[str, str], WrittenItem]:
    sees = sight(by)
    return {(each.kind, each.name): each for each in items if sees(each.context)}


_IN_LAYERS = {
    LayerKind.UID: "uids", LayerKind.CONTENTS: "contents", LayerKind.MAPLAYER: "maplayers",
}  # fmt: skip


def _layer(layers: Layers, layer: Layer, seen: Mapping[tuple[str, str], WrittenItem]) -> Json:
    said: Json = {"name": layer.name, "type": layer.kind, "uid": layer.uid}
    if layer.parent:
        said["parentUid"] = layer.parent
    inside = layers.under(layer.uid)
    holds = layer.kind.holds
    if holds is not None:
        keys = [(holds, each.uid) for each in inside if each.kind is LayerKind.ITEM]
        told = [_item(seen[key]) for key in keys if key in seen]
        if told:
            said[_IN_LAYERS[layer.kind]] = Parts(told)
    deeper = [_layer(layers, e, seen) for e in inside if e.kind is not LayerKind.ITEM]
    if deeper:
        said["mission_layers"] = deeper
    return said


def role_json(role: MissionRole) -> Json:
    """Return a role with what it may do."""
    return {"type": role, "permissions": list(role.permissions)}


_TOLD_AS = {
    ItemKind.HASH: "contentResource",
    ItemKind.MAP_LAYER: "mapLayer",
    ItemKind.EXTERNAL: "externalData",
    ItemKind.FEED: "missionFeed",
}


def changes_json(
    mission: Mission, changes: Iterable[WrittenChange], by: Principal, feeds: DataFeeds
) -> Parts:
    """Return what happened to a mission, as far as somebody may know of that."""
    knows = feeds.known_to(by)
    of = f'"missionName":{encode(mission.name)},"missionGuid":{encode(mission.guid)}'
    return Parts([_change(of, each) for each in changes if knows(each)])


def _change(of: str, change: WrittenChange) -> str:
    at = _spell(change.at)
    return (
        f'{{"isFederatedChange":false,"type":"{change.type}",{of},"timestamp":"{at}",'
        f'"serverTime":"{at}","creatorUid":{encode(change.creator_uid)}{_subject(change)}}}'
    )


def _subject(change: WrittenChange) -> str:
    if not change.kind:
        return ""
    if change.kind != ItemKind.UID:
        is_feed = change.kind == ItemKind.FEED
        said = feed_json(change.details) if is_feed else change.details
        return f',"{_TOLD_AS[ItemKind(change.kind)]}":{said}'
    details = f',"details":{change.details}' if change.details != "{}" else ""
    return f',"contentUid":{encode(change.name)}{details}'


def squashed(changes: Sequence[WrittenChange]) -> list[WrittenChange]:
    """Return the last change of each item, in order, and all that are of none."""
    last: dict[object, WrittenChange] = {}
    for number, each in enumerate(changes):
        key = (each.kind, each.name) if each.kind else number
        last.pop(key, None)
        last[key] = each
    return list(last.values())


def subscription_json(each: Subscription, token: str = "") -> Json:
    """Return who takes part, with the token where it is he who asks."""
    said: Json = {
        "clientUid": each.client_uid,
        "username": each.person,
        "createTime": spell_unpadded(each.at),
        "role": role_json(each.role),
    }
    return {"token": token, **said} if token else said


def invitation_json(mission: Mission, each: Invitation, token: str = "") -> Json:
    """Return who is invited, with the token where it is he who asks."""
    said: Json = {
        "missionName": mission.name,
        "missionGuid": mission.guid,
        "invitee": each.invitee,
        "type": each.kind,
        "creatorUid": each.creator_uid,
        "createTime": spell_unpadded(each.at),
        "role": role_json(each.role),
    }
    return {"token": token, **said} if token else said


def log_json(entry: LogEntry, names: Iterable[str]) -> Mapping[str, object]:
    """Return an entry of the logs of these missions."""
    return {
        "id": entry.id,
        "content": entry.content,
        "creatorUid": entry.creator_uid,
        "missionNames": list(names),
        "servertime": spell(entry.changed),
        "dtg": entry.happened or spell(entry.created),
        "created": spell(entry.created),
        "contentHashes": list(entry.hashes),
        "keywords": list(entry.keywords),
    }


def entry_of(given: dict[str, object], by: Principal, now: datetime) -> LogEntry:
    """Return a new entry of what somebody said. 400 where that is none."""
    happened = text(given.get("dtg") or "", "dtg", most=64)
    if happened:
        try:
            datetime.fromisoformat(happened)
        except ValueError:
            refuse(400, "dtg is a moment such as 2026-01-02T03:04:05.678Z")
    return LogEntry(
        id=str(uuid.uuid4()),
        author=by.name,
        creator_uid=text(given.get("creatorUid") or by.name, "creatorUid"),
        content=text(given.get("content"), "content", most=MAX_CONTENT),
        happened=happened,
        created=now,
        changed=now,
        keywords=tuple(texts(given.get("keywords") or [], "keywords", most=100)),
        hashes=tuple(texts(given.get("contentHashes") or [], "contentHashes", most=100)),
    )
